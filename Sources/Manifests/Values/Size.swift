package import Diagnostics

/// A number of bytes, as `1MiB`, `64KiB`, `512`.
package struct Size: ManifestValue, Hashable, Comparable {
    package let bytes: Int

    /// Negative counts are zero.
    package init(bytes: Int) {
        self.bytes = max(0, bytes)
    }

    package static func kibibytes(_ count: Int) -> Size { Size(bytes: count * 1024) }
    package static func mebibytes(_ count: Int) -> Size { Size(bytes: count * 1024 * 1024) }
    package static func < (a: Size, b: Size) -> Bool { a.bytes < b.bytes }

    private static let units: [(name: String, bytes: Int64)] = [
        ("", 1), ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40), ("KB", 1000),
        ("kB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
    ]

    package static var schema: Schema {
        .named(
            Schema.Kind(
                "size",
                doc: """
                    Bytes, or a number with its unit and without a space: `512`, `64KiB`, `1MiB`. `KiB`, `MiB`, `GiB` \
                    and `TiB` are powers of 1024, `KB`, `MB`, `GB` and `TB` powers of 1000.
                    """, examples: ["1MiB", "64KiB", "512"]),
            .anyOf([
                .within(low: "0", high: "9223372036854775807", .number),
                .string(pattern: "^[0-9]+(\\.[0-9]+)?(B|[KMGT]iB|[kKMGT]B)?$"),
            ]))
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Size? {
        guard let scalar = node.scalar, scalar.value != .null else {
            findings.wrongType(node, expected: "a size such as `64KiB`")
            return nil
        }
        let text = scalar.text.bytes
        let number = text.prefix { $0 >= 0x30 && $0 <= 0x39 || $0 == UInt8(ascii: ".") }
        let name = text.dropFirst(number.count)
        var what = "is not a size"
        var label = "expected a size such as `64KiB`"
        var suggestion: String?
        if text.first == UInt8(ascii: "-") {
            what = "is negative"
        } else if let unit = units.first(where: { name.elementsEqual($0.name.utf8) }), let decimal = Decimal(number) {
            if let bytes = decimal.times(unit.bytes).value, let bytes = Int(exactly: bytes) {
                return Size(bytes: bytes)
            }
            what = "is too large"
            label = "at most 8388607TiB"
        } else if Decimal(number) != nil, scalar.isAsWritten {
            suggestion = meant(name).map { String(decoding: number, as: UTF8.self) + $0 }
        }
        findings.report(
            ManifestRules.badSize, "`\(scalar.shortText)` \(what)", at: node.range, label: label,
            help: suggestion.map { "write `\($0)`" } ?? "sizes are written `512`, `64KiB`, `1MiB`",
            suggestion: suggestion)
        return nil
    }

    /// The unit whose first letter the name has: `k`, `Mb`, ` MiB`, `gigabytes`.
    private static func meant(_ name: ArraySlice<UInt8>) -> String? {
        let word = String(decoding: name.filter { $0 != 0x20 }, as: UTF8.self).lowercased()
        let known: [String: String] = [
            "b": "B", "byte": "B", "bytes": "B", "k": "KiB", "ki": "KiB", "kib": "KiB", "kb": "KB", "m": "MiB",
            "mi": "MiB", "mib": "MiB", "mb": "MB", "g": "GiB", "gi": "GiB", "gib": "GiB", "gb": "GB", "t": "TiB",
            "ti": "TiB", "tib": "TiB", "tb": "TB", "kilobytes": "KB", "megabytes": "MB", "gigabytes": "GB",
        ]
        return known[word]
    }

    package func written() -> Node { Node(plain: description) }
}

extension Size: CustomStringConvertible {
    /// In the largest unit that says it exactly.
    package var description: String {
        for (name, shift) in [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)]
        where bytes > 0 && bytes & ((1 << shift) - 1) == 0 { return "\(bytes >> shift)\(name)" }
        return String(bytes)
    }
}
