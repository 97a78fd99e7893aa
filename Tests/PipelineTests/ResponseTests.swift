import JSON
import Pipeline
import Testing

@Suite struct ResponseTests {
    private static func lines(_ response: borrowing Response) -> String {
        var out = ByteWriter()
        response.write(into: &out)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    private static func withBytes<T>(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> T) -> T {
        Array(text.utf8).withUnsafeBufferPointer(body)
    }

    @Test func writesFieldsInOrder() {
        var response = Response()
        response.add("a") { $0.append("1") }
        Self.withBytes("b") { response.add($0) { _ in } }
        response.add(Array("c".utf8), Array("3".utf8))
        response.add(FieldBlock([(Array("d".utf8), Array("4".utf8)), (Array("e".utf8), Array("5".utf8))]))
        response.add("a") { $0.append("6") }
        #expect(Self.lines(response) == "a: 1\r\nb: \r\nc: 3\r\nd: 4\r\ne: 5\r\na: 6\r\n")
        #expect(response.fieldCount == 6)
        #expect(Self.withBytes("d") { response.has($0) })
        #expect(!Self.withBytes("f") { response.has($0) })
        #expect(!Self.withBytes("") { response.has($0) })
    }

    @Test func removesAllOfAName() {
        var response = Response()
        response.add("a") { $0.append("1") }
        response.add(FieldBlock([(Array("b".utf8), Array("2".utf8)), (Array("a".utf8), Array("3".utf8))]))
        Self.withBytes("a") { response.remove($0) }
        #expect(Self.lines(response) == "b: 2\r\n")
        #expect(!Self.withBytes("a") { response.has($0) })
        response.add("a") { $0.append("4") }
        #expect(Self.lines(response) == "b: 2\r\na: 4\r\n")
        Self.withBytes("none") { response.remove($0) }
        #expect(Self.lines(response) == "b: 2\r\na: 4\r\n")
    }

    @Test(arguments: [false, true])
    func keepsNothingForTheNext(_ byReset: Bool) {
        var response = Response()
        response.status = 404
        response.declaredLength = 5
        response.isStreaming = true
        response.bodyIsWithheld = true
        for _ in 0..<100 { response.add("a") { $0.append("secret") } }
        Self.withBytes("a") { response.remove($0) }
        #expect(response.overflowed == true)
        if byReset { response.reset() } else { response.discardHead() }
        #expect(response.status == 200 && response.declaredLength == nil)
        #expect(!response.isStreaming && !response.bodyIsWithheld && !response.overflowed && !response.isSent)
        #expect(response.fieldCount == 0)
        #expect(Self.lines(response) == "")
        response.add("b") { $0.append("1") }
        #expect(Self.lines(response) == "b: 1\r\n")
        #expect(!Self.withBytes("a") { response.has($0) })
    }

    /// What does not fit is left out whole.
    @Test func overflowsByWholeLines() {
        var response = Response()
        for _ in 0..<Response.fieldCapacity - 1 { response.add("a") { $0.append("1") } }
        #expect(response.overflowed == false)
        response.add(FieldBlock([(Array("b".utf8), Array("2".utf8))]))
        #expect(response.overflowed == false)
        response.add("c") { $0.append("3") }
        #expect(response.overflowed == true)
        response.add(FieldBlock([(Array("d".utf8), Array("4".utf8)), (Array("e".utf8), Array("5".utf8))]))
        let text = Self.lines(response)
        #expect(text.hasSuffix("\r\n") && text.contains("b: 2\r\n") && !text.contains("c: "))
        #expect(text.split(separator: "\r\n").allSatisfy { $0.utf8.count == 4 })
    }
}
