import JSON
package import Transport

/// `/livez` and `/healthz`: whether the process does its work at all. A server that drains is alive.
package struct Liveness: Endpoint {
    package let path: String
    package let about: String
    package let isOpen = true
    package let isOnProbes = true
    private let pulse: LoopPulse

    package init(_ path: String, about: String, pulse: LoopPulse) {
        self.path = path
        self.about = about
        self.pulse = pulse
    }

    package func reply(to request: AdminRequest) -> AdminReply {
        let reasons = pulse.late().map { loop in
            Readiness.Reason("stuck", "event loop \(loop) has not turned for more than 10 seconds")
        }
        return .now(HealthAnswer.make(reasons, good: "ok", bad: "not live", request))
    }
}

/// `/readyz`: whether it wants requests.
package struct Ready: Endpoint {
    package let path = "/readyz"
    package let about = "whether it wants requests, with reasons; 503 if not"
    package let isOpen = true
    package let isOnProbes = true
    private let readiness: Readiness

    package init(_ readiness: Readiness) { self.readiness = readiness }

    package func reply(to request: AdminRequest) -> AdminReply {
        .now(HealthAnswer.make(readiness.current, good: "ready", bad: "not ready", request))
    }
}

enum HealthAnswer {
    static func make(
        _ reasons: [Readiness.Reason], good: String, bad: String, _ request: AdminRequest
    ) -> AdminAnswer {
        let status = reasons.isEmpty ? 200 : 503
        if request.form(.text, .json) == .json {
            let list = reasons.map { JSONValue.object([("reason", .string($0.name)), ("message", .string($0.text))]) }
            let word = reasons.isEmpty ? good : bad.replacing(" ", with: "_")
            return .json(.object([("status", .string(word)), ("reasons", .array(list))]), status: status)
        }
        let lines = [reasons.isEmpty ? good : bad] + reasons.map { "\($0.name): \($0.text)" }
        return .text(lines.map { $0 + "\n" }.joined(), status: status)
    }
}
