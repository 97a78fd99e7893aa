package import Diagnostics

extension RoutePattern {
    /// Reads the key of a route. The first mistake is reported, by the rule `bad-route`, and gives none.
    package static func parse(_ text: PlacedText, _ findings: inout Findings) -> RoutePattern? {
        var parser = RouteParser(text, RouteRules.badRoute)
        return parser.pattern(&findings)
    }

    /// The methods whose names are written wrongly more often than other names are meant.
    package static let commonMethods = [
        "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
    ]
}
