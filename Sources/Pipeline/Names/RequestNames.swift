import CEL
import JSON

extension Names {
    /// `request`: what the client asked for, as it came.
    static func request(hasBody: Bool) -> Root {
        Root(
            "request", .map(.string, .dyn), fields: .closed(hasBody ? requestFields + bodyFields : requestFields),
            sentByClient: true, noun: "field")
    }

    private static let requestFields: [Root.Field] = [
        Root.Field(
            "method", .string, TextReader { $0.pointee.head.slice($0.pointee.head.methodName) }, sentByClient: true),
        Root.Field("path", .string, TextReader { $0.pointee.pathBytes }, sentByClient: true),
        Root.Field(
            "target", .string, TextReader { $0.pointee.head.slice($0.pointee.head.target) }, sentByClient: true),
        Root.Field("query", .string, TextReader { $0.pointee.head.slice($0.pointee.head.query) }, sentByClient: true),
        Root.Field("host", .string, TextReader { $0.pointee.head.slice($0.pointee.head.host) }, sentByClient: true),
        Root.Field("scheme", .string, TextReader { scheme($0) }, sentByClient: true),
        Root.Field("url", .string, ValueReader { .string(url($0)) }, sentByClient: true),
        Root.Field("protocol", .string, TextReader { version($0) }, sentByClient: true),
    ]

    private static let bodyFields: [Root.Field] = [
        Root.Field("size", .int, ValueReader { .int(Int64($0.pointee.received)) }, sentByClient: true),
        Root.Field("body", .bytes, ValueReader { .bytes(Array($0.pointee.body.bytes)) }, sentByClient: true),
    ]

    private static func scheme(_ exchange: UnsafePointer<Exchange>) -> UnsafeBufferPointer<UInt8> {
        bytes(exchange.pointee.scheme)
    }

    private static func version(_ exchange: UnsafePointer<Exchange>) -> UnsafeBufferPointer<UInt8> {
        bytes(exchange.pointee.head.version.name)
    }

    /// The absolute form of the target, whichever form came.
    private static func url(_ exchange: UnsafePointer<Exchange>) -> String {
        let head = exchange.pointee.head.slice(exchange.pointee.head.target)
        let target = String(decoding: head, as: UTF8.self)
        guard head.first == UInt8(ascii: "/") else { return target }
        let host = String(decoding: exchange.pointee.head.slice(exchange.pointee.head.host), as: UTF8.self)
        return String(decoding: scheme(exchange), as: UTF8.self) + "://" + host + target
    }

    private static func bytes(_ literal: StaticString) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
    }
}
