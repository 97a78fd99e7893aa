import Codings
import JSON

// Connect (connectrpc.com/docs/protocol): what its heads say, and its GET, whose query holds the message.
extension Exchange {
    /// A call of a method where nobody streams: a POST of a codec that is known, or a GET whose query names one.
    mutating func readUnary(_ route: UnsafePointer<Route>) -> Bool {
        guard !route.pointee.isStreaming else { return false }
        if head.method == .post {
            guard let field = head.value(of: .contentType), let isJSON = CallType.isJSON(ofUnary: head.slice(field))
            else { return false }
            call.isJSON = isJSON
        } else {
            guard let encoding = parameter("encoding") else { return false }
            if encoding.elementsEqual("json".utf8) {
                call.isJSON = true
            } else if !encoding.elementsEqual("proto".utf8) {
                return false
            }
            if let version = parameter("connect"), !version.elementsEqual("v1".utf8) { call.fault = .version }
        }
        face = .connect
        call.isUsed = true
        readConnectHead()
        return true
    }

    /// `connect-protocol-version`, which need not be there, and `connect-timeout-ms`.
    mutating func readConnectHead() {
        if let version = head.value(of: .connectVersion), !head.slice(version).elementsEqual("1".utf8) {
            call.fault = .version
        }
        guard let value = head.value(of: .connectTimeout) else { return }
        let digits = head.slice(value)
        guard digits.count > 0, digits.count <= 10, digits.allSatisfy({ $0 &- 0x30 < 10 }) else { return take(nil) }
        take(digits.reduce(0 as Int64) { $0 &* 10 &+ Int64($1 &- 0x30) } &* 1_000_000)
    }

    /// A parameter of the query, decoded; nil where there is none.
    private func parameter(_ name: StaticString) -> [UInt8]? {
        let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return QueryString.first(head.slice(head.query), Array(name)).map { QueryString.decodedBytes($0) }
    }

    /// Puts the message of a GET where the body of a POST would be. False: it is none, and the failure is declared.
    mutating func takeMessageOfQuery() -> Bool {
        guard var message = parameter("message") else {
            return refuse(Failure(.invalidArgument, "the query has no `message`", reason: .malformed))
        }
        if let flag = parameter("base64"), flag.elementsEqual("1".utf8) {
            guard let bytes = Base64.decode(anyAlphabet: message) else {
                return refuse(
                    Failure(.invalidArgument, "the query's `message` is not base64url", reason: .malformed))
            }
            message = bytes
        }
        if let name = parameter("compression"), !name.isEmpty, !name.elementsEqual("identity".utf8) {
            return takeCompressed(message, name)
        }
        body.append(message)
        return true
    }

    private mutating func takeCompressed(_ message: [UInt8], _ name: [UInt8]) -> Bool {
        guard name.elementsEqual("gzip".utf8) || name.elementsEqual("deflate".utf8) else {
            return refuse(unknownCompression(String(decoding: name.prefix(64), as: UTF8.self)))
        }
        call.coding = name.elementsEqual("gzip".utf8) ? .gzip : .deflate
        return message.withUnsafeBufferPointer { inflate($0, messageLimit) != nil }
    }

    /// Connect protocol, "Error codes": with the list of those that are supported.
    func unknownCompression(_ name: String) -> Failure {
        Failure(
            .unimplemented, "the compression `\(name)` is not supported; identity, deflate and gzip are",
            acceptsEncodings: true)
    }
}
