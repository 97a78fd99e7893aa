/// What a manifest is held to.
package enum Profile: String, Sendable, CaseIterable {
    /// It can be served.
    case standard = "default"
    /// It can be served to the world, day and night: `ProductionRules` hold as well.
    case production
}
