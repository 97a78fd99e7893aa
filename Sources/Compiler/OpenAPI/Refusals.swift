import JSON
import Pipeline

/// The statuses by which what stands around an answer refuses a call.
struct Refusals {
    let statuses: [Int]

    /// - Parameter takesBody: whether a request has one, which can be too large.
    init(_ chain: [StageSummary], takesBody: Bool) {
        var statuses: [Int] = []
        // What is on trial refuses nobody.
        for stage in chain where !stage.shownName.hasSuffix("(shadow)") {
            switch stage.name {
            case "timeout": statuses.append(504)
            case "ip_filter": statuses.append(403)
            case "concurrency": statuses.append(503)
            case "rate_limit": statuses.append(429)
            case "body_limit" where takesBody: statuses.append(413)
            default: continue
            }
        }
        self.statuses = Array(Set(statuses)).sorted()
    }

    static func response(_ status: Int, _ content: APIOperation.Content) -> APIOperation.Response {
        APIOperation.Response(
            description: phrase(status), headers: status == 429 || status == 503 ? ["retry-after"] : [],
            content: content)
    }

    static func phrase(_ status: Int) -> String {
        let phrase = String(describing: StatusLine.phrase(status))
        return phrase.isEmpty ? "Status \(status)" : phrase
    }
}
