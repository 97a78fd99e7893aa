package import Diagnostics

/// A length of time, as `250ms`, `2s`, `1h30m`: never negative, at most 292 years.
package struct Timespan: ManifestValue, Hashable, Comparable {
    package let nanoseconds: Int64

    /// Negative counts are zero.
    package init(nanoseconds: Int64) {
        self.nanoseconds = max(0, nanoseconds)
    }

    package static func milliseconds(_ count: Int64) -> Timespan { scaled(count, 1_000_000) }
    package static func seconds(_ count: Int64) -> Timespan { scaled(count, 1_000_000_000) }
    package static func minutes(_ count: Int64) -> Timespan { scaled(count, 60_000_000_000) }
    package static func hours(_ count: Int64) -> Timespan { scaled(count, 3_600_000_000_000) }

    private static func scaled(_ count: Int64, _ unit: Int64) -> Timespan {
        let (product, overflow) = count.multipliedReportingOverflow(by: unit)
        return Timespan(nanoseconds: overflow ? (count < 0 ? 0 : .max) : product)
    }

    package static func < (a: Timespan, b: Timespan) -> Bool { a.nanoseconds < b.nanoseconds }

    /// The units, largest first.
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000),
        ("ns", 1),
    ]

    package static var schema: Schema {
        .named(
            Schema.Kind(
                "duration",
                doc: """
                    Numbers with their units and without spaces: `250ms`, `2s`, `1h30m`. Units are `ns`, `us`, `ms`, `s`, \
                    `m` and `h`; `0` alone needs none.
                    """, examples: ["250ms", "2s", "1h30m"]),
            .anyOf([.string(pattern: "^(0|([0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h))+)$"), .integers([0])]))
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Timespan? {
        guard let scalar = node.scalar, scalar.value != .null else {
            findings.wrongType(node, expected: "a duration such as `250ms`")
            return nil
        }
        switch parse(scalar.text.bytes[...], guesses: scalar.isAsWritten) {
        case .value(let timespan): return timespan
        case .wrong(let wrong):
            findings.report(
                ManifestRules.badDuration, wrong.message(scalar.shortText), at: node.range, label: wrong.label,
                help: wrong.suggestion.map { "write `\($0)`" } ?? "durations are written `250ms`, `2s`, `1h30m`",
                suggestion: wrong.suggestion)
            return nil
        }
    }

    /// Reads what `decode` takes, for text from elsewhere.
    package init?(_ text: String) {
        guard case .value(let value) = Self.parse(Array(text.utf8)[...], guesses: false) else { return nil }
        self = value
    }

    private enum Parsed {
        case value(Timespan)
        case wrong(Wrong)
    }

    private struct Wrong {
        var what = "is not a duration"
        var label = "expected a duration such as `250ms`"
        var suggestion: String?

        func message(_ text: String) -> String { "`\(text)` \(what)" }
    }

    /// - Parameter guesses: whether to look for what was meant, if it is wrong.
    private static func parse(_ text: ArraySlice<UInt8>, guesses: Bool = true) -> Parsed {
        func wrong() -> Parsed { .wrong(guesses ? complain(text) : Wrong()) }
        var rest = text
        var total: Int64 = 0
        var isPositive = false
        if rest == [UInt8(ascii: "0")] { return .value(Timespan(nanoseconds: 0)) }
        while !rest.isEmpty {
            let number = rest.prefix { $0 >= 0x30 && $0 <= 0x39 || $0 == UInt8(ascii: ".") }
            rest = rest.dropFirst(number.count)
            let name = rest.prefix { !($0 >= 0x30 && $0 <= 0x39) }
            guard !number.isEmpty else { return wrong() }
            guard let unit = units.first(where: { name.elementsEqual($0.name.utf8) }),
                let part = Decimal(number)?.times(unit.nanoseconds)
            else { return wrong() }
            guard let part = part.value, case let (sum, overflow) = total.addingReportingOverflow(part), !overflow
            else {
                return .wrong(Wrong(what: "is too long", label: "at most 292 years"))
            }
            total = sum
            isPositive = true
            rest = rest.dropFirst(name.count)
        }
        return isPositive ? .value(Timespan(nanoseconds: total)) : wrong()
    }

    private static let otherNames: [String: String] = [
        "": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "m", "mins": "m", "minute": "m",
        "minutes": "m", "hour": "h", "hours": "h", "hr": "h", "hrs": "h", "msec": "ms", "millis": "ms",
        "milliseconds": "ms", "millisecond": "ms", "\u{B5}s": "us", "\u{3BC}s": "us", "usec": "us",
        "microseconds": "us",
        "nanoseconds": "ns",
    ]

    /// What to say of a text that is no duration, with the duration that was likely meant.
    private static func complain(_ text: ArraySlice<UInt8>) -> Wrong {
        let string = String(decoding: text, as: UTF8.self)
        if text.first == UInt8(ascii: "-") {
            return Wrong(what: "is negative", label: "expected a duration that is not negative")
        }
        let isNumber = text.allSatisfy { $0 >= 0x30 && $0 <= 0x39 || $0 == UInt8(ascii: ".") } && Decimal(text) != nil
        if isNumber {
            return Wrong(
                what: "has no unit", label: "expected a duration such as `\(string)s`", suggestion: string + "s")
        }
        // Each number with the unit its name is closest to.
        var mended = ""
        var rest = text.filter { $0 != 0x20 }[...]
        while let digit = rest.first, digit >= 0x30 && digit <= 0x39 {
            let number = rest.prefix { $0 >= 0x30 && $0 <= 0x39 || $0 == UInt8(ascii: ".") }
            rest = rest.dropFirst(number.count)
            let name = rest.prefix { !($0 >= 0x30 && $0 <= 0x39) }
            rest = rest.dropFirst(name.count)
            let word = String(decoding: name, as: UTF8.self).lowercased()
            if word == "d" || word == "day" || word == "days" {
                guard let days = Int64(String(decoding: number, as: UTF8.self)), days < 100_000 else { return Wrong() }
                mended += "\(days * 24)h"
                continue
            }
            guard let unit = units.first(where: { $0.name == word })?.name ?? otherNames[word] else { return Wrong() }
            mended += String(decoding: number, as: UTF8.self) + unit
        }
        guard rest.isEmpty, case .value = parse(Array(mended.utf8)[...], guesses: false) else { return Wrong() }
        return Wrong(suggestion: mended)
    }

    package func written() -> Node { Node(plain: description) }
}

extension Timespan: CustomStringConvertible {
    /// As a manifest says it: `1h30m`, `1500ms`.
    package var description: String {
        if nanoseconds == 0 { return "0s" }
        var rest = nanoseconds
        var text = ""
        for unit in Self.units where rest >= unit.nanoseconds {
            text += "\(rest / unit.nanoseconds)\(unit.name)"
            rest %= unit.nanoseconds
        }
        return text
    }
}
