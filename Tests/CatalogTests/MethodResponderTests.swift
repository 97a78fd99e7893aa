import Catalog
import Diagnostics
import JSON
import Manifests
import Pipeline
import Testing

/// Templates and echoes of methods, step by step and without a socket.
@Suite struct MethodResponderTests {
    private func made<Section: ManifestSection & ResponderSection>(
        _ section: Section.Type, _ yaml: String, _ name: String
    ) throws -> (MethodBench, any Responder) {
        let bench = try MethodBench(MethodBench.proto, name)
        let (responder, findings) = try bench.responder(section, yaml)
        return (bench, try #require(responder, "\(findings)"))
    }

    @Test func oneMessageAnswersOne() throws {
        let (bench, responder) = try made(
            MethodTemplate.self,
            "{ message: { name: 'Hi {{ request.name }}' }, metadata: { x-a: 'v{{ request.count }}', k-bin: hi }, trailers: { t: z } }",
            "Unary")
        try bench.receive(#"{"name":"Ann","count":2}"#)
        #expect(responder.start(&bench.exchange.pointee) == .done)
        #expect(bench.sent() == [#"{"name":"Hi Ann"}"#])
        #expect(bench.header("x-a") == "v2")
        #expect(bench.header("k-bin") == "aGk")
        #expect(bench.trailers == "t: z\r\n")
    }

    @Test func whatMetadataCannotHoldIsTheServersFault() throws {
        let (bench, responder) = try made(
            MethodTemplate.self, "{ message: {}, metadata: { x-a: '{{ request.name }}' } }", "Unary")
        try bench.receive(#"{"name":"Änn"}"#)
        #expect(responder.start(&bench.exchange.pointee) == .fail)
        #expect(bench.exchange.pointee.failure?.code == .internal)
    }

    @Test func anErrorHasDetails() throws {
        let (bench, responder) = try made(
            MethodTemplate.self,
            "{ error: { code: NOT_FOUND, message: 'no {{ request.name }}', retry: 2s, details: ["
                + "{ google.rpc.ErrorInfo: { reason: '{{ request.name }}' } }, { '@type': demo.Line, sku: a } ] } }",
            "Unary")
        try bench.receive(#"{"name":"x"}"#)
        #expect(responder.start(&bench.exchange.pointee) == .fail)
        let made = bench.exchange.pointee.failure
        let failure = try #require(made)
        #expect(failure.code == .notFound)
        #expect(failure.message == "no x")
        #expect(failure.retryAfter == 2)
        #expect(
            failure.details == [
                ErrorDetail(type: "google.rpc.ErrorInfo", bytes: [0x0A, 1, 0x78]),
                ErrorDetail(type: "demo.Line", bytes: [0x0A, 1, 0x61]),
            ])
    }

    @Test func aStreamWaitsAndStopsWhereThereIsNoRoom() throws {
        let (bench, responder) = try made(
            MethodTemplate.self,
            "{ messages: [{ count: '{{ index + 1 }}' }, { delay: 2s, message: { count: '{{ index + 1 }}' } }, { count: 9 }],"
                + " interval: 1s, error: { code: ABORTED } }", "Server")
        try bench.receive("{}")
        #expect(responder.start(&bench.exchange.pointee) == .wait)
        #expect(bench.sent() == [#"{"count":1}"#])
        bench.exchange.pointee.response.isSent = true
        #expect(bench.exchange.pointee.wakeAt == LoopClock.later(bench.now, 2_000_000_000))
        bench.exchange.pointee.room = 1
        #expect(responder.resume(&bench.exchange.pointee) == .blocked)
        #expect(bench.sent() == [#"{"count":2}"#])
        #expect(responder.resume(&bench.exchange.pointee) == .wait)
        #expect(responder.resume(&bench.exchange.pointee) == .blocked)
        #expect(bench.sent() == [#"{"count":9}"#])
        #expect(responder.resume(&bench.exchange.pointee) == .breakOff)
        #expect(bench.exchange.pointee.failure?.code == .aborted)
    }

    @Test func aListGivesTheMessages() throws {
        let (bench, responder) = try made(
            MethodTemplate.self, "{ messages: '{{ request.tags.map(t, {\"name\": t}) }}' }", "Server")
        try bench.receive(#"{"tags":["a","b"]}"#)
        #expect(responder.start(&bench.exchange.pointee) == .done)
        #expect(bench.sent() == [#"{"name":"a"}"#, #"{"name":"b"}"#])
    }

    @Test func aClientsStreamIsAnsweredAtItsEnd() throws {
        let (bench, responder) = try made(
            MethodTemplate.self, "{ message: { count: '{{ size(requests) }}', name: '{{ requests[1].name }}' } }",
            "Client")
        #expect(responder.intake == .messages)
        #expect(responder.start(&bench.exchange.pointee) == .needInput)
        for name in ["a", "b", "c"] {
            try bench.receive(#"{"name":"\#(name)"}"#)
            #expect(responder.input(&bench.exchange.pointee) == .needInput)
        }
        bench.end()
        #expect(responder.input(&bench.exchange.pointee) == .done)
        #expect(bench.sent() == [#"{"count":3,"name":"b"}"#])
    }

    @Test func eachMessageHasItsReply() throws {
        let (bench, responder) = try made(
            MethodTemplate.self,
            "{ message: { name: '{{ request.name }}{{ size(requests) }}' }, on_end: [{ name: bye }], error: { code: ABORTED } }",
            "Both")
        #expect(responder.start(&bench.exchange.pointee) == .needInput)
        for name in ["a", "b"] {
            try bench.receive(#"{"name":"\#(name)"}"#)
            #expect(responder.input(&bench.exchange.pointee) == .needInput)
        }
        #expect(bench.sent() == [#"{"name":"a1"}"#, #"{"name":"b2"}"#])
        bench.exchange.pointee.response.isSent = true
        bench.end()
        #expect(responder.input(&bench.exchange.pointee) == .breakOff)
        #expect(bench.sent() == [#"{"name":"bye"}"#])
        #expect(bench.exchange.pointee.failure?.code == .aborted)
    }

    @Test func anErrorAloneComesAtTheFirstMessage() throws {
        let (bench, responder) = try made(MethodTemplate.self, "{ error: { code: ABORTED } }", "Both")
        #expect(responder.start(&bench.exchange.pointee) == .needInput)
        try bench.receive("{}")
        #expect(responder.input(&bench.exchange.pointee) == .fail)
    }

    @Test func anEchoOfOneTypeIsTheSameBytes() throws {
        let (bench, responder) = try made(MethodEcho.self, "{}", "Same")
        bench.receive(bytes: [0x0A, 1, 0x61, 0x98, 0x06, 1])
        #expect(responder.start(&bench.exchange.pointee) == .done)
        #expect(bench.taken() == [0, 0, 0, 0, 6, 0x0A, 1, 0x61, 0x98, 0x06, 1])
    }

    @Test func anEchoOfTwoTypesHasTheirCommonFields() throws {
        for (name, ending) in [("Unary", false), ("Client", true), ("Both", true)] {
            let (bench, responder) = try made(MethodEcho.self, "{}", name)
            if ending { #expect(responder.start(&bench.exchange.pointee) == .needInput) }
            try bench.receive(
                #"{"name":"a","count":2,"tags":["t"],"line":{"sku":"s"},"sizes":{"k":1},"extra":1,"data":{"d":true}}"#)
            let step = ending ? responder.input(&bench.exchange.pointee) : responder.start(&bench.exchange.pointee)
            #expect(step == (ending ? .needInput : .done))
            if ending {
                bench.end()
                #expect(responder.input(&bench.exchange.pointee) == .done)
            }
            #expect(
                bench.sent() == [
                    #"{"count":2,"name":"a","tags":["t"],"line":{"sku":"s"},"sizes":{"k":1},"data":{"d":true}}"#
                ])
        }
    }

    @Test func anEchoOfNoMessageFails() throws {
        let (bench, responder) = try made(MethodEcho.self, "{}", "Unary")
        bench.receive(bytes: [0x0A, 9, 0x61])
        #expect(responder.start(&bench.exchange.pointee) == .fail)
        #expect(bench.exchange.pointee.failure?.code == .invalidArgument)
    }

    @Test(arguments: [
        ("{ message: {}, messages: [] }", "Server", "method-answer"),
        ("{ messages: [{}] }", "Unary", "method-answer"),
        ("{ message: {}, error: { code: ABORTED } }", "Unary", "method-answer"),
        ("{ message: {}, on_end: [{}] }", "Server", "method-answer"),
        ("{}", "Unary", "method-answer"),
        ("hi", "Unary", "wrong-type"),
        ("{ message: {}, interval: 1s }", "Unary", "unused-key"),
        ("{ message: {}, metadata: { grpc-x: a } }", "Unary", "bad-metadata"),
        ("{ message: {}, metadata: { X-A: a } }", "Unary", "bad-metadata"),
        ("{ message: {}, trailers: { a: Ä } }", "Unary", "bad-metadata"),
        ("{ error: { code: ABORTED, details: [{ google.rpc.BadReqest: {} }] } }", "Unary", "unknown-message-type"),
        ("{ error: { code: ABORTED, details: [{ google.rpc.BadRequest: { x: 1 } }] } }", "Unary", "unknown-field"),
        ("{ error: { message: x } }", "Unary", "missing-key"),
    ]) func mistakes(_ yaml: String, _ name: String, _ rule: String) throws {
        let findings = try MethodBench(MethodBench.proto, name).responder(MethodTemplate.self, yaml).findings
        #expect(findings.count == 1 && findings.first?.contains(" \(rule): ") == true, "\(findings)")
    }

    @Test func aTypeWithBothFieldsIsNoDelay() throws {
        let bench = try MethodBench(MethodBench.proto, "Delay")
        let (responder, findings) = try bench.responder(
            MethodTemplate.self, "{ messages: [{ delay: 5, message: hi }] }")
        let made = try #require(responder, "\(findings)")
        try bench.receive("{}")
        #expect(made.start(&bench.exchange.pointee) == .done)
        #expect(bench.sent() == [#"{"delay":5,"message":"hi"}"#])
    }

    @Test func nothingInCommonIsAFinding() throws {
        let findings = try MethodBench(MethodBench.proto, "Other").responder(MethodEcho.self, "{}").findings
        #expect(findings.count == 1 && findings.first?.contains("nothing-to-echo") == true, "\(findings)")
    }
}
