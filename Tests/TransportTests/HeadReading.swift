import JSON
import Pipeline
import Transport

/// What the parser made of some bytes, as values that a test can compare.
struct HeadReading: Equatable {
    enum Result: Equatable {
        case complete(Int)
        case incomplete
        case refused(Int)
    }

    struct Field: Equatable {
        var name: String
        var value: String
        var known: KnownField
    }

    var result: Result
    var method = Method.other
    var methodName = ""
    var target = ""
    var path = ""
    var query = ""
    var host = ""
    var isHTTP10 = false
    var keepAlive = true
    var expectsContinue = false
    var framing = Head.Framing.none
    var fields: [Field] = []
    var reason = ""

    /// Parses `bytes`, given to the parser in pieces that end at `cuts`.
    init(_ bytes: [UInt8], cuts: [Int] = [], limits: HeadLimits = HeadLimits()) {
        var head = Head()
        var scanned = 0
        var start = 0
        result = .incomplete
        for end in cuts + [bytes.count] where end >= start {
            head.bytes.append(Array(bytes[start..<end]))
            start = end
            switch HeadParser.parse(&head, limits: limits, scanned: &scanned) {
            case .incomplete: continue
            case .refused(let status, let reason):
                result = .refused(status)
                self.reason = reason.description
                return
            case .complete(let length):
                result = .complete(length)
                fill(head)
                return
            }
        }
    }

    private mutating func fill(_ head: borrowing Head) {
        func text(_ range: ByteRange) -> String { HeadReading.latin1(head.slice(range)) }
        method = head.method
        methodName = text(head.methodName)
        target = text(head.target)
        path = text(head.path)
        query = text(head.query)
        host = text(head.host)
        isHTTP10 = head.isHTTP10
        keepAlive = head.keepAlive
        expectsContinue = head.expectsContinue
        framing = head.framing
        for index in 0..<head.fieldCount {
            let field = head.fields[index]
            fields.append(Field(name: text(field.name), value: text(field.value), known: field.known))
        }
    }

    /// One character a byte, so that no byte is lost.
    static func latin1(_ bytes: some Sequence<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes { text.append(Unicode.Scalar(byte)) }
        return String(text)
    }

    static func bytes(latin1 text: String) -> [UInt8] {
        text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }
}
