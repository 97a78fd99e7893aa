package import Diagnostics
package import Manifests
package import Pipeline

/// `timeout`: how long a call may take.
package struct Timeout: PolicySection {
    package var `default` = Timespan.seconds(30)
    package var maximum: Timespan?
    package var controls = PolicyControls()

    package init() {}

    package static let key = "timeout"
    package static let doc = """
        Ends a call that takes too long with 504. The time covers everything: reading the body, waiting, answering. Of \
        a stream (`messages`) it covers all up to the head of the answer; how long the stream goes on is its own. What \
        waits, in a queue or a delay, ends then too. A gRPC call ends with `DEADLINE_EXCEEDED`; its client says how long \
        it waits (`grpc-timeout`), and a call that streams has that time alone, and `maximum`.
        """
    package static let short: String? = "default"
    package static let fields: [Field<Timeout>] =
        [
            Field(
                "default", \.default, doc: "How long a call may take whose client does not say.", example: "2s",
                check: isPositive),
            Field(
                "maximum", \.maximum,
                doc: """
                    Lets clients say how long they wait, up to this: `Prefer: wait=10` (RFC 7240, in seconds) sets the time \
                    of its call to 10 s, or to this if that is less. Without it nobody can. No call takes longer. A gRPC client \
                    may ask for more than `default` in its own way.
                    """,
                example: "60s", check: isPositive),
        ] + policyFields

    private static let isPositive: @Sendable (Timespan, Node, inout Findings) -> Bool = { value, node, findings in
        if value.nanoseconds > 0 { return true }
        findings.report(
            CatalogRules.badTimeout, "a timeout of nothing would end every call", at: node.range,
            help: "write a time such as `2s`; for none leave it out, or write `timeout: off`")
        return false
    }

    package func lint(_ node: Node, _ findings: inout Findings) {
        // A default that this scope does not say is a wider one's.
        guard let maximum, node.entry("default") != nil, maximum < `default`, let range = node["maximum"]?.range else {
            return
        }
        findings.report(
            CatalogRules.badRange, "the maximum \(maximum) is below the default \(`default`)", at: range,
            help: "write `maximum: \(`default`)` or more, or a smaller `default`", suggestion: "\(`default`)")
    }

    package func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)? {
        Stage(nanoseconds: min(`default`, maximum ?? `default`).nanoseconds, maximum: maximum?.nanoseconds)
    }

    private final class Stage: Middleware {
        let moments: Moments = [.admit]
        private let nanoseconds: Int64
        private let maximum: Int64?

        init(nanoseconds: Int64, maximum: Int64?) {
            self.nanoseconds = nanoseconds
            self.maximum = maximum
        }

        func admit(_ exchange: inout Exchange) -> Verdict {
            if exchange.face.isCall { return admitCall(&exchange) }
            var time = nanoseconds
            if let maximum, let asked = Self.asked(exchange.head) { time = min(asked, maximum) }
            exchange.deadline = min(exchange.deadline, LoopClock.later(exchange.started, time))
            return .proceed
        }

        /// `exchange.deadline` is the client's already, where `grpc-timeout` says one.
        private func admitCall(_ exchange: inout Exchange) -> Verdict {
            // HTTP with JSON has no way of its own.
            if exchange.face == .json, maximum != nil, let asked = Self.asked(exchange.head) {
                exchange.deadline = min(exchange.deadline, LoopClock.later(exchange.started, asked))
            }
            let isStream = exchange.route.pointee.clientStreams || exchange.route.pointee.serverStreams
            let asks = exchange.deadline != .max
            if let time = isStream || asks && maximum != nil ? maximum : nanoseconds {
                exchange.deadline = min(exchange.deadline, LoopClock.later(exchange.started, time))
            }
            return .proceed
        }

        /// What `Prefer: wait=N` asks for (RFC 7240 section 4.3), in nanoseconds. The first counts; what cannot be read, or is
        /// no time at all, does not.
        private static func asked(_ head: borrowing Head) -> Int64? {
            for index in 0..<head.fieldCount where isPrefer(head.slice(head.fields[index].name)) {
                for item in head.slice(head.fields[index].value).split(separator: UInt8(ascii: ",")) {
                    // Parameters behind a semicolon say more of a preference, and none is known of this one.
                    guard let first = item.split(separator: UInt8(ascii: ";")).first else { continue }
                    let parts = first.split(
                        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                    guard parts.count == 2, isWait(trimmed(parts[0])) else { continue }
                    guard let seconds = number(trimmed(parts[1])), seconds > 0 else { return nil }
                    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
                    return overflow ? .max : product
                }
            }
            return nil
        }

        private typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

        private static func isPrefer(_ name: UnsafeBufferPointer<UInt8>) -> Bool { isWord(name[...], "prefer") }
        private static func isWait(_ name: Bytes) -> Bool { isWord(name, "wait") }

        /// - Parameter word: of letters in lower case.
        private static func isWord(_ bytes: Bytes, _ word: StaticString) -> Bool {
            guard bytes.count == word.utf8CodeUnitCount else { return false }
            return zip(bytes, UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
                .allSatisfy { $0 | 0x20 == $1 }
        }

        private static func trimmed(_ bytes: Bytes) -> Bytes {
            let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
            var rest = bytes.drop(while: isSpace)
            while let last = rest.last, isSpace(last) { rest = rest.dropLast() }
            return rest
        }

        /// Decimal digits, in quotes or not; nil for anything else, or too many.
        private static func number(_ bytes: Bytes) -> Int64? {
            var digits = bytes
            if digits.count >= 2, digits.first == UInt8(ascii: "\""), digits.last == UInt8(ascii: "\"") {
                digits = digits.dropFirst().dropLast()
            }
            guard !digits.isEmpty, digits.count <= 10, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
            return digits.reduce(0 as Int64) { $0 &* 10 &+ Int64($1 &- 0x30) }
        }
    }
}
