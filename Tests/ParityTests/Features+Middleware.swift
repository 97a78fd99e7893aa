import Calling
import JSON
import Pipeline

// What stands around methods.
extension Feature {
    /// For a call that takes longer than it may.
    private static let slow = "delay: 9s\n\(hello)"

    private static func middleware(_ settings: String) -> String { "middleware: { \(settings) }" }

    static let middleware = [
        Feature("`request_id`") { desk in
            let own = try desk.call().metadata("x-request-id")
            return try own != nil && desk.call(metadata: [("x-request-id", "mine")]).metadata("x-request-id") == "mine"
        },
        Feature("`timeout`", slow, top: middleware("timeout: 2s")) { desk in
            let answer = try desk.call()
            return answer.call.code == .deadlineExceeded && answer.duration == 2_000_000_000
        },
        Feature(
            "`timeout`: the client's own deadline", slow, top: middleware("timeout: { default: 30s, maximum: 60s }")
        ) { desk in
            // Plain HTTP says it as any request does (RFC 7240).
            let answer =
                try desk.speech == .json
                ? desk.call(metadata: [("prefer", "wait=1")]) : desk.call(timeout: 1_000_000_000)
            return answer.call.code == .deadlineExceeded && answer.duration == 1_000_000_000
        },
        Feature("`ip_filter`", top: middleware("ip_filter: { deny: [192.0.2.0/24] }")) {
            try $0.call().call.code == .permissionDenied
        },
        Feature(
            "`headers`",
            "template: { message: { name: '{{ headers[\"x-a\"] }}' } }",
            top: middleware("headers: { request: { set: { x-a: one } }, response: { set: { x-b: two } } }")
        ) { desk in
            let answer = try desk.call()
            return answer.names == ["one"] && answer.metadata("x-b") == "two"
        },
        Feature("`cors`", top: middleware("cors: https://app.example.com")) { desk in
            let answer = try desk.call(metadata: [("origin", "https://app.example.com")])
            return answer.metadata("access-control-allow-origin") == "https://app.example.com"
        },
        Feature("`concurrency`", slow, top: middleware("concurrency: 1")) {
            try $0.second().call.code == .unavailable
        },
        Feature("`rate_limit`", top: middleware("rate_limit: { rate: 1/h }")) { desk in
            try desk.call().call.code == .ok && desk.call().call.code == .resourceExhausted
        },
        Feature(
            "`rate_limit` by a key that reads the message",
            middleware("rate_limit: { policies: { name: { rate: 1/h, key: request.name } } }") + "\n" + hello
        ) { desk in
            let bob = [#"{"name":"Bob"}"#]
            return try desk.call().call.code == .ok && desk.call(bob).call.code == .ok
                && desk.call().call.code == .resourceExhausted
        },
        Feature("`body_limit`: of each message", top: middleware("body_limit: 64")) { desk in
            let long = #"{"name":"\#(String(repeating: "a", count: 100))"}"#
            return try desk.call().call.code == .ok && desk.call([long]).call.code == .resourceExhausted
        },
        Feature("the limit of a message where nothing is said", "echo: {}") { desk in
            let (most, more) = (4 * 1024 * 1024, 4 * 1024 * 1024 + 100)
            func long(_ count: Int) -> String { #"{"name":"\#(String(repeating: "a", count: count))"}"# }
            return try desk.call([long(most - 200)]).call.code == .ok
                && desk.call([long(more)]).call.code == .resourceExhausted
        },
        Feature(
            "answers that are compressed, `compression` among them",
            "template: { message: { name: \"{{ lists.range(2000).map(n, 'a').join('') }}\" } }",
            top: middleware("compression: {}")
        ) { desk in try desk.isAnswerCompressed() },
        Feature("requests that are compressed") { desk in try desk.takesCompressedRequest() },
    ]
}
