import JSON
import Pipeline
import Testing

@Suite struct ProblemTests {
    private static func text(_ failure: Failure, id: String = "") throws -> String {
        var out = ByteWriter()
        Array(id.utf8).withUnsafeBufferPointer { Problem.write(failure, requestID: $0, into: &out) }
        // Whatever is in it, it is JSON.
        _ = try JSONReader.read(out.bytes).get()
        return String(decoding: out.bytes, as: UTF8.self)
    }

    @Test func writesAllThatIsKnown() throws {
        #expect(
            try Self.text(Failure(.notFound, "no \"route\"\n"), id: "a\"b")
                == #"{"type":"about:blank","title":"Not Found","status":404,"detail":"no \"route\"\n","code":"NOT_FOUND","request_id":"a\"b"}"#
                + "\n")
        #expect(
            try Self.text(Failure(.unavailable, "", status: 599))
                == #"{"type":"about:blank","title":"Status","status":599,"code":"UNAVAILABLE"}"# + "\n")
    }

    @Test(arguments: Code.allCases)
    func hasAStatusForEachCode(_ code: Code) throws {
        #expect(StatusLine.phrase(code.status).description != "Status")
        #expect(Failure(code, "").status == code.status)
        #expect(try Self.text(Failure(code, "x")).contains("\"code\":\"\(code.name)\""))
    }

    @Test(arguments: [
        (400, Code.invalidArgument), (401, .unauthenticated), (403, .permissionDenied), (404, .notFound),
        (405, .unimplemented), (408, .deadlineExceeded), (409, .aborted), (410, .notFound), (412, .failedPrecondition),
        (413, .resourceExhausted), (414, .resourceExhausted), (418, .invalidArgument), (429, .resourceExhausted),
        (431, .resourceExhausted), (499, .canceled), (500, .internal), (501, .unimplemented), (502, .unavailable),
        (503, .unavailable), (504, .deadlineExceeded), (505, .unimplemented), (599, .internal),
    ])
    func hasACodeForEachStatus(_ status: Int, _ code: Code) {
        #expect(Code.forStatus(status) == code)
        #expect(Failure(code, "", status: status).status == status)
    }

    @Test func everyPhraseIsPrintable() {
        for status in 0...999 {
            let phrase = StatusLine.phrase(status).description
            #expect(!phrase.isEmpty && phrase.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
        }
    }
}
