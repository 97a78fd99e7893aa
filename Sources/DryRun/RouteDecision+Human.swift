import Compiler
import Diagnostics
import JSON
import Pipeline

/// A decision for people: what happens first, then why, then what else there is.
extension RouteDecision {
    /// More patterns than this are only counted.
    private static let shownOthers = 10

    package func human(inColour: Bool = false) -> String {
        var out = HumanRenderer.safe("\(request.method) \(request.target)") + "\n"
        if inColour { out = "\u{1B}[1m" + out.dropLast() + "\u{1B}[0m\n" }
        out += TextTable.text(facts, indent: "  ")
        for (heading, rows) in sections where !rows.isEmpty {
            out += "\n" + (inColour ? "\u{1B}[1m\(heading)\u{1B}[0m" : heading) + "\n"
            out += TextTable.text(rows, indent: "  ")
        }
        return out
    }

    // MARK: What happens

    private var facts: [[String]] {
        var rows = [["host", request.host + (request.saysHost ? "" : " (none was given)")]]
        if request.client != AskedRequest.nearby { rows.append(["client", request.client]) }
        if !request.body.isEmpty {
            let type = request.contentType.map { ", \($0)" } ?? ", without a content type"
            rows.append(["body", "\(request.body.count) bytes" + type])
        }
        rows.append(["answer", answer])
        if let location { rows.append(["location", location]) }
        if let allow { rows.append(["allow", allow.isEmpty ? "nothing" : allow]) }
        if let route, let pattern {
            rows.append(["route", "\(pattern), service \(route.service), \(route.place.shown)"])
        }
        if face.isCall, let method = route?.method {
            let end = code.map { ", ends with \($0.name)" } ?? ""
            rows.append(["call", "\(method.fullName) by \(face.shownName)\(end)"])
        }
        if outcome == .redirect {
            rows.append(["then", next.map { "\($0.pattern), \($0.route.place.shown)" } ?? "404"])
        }
        for (number, wildcard) in wildcards.enumerated() {
            rows.append([number == 0 ? "wildcards" : "", "\(wildcard.name) = \(Self.quoted(wildcard.value))"])
        }
        return rows
    }

    private var answer: String {
        var text = status.map { "\($0) \(StatusLine.phrase($0))" } ?? "known only when it is served"
        if stages.contains(where: { $0.act == .cuts }) { text = "none" }
        switch outcome {
        case .badRequest: text += ": " + (message ?? "the request cannot be read")
        case .notFound, .methodNotAllowed, .redirect:
            if let refusedBy { text += ", refused by \(refusedBy)" }
            if let message { text += ": " + message }
        case .route:
            if route == nil {
                text += ", from a method that is built in"
            } else if let refusedBy {
                text += refusedBy == "cases" ? ", no case could be chosen" : ", from \(refusedBy)"
            } else {
                let which = chosenCase > 0 ? " of case \(chosenCase)" : ""
                text += ", from `\(responder ?? "")`" + which
            }
            if let message { text += ": " + message }
        }
        return text
    }

    // MARK: Why

    private var sections: [(String, [[String]])] {
        [
            ("cases, the first that is true answers", cases.enumerated().map(row)),
            ("middleware, in its order", stages.flatMap(rows)),
            (othersHeading, othersRows),
        ]
    }

    private func row(_ number: Int, _ item: Case) -> [String] {
        let result: String
        switch item.result {
        case nil: result = "not evaluated"
        case .success(let truth)?: result = "\(truth)"
        case .failure(let wrong)?: result = "error: \(wrong.message)"
        }
        let mark = item.isChosen ? "\(number + 1) ->" : "\(number + 1)"
        return [mark, Self.cut(item.summary.when), result, item.summary.place?.shown ?? ""]
    }

    private func rows(_ stage: Stage) -> [[String]] {
        var rows = stage.summary.settings.map { setting in
            let isShort =
                setting.key.isEmpty || setting.key == stage.summary.shortKey && stage.summary.settings.count == 1
            let value = (isShort ? "" : setting.key + ": ") + setting.value
            let scope = setting.origin == .standard ? "" : "\(setting.origin.rawValue), "
            return ["", Self.cut(value), setting.place.map { scope + $0.shown } ?? "default"]
        }
        if let words = words(stage) { rows.append(["", words]) }
        if rows.isEmpty { rows.append(["", ""]) }
        rows[0][0] = stage.summary.shownName
        return rows
    }

    private func words(_ stage: Stage) -> String? {
        switch stage.act {
        case .passes, .isNotAsked: stage.summary.name == "cases" ? choice : nil
        case .foretold(let words): "=> \(words)"
        case .waits: "=> waits for something outside"
        case .refuses: "=> refuses\(status.map { " with \($0)" } ?? "")"
        case .answers: "=> answers\(status.map { " \($0)" } ?? "")"
        case .wouldRefuse: "=> would refuse it, but is on trial: `mode: shadow`"
        case .staysOut: "=> stays out: its `when` is false"
        case .cuts: "=> closes the connection without an answer"
        case .isNotReached: "=> is not reached"
        }
    }

    private var choice: String {
        chosenCase > 0 ? "=> chooses case \(chosenCase)" : "=> none is true: the route's own responder answers"
    }

    private var othersHeading: String {
        switch outcome {
        case .route: "other patterns"
        case .redirect: "other patterns for \(HumanRenderer.safe(String(decoding: path, as: UTF8.self)))"
        default: "the nearest patterns"
        }
    }

    private var othersRows: [[String]] {
        var rows = others.prefix(Self.shownOthers).map { [$0.pattern.description, words($0), $0.route.place.shown] }
        let left = others.count - rows.count
        if left > 0 { rows.append(["and \(left) more, which `--format json` lists"]) }
        return rows
    }

    // MARK: Text

    private static func quoted(_ text: String) -> String {
        var out = ByteWriter(capacity: 64)
        out.append(jsonString: text)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    /// Long values are in the manifest, at the place beside them.
    private static func cut(_ text: String) -> String { text.count > 60 ? text.prefix(59) + "…" : text }
}

extension Face {
    fileprivate var shownName: String {
        switch self {
        case .http: "HTTP"
        case .grpc: "gRPC"
        case .grpcWeb, .grpcWebText: "gRPC-Web"
        case .connect, .connectStream: "Connect"
        case .json: "HTTP with JSON"
        }
    }
}

extension SourceRange {
    /// `orders.yaml:12:7`
    fileprivate var shown: String { "\(source.name):\(from.line):\(from.column)" }
}
