import Calling
import JSON
import Pipeline

// What methods answer.
extension Feature {
    private static let names = "template: { messages: [{ name: a }, { name: b }, { name: c }] }"

    static let answers = [
        Feature("`template` with a `message`") { try $0.call().names == ["Hello Ann"] },
        Feature("`echo`", "echo: {}") { try $0.call().names == ["Ann"] },
        Feature("`messages`: a server stream", on: "Down", names) { try $0.call().names == ["a", "b", "c"] },
        Feature(
            "a client stream", on: "Up",
            "template: { message: { name: \"{{ requests.map(r, r.name).join('+') }}\" } }"
        ) { try $0.call([#"{"name":"a"}"#, #"{"name":"b"}"#]).names == ["a+b"] },
        Feature(
            "a stream both ways", on: "Both", "template: { message: { name: \"{{ request.name }}!\" } }"
        ) { try $0.call([#"{"name":"a"}"#, #"{"name":"b"}"#]).names == ["a!", "b!"] },
        Feature("over HTTP/1.1: one message each way") { try $0.answersHTTP1(with: "Hello Ann") },
        Feature("over HTTP/1.1: a server stream", on: "Down", "template: { messages: [{ name: one }, { name: two }] }")
        {
            try $0.answersHTTP1(with: "two")
        },
        Feature("over HTTP/1.1: a client stream", on: "Up", "template: { message: { name: done } }") {
            try $0.answersHTTP1(with: "done")
        },
        Feature("over HTTP/1.1: a stream both ways", on: "Both", "template: { message: { name: one } }") {
            try $0.answersHTTP1(with: "one")
        },
        Feature(
            "`interval` and `delay` in a stream", on: "Down",
            "template: { messages: [{ name: a }, { delay: 5s, message: { name: b } }, { name: c }], interval: 2s }"
        ) { desk in
            let answer = try desk.call()
            return answer.names == ["a", "b", "c"] && answer.duration == 7_000_000_000
        },
        Feature(
            "`on_end`", on: "Both", "template: { message: { name: one }, on_end: [{ name: bye }] }"
        ) { try $0.call([#"{"name":"a"}"#]).names == ["one", "bye"] },
        Feature("`metadata`", "template: { message: {}, metadata: { x-a: one, x-b-bin: two } }") { desk in
            let answer = try desk.call()
            return answer.metadata("x-a") == "one" && answer.metadata("x-b-bin") == "dHdv"
        },
        Feature("`trailers`", "template: { message: {}, trailers: { x-a: one } }") {
            try $0.call().trailer("x-a") == "one"
        },
        Feature(
            "`trailers` of a stream", on: "Down", "template: { messages: [{ name: a }], trailers: { x-a: one } }"
        ) { try $0.call().trailer("x-a") == "one" },
        Feature("`error`: code and message", "template: { error: { code: NOT_FOUND, message: nobody here } }") { desk in
            let answer = try desk.call().call
            return answer.code == .notFound && answer.error == "nobody here" && answer.messages.isEmpty
        },
        Feature(
            "`details` and `retry` of an error",
            """
            template:
              error:
                code: UNAVAILABLE
                retry: 2s
                details: [{ google.rpc.ErrorInfo: { reason: BUSY } }]
            """
        ) { desk in
            let details = try desk.call().call.details
            return details.contains("google.rpc.ErrorInfo") && details.contains("google.rpc.RetryInfo")
        },
        Feature(
            "an error behind messages", on: "Down",
            "template: { messages: [{ name: a }, { name: b }], error: { code: ABORTED, message: enough } }"
        ) { desk in
            let answer = try desk.call()
            return answer.names == ["a", "b"] && answer.call.code == .aborted && answer.call.error == "enough"
        },
        Feature(
            "`cases`",
            """
            cases: [{ when: request.name == 'Bob', template: { error: { code: ALREADY_EXISTS } } }]
            \(hello)
            """
        ) { desk in
            let other = try desk.call([#"{"name":"Bob"}"#])
            return try desk.call().names == ["Hello Ann"] && other.call.code == .alreadyExists
        },
        Feature(
            "`variables`", "variables: { a: request.name + '!' }\ntemplate: { message: { name: '{{ variables.a }}' } }"
        ) { try $0.call().names == ["Ann!"] },
        Feature("metadata of the call in expressions", "template: { message: { name: '{{ headers[\"x-a\"] }}' } }") {
            try $0.call(metadata: [("x-a", "one")]).names == ["one"]
        },
        Feature("`delay`", "delay: 3s\n\(hello)") { desk in
            let answer = try desk.call()
            return answer.names == ["Hello Ann"] && answer.duration == 3_000_000_000
        },
        Feature("`fault` with `abort`", "fault: { abort: { code: UNAVAILABLE, message: out } }\n\(hello)") { desk in
            let answer = try desk.call().call
            return answer.code == .unavailable && answer.error == "out"
        },
        Feature("`fault` with `cut`", "fault: { cut: true }\n\(hello)") { try $0.isCut() },
    ]
}
