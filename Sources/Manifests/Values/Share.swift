package import Diagnostics

/// A part of a whole, from 0 to 1, as `0.1` or `10%`.
package struct Share: ManifestValue, Hashable, Comparable {
    /// 0 to 1.
    package let fraction: Double

    package init(fraction: Double) {
        self.fraction = fraction.isNaN ? 0 : min(max(fraction, 0), 1)
    }

    /// `10%`.
    package var inPercent: String {
        let percent = (fraction * 1e10).rounded() / 1e8
        return (percent == percent.rounded() ? "\(Int(percent))" : "\(percent)") + "%"
    }

    package static func < (a: Share, b: Share) -> Bool { a.fraction < b.fraction }

    package static var schema: Schema {
        .named(
            Schema.Kind(
                "share", doc: "A part of all: `0.1` or `10%`, from 0 to 1 or from 0% to 100%.",
                examples: ["10%", "0.1"]),
            .anyOf([
                .within(low: "0", high: "1", .number),
                .string(pattern: "^(0+(\\.[0-9]+)?|0*1(\\.0+)?|(0*[1-9]?[0-9](\\.[0-9]+)?|0*100(\\.0+)?)%)$"),
            ]))
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Share? {
        guard let scalar = node.scalar, scalar.value != .null else {
            findings.wrongType(node, expected: "a share such as `10%`")
            return nil
        }
        let text = scalar.text.bytes
        let isPercent = text.last == UInt8(ascii: "%")
        let number = isPercent ? text.dropLast() : text[...]
        var value = Decimal(number) == nil ? nil : Double(String(decoding: number, as: UTF8.self))
        // `1e-5` is a number of YAML too.
        if case .float(let small) = scalar.value, small >= 0, small <= 1 { value = small }
        if let value, value.isFinite, value <= (isPercent ? 100 : 1) {
            return Share(fraction: isPercent ? value / 100 : value)
        }
        var suggestion: String?
        var what = "is not a share"
        if let value {
            what = "is more than the whole"
            if !isPercent, value <= 100, scalar.isAsWritten {
                suggestion = String(decoding: number, as: UTF8.self) + "%"
            }
        } else if text.first == UInt8(ascii: "-") {
            what = "is negative"
        }
        findings.report(
            ManifestRules.badShare, "`\(scalar.shortText)` \(what)", at: node.range,
            label: "expected a share such as `10%`",
            help: suggestion.map { "write `\($0)`" } ?? "shares are written `0.1` or `10%`, from 0 to 1",
            suggestion: suggestion)
        return nil
    }

    package func written() -> Node { Node(plain: fraction.description) }
}
