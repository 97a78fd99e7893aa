package import Diagnostics
package import Manifests
package import Pipeline

/// `fault`: lets a share of the calls fail, for tests of the other side.
package struct Fault: ManifestValue {
    package var items: [Item]

    package static let doc = """
        Lets a share of the calls fail: `abort` answers with an error, `cut` closes the connection without an answer. \
        In a list the first draw that hits wins.
        """

    package static var schema: Schema { .anyOf([Item.schema, .array(Item.schema)]) }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Fault? {
        if node.items != nil { return [Item].decode(node, &findings).map { Fault(items: $0) } }
        return Item.decode(node, &findings).map { Fault(items: [$0]) }
    }

    package func written() -> Node { items.written() }

    package func stage() -> any Middleware { FaultStage(items: items, tester: nil) }

    package struct Item: ManifestSection {
        package var share = Share(fraction: 1)
        package var abort: DeclaredError?
        package var cut = false

        package init() {}

        package static let key = "a fault"
        package static let doc = Fault.doc
        package static let fields: [Field<Item>] = [
            Field("share", \.share, doc: "How many of the calls; all without it.", example: "10%"),
            Field("abort", \.abort, doc: "The error to answer with.", example: "{ code: UNAVAILABLE }"),
            Field("cut", \.cut, doc: "Close the connection without an answer.", example: "true"),
        ]

        package func lint(_ node: Node, _ findings: inout Findings) {
            let hasAbort = node["abort"] != nil
            if hasAbort == cut, node["cut"] == nil || cut {
                findings.report(
                    CatalogRules.oneOf,
                    hasAbort ? "a fault is either `abort` or `cut`" : "a fault needs `abort` or `cut`", at: node.range,
                    help: hasAbort ? "keep one of them" : "add `cut: true` or `abort: { code: UNAVAILABLE }`")
            }
        }
    }
}

/// Fails the calls that a draw hits, or those that a tester asks it for.
final class FaultStage: Middleware {
    let moments: Moments = [.admit]
    private let items: [Fault.Item]
    private let tester: TesterHeader?

    init(items: [Fault.Item], tester: TesterHeader?) {
        self.items = items
        self.tester = tester
    }

    func admit(_ exchange: inout Exchange) -> Verdict {
        if let tester {
            switch tester.asked(exchange) {
            case .nothing: break
            case .wish(let wish): return fulfil(wish, &exchange)
            case .refused(let failure):
                exchange.fail(failure)
                return .refuse
            }
        }
        for item in items {
            let draw = exchange.loop.state.pointee.random.fraction()
            guard draw < item.share.fraction else { continue }
            exchange.reason = .fault
            if item.cut { return .cut }
            if let abort = item.abort {
                exchange.fail(abort.failure)
                return .refuse
            }
        }
        return .proceed
    }

    private func fulfil(_ wish: TesterHeader.Wish, _ exchange: inout Exchange) -> Verdict {
        if wish.cut {
            exchange.reason = .fault
            return .cut
        }
        guard wish.abort != nil || wish.code != nil else { return .proceed }
        exchange.fail(
            Failure(
                wish.code ?? Code.forStatus(wish.abort ?? 500), "a tester asked for this", status: wish.abort,
                reason: .fault))
        return .refuse
    }

    func foretold(_ exchange: inout Exchange) -> String? {
        if let tester, case .nothing = tester.asked(exchange) {} else if tester != nil { return nil }
        // No draw is needed where all of them hit, or where there is none.
        guard let first = items.first, first.share.fraction < 1 else { return nil }
        let parts = items.map { item in
            let what = item.cut ? "cuts the connection of" : "answers \(item.abort?.failure.status ?? 500) to"
            return "\(what) \(item.share.inPercent) of the calls"
        }
        return parts.joined(separator: ", else ")
    }
}

/// An error as a manifest declares it, once for every protocol.
package struct DeclaredError: ManifestSection {
    package var code: CodeName?
    package var message: String?
    package var status: Int?
    package var retry: Timespan?

    package init() {}

    package static let key = "an error"
    package static let doc = "A failure: its code, what the caller may read, and when to try again."
    package static let fields: [Field<DeclaredError>] = [
        Field("code", \.code, doc: "One of gRPC's codes; its HTTP status goes with it.", example: "UNAVAILABLE"),
        Field("message", \.message, doc: "What the caller may read.", example: "try later"),
        Field(
            "status", \.status, doc: "The HTTP status, beside the code or instead of it.", example: "503",
            schema: .integer(minimum: 400, maximum: 599),
            check: isErrorStatus),
        Field("retry", \.retry, doc: "After what time a new try makes sense: `Retry-After`.", example: "2s"),
    ]

    static let isErrorStatus: @Sendable (Int, Node, inout Findings) -> Bool = { value, node, findings in
        if (400...599).contains(value) { return true }
        findings.report(
            CatalogRules.badStatus, "an error's status goes from 400 to 599", at: node.range,
            label: "expected 400 to 599", help: "503 is usual, or say `code: UNAVAILABLE`")
        return false
    }

    package func lint(_ node: Node, _ findings: inout Findings) { Self.lintCode(node, &findings) }

    static func lintCode(_ node: Node, _ findings: inout Findings) {
        if node["code"] == nil, node["status"] == nil {
            findings.report(
                CatalogRules.oneOf, "an error needs a `code` or a `status`", at: node.range,
                help: "add `code: UNAVAILABLE`")
        }
    }

    package var failure: Failure { Self.failure(code: code, message: message ?? "", status: status, retry: retry) }

    static func failure(code: CodeName?, message: String, status: Int?, retry: Timespan?) -> Failure {
        let code = code?.code ?? Code.forStatus(status ?? 500)
        // Whole seconds, rounded up: a client that comes too early comes for nothing (RFC 9110 section 10.2.3).
        let seconds = retry.map { time in
            Int(time.nanoseconds / 1_000_000_000) + (time.nanoseconds % 1_000_000_000 > 0 ? 1 : 0)
        }
        return Failure(code, message, status: status, retryAfter: seconds)
    }
}

/// A code by the name that manifests write.
package struct CodeName: ManifestValue, Hashable {
    package let code: Code

    private static let names: [(String, Code)] = Code.allCases.filter { $0 != .ok }.map {
        (String(describing: $0.name), $0)
    }

    package static var schema: Schema { .choice(names.map(\.0)) }

    package static func decode(_ node: Node, _ findings: inout Findings) -> CodeName? {
        let words = names.map(\.0)
        guard let scalar = node.scalar, scalar.value != .null else {
            findings.wrongType(node, expected: "a code such as `UNAVAILABLE`")
            return nil
        }
        let text = scalar.text
        if let found = names.first(where: { text.bytes.elementsEqual($0.0.utf8) }) { return CodeName(code: found.1) }
        let nearest = Suggest.nearest(text.string, among: words)
        findings.report(
            ManifestRules.unknownChoice, "`\(scalar.shortText)` is not one of gRPC's codes", at: node.range,
            label: "expected a code such as `UNAVAILABLE`",
            help: nearest.map { "did you mean `\($0)`?" } ?? "the codes are " + words.joined(separator: ", "),
            suggestion: nearest)
        return nil
    }

    package func written() -> Node { Node(string: String(describing: code.name)) }
}
