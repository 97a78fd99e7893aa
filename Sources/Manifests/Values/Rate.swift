package import Diagnostics

/// So many in a stretch of time, as `100/s`, `5/m`, `1000/h`, `20/d`.
package struct Rate: ManifestValue, Hashable {
    package enum Unit: String, Sendable, CaseIterable {
        case second = "s"
        case minute = "m"
        case hour = "h"
        case day = "d"

        package var timespan: Timespan {
            switch self {
            case .second: .seconds(1)
            case .minute: .minutes(1)
            case .hour: .hours(1)
            case .day: .hours(24)
            }
        }
    }

    /// At least 1.
    package let count: Int
    package let unit: Unit

    package init(_ count: Int, per unit: Unit) {
        self.count = max(1, count)
        self.unit = unit
    }

    package static var schema: Schema {
        .named(
            Schema.Kind(
                "rate", doc: "A whole number in a stretch of time: `100/s`, `5/m`, `1000/h`, `20/d`.",
                examples: ["100/s", "5/m"]),
            .string(pattern: "^0*[1-9][0-9]*/[smhd]$"))
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Rate? {
        guard let scalar = node.scalar, scalar.value != .null else {
            findings.wrongType(node, expected: "a rate such as `100/s`")
            return nil
        }
        let text = scalar.text.bytes
        let digits = text.prefix { $0 >= 0x30 && $0 <= 0x39 }
        let rest = String(decoding: text.dropFirst(digits.count), as: UTF8.self)
        let count = Int(String(decoding: digits, as: UTF8.self))
        var what = "is not a rate"
        var suggestion: String?
        if let count {
            if count > 0, let unit = Unit.allCases.first(where: { "/" + $0.rawValue == rest }) {
                return Rate(count, per: unit)
            }
            if rest.isEmpty { what = "does not say per what" }
            if count == 0 {
                what = "lets nothing through"
            } else if scalar.isAsWritten {
                suggestion = meant(rest).map { "\(count)/\($0.rawValue)" }
            }
        } else if !digits.isEmpty {
            what = "is too large"
        } else if text.first == UInt8(ascii: "-") {
            what = "is negative"
        }
        findings.report(
            ManifestRules.badRate, "`\(scalar.shortText)` \(what)", at: node.range,
            label: "expected a rate such as `100/s`",
            help: suggestion.map { "write `\($0)`" }
                ?? (count == 0 ? "write at least `1/d`, or `rate_limit: off` for no limit" : nil)
                    ?? "rates are written `100/s`, `5/m`, `1000/h`, `20/d`",
            suggestion: suggestion)
        return nil
    }

    private static func meant(_ rest: String) -> Unit? {
        var word = rest.lowercased().filter { $0 != " " }
        if word.hasPrefix("/") { word.removeFirst() } else if word.hasPrefix("per") { word.removeFirst(3) }
        switch word {
        case "", "s", "sec", "second", "rps", "1s": return .second
        case "m", "min", "minute", "rpm", "1m": return .minute
        case "h", "hour", "hr", "1h": return .hour
        case "d", "day", "24h": return .day
        default: return nil
        }
    }

    package func written() -> Node { Node(plain: "\(count)/\(unit.rawValue)") }
}
