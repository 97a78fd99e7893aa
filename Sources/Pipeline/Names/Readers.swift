package import CEL
package import JSON

/// Reads a text that lies in the exchange as it is: no copy until it is written.
package final class TextReader: Reader {
    package typealias Find = @Sendable (UnsafePointer<Exchange>) -> UnsafeBufferPointer<UInt8>?
    private let find: Find

    package init(_ find: @escaping Find) { self.find = find }

    package func read(_ context: Context) -> Value? {
        find(context.exchange).map { .string(String(decoding: $0, as: UTF8.self)) }
    }

    package func write(_ context: Context, _ out: inout ByteWriter, _ encoding: Encoding) -> Bool {
        guard let text = find(context.exchange) else { return false }
        if !out.append(text, as: encoding) { out.append(text) }
        return true
    }
}

/// Reads a text that is kept as an array.
package final class BytesReader: Reader {
    private let find: @Sendable (UnsafePointer<Exchange>) -> [UInt8]

    package init(_ find: @escaping @Sendable (UnsafePointer<Exchange>) -> [UInt8]) { self.find = find }

    package func read(_ context: Context) -> Value? {
        .string(String(decoding: find(context.exchange), as: UTF8.self))
    }

    package func write(_ context: Context, _ out: inout ByteWriter, _ encoding: Encoding) -> Bool {
        find(context.exchange).withUnsafeBufferPointer { if !out.append($0, as: encoding) { out.append($0) } }
        return true
    }
}

/// Reads the rest of a path, which a `{name...}` wildcard took: in a URL its slashes stay slashes.
package final class RestReader: Reader {
    private let index: Int

    package init(index: Int) { self.index = index }

    package func read(_ context: Context) -> Value? {
        .string(String(decoding: context.exchange.pointee.captured(index), as: UTF8.self))
    }

    package func write(_ context: Context, _ out: inout ByteWriter, _ encoding: Encoding) -> Bool {
        guard encoding == .urlComponent else {
            let text = context.exchange.pointee.captured(index)
            if !out.append(text, as: encoding) { out.append(text) }
            return true
        }
        // As it came: what the client had escaped, a slash within a segment above all, stays so.
        let raw = context.exchange.pointee.rawCaptured(index)
        for at in raw.indices {
            if raw[at] == UInt8(ascii: "/") || raw[at] == UInt8(ascii: "%") {
                out.append(raw[at])
            } else {
                _ = out.append(UnsafeBufferPointer(rebasing: raw[at..<at + 1]), as: encoding)
            }
        }
        return true
    }
}

/// Reads anything that is made for the expression.
package final class ValueReader: Reader {
    package typealias Make = @Sendable (UnsafePointer<Exchange>) -> Value?
    private let make: Make

    package init(_ make: @escaping Make) { self.make = make }

    package func read(_ context: Context) -> Value? { make(context.exchange) }
}

extension Context {
    package var exchange: UnsafePointer<Exchange> {
        UnsafePointer(pointer.assumingMemoryBound(to: Exchange.self))
    }
}

extension Exchange {
    /// What expressions read. Valid while this exchange is; readers change nothing in it.
    @inline(__always) package var context: Context {
        mutating get { withUnsafeMutablePointer(to: &self) { Context(UnsafeMutableRawPointer($0)) } }
    }
}

/// The loop's clock and random numbers, for `now()`, `uuid()` and `random()`.
package final class LoopAmbient: Ambient {
    package init() {}

    package func now(_ context: Context) -> Int64 {
        let state = context.exchange.pointee.loop.state
        return state.pointee.clock.wall(state.pointee.clock.now)
    }

    package func random(_ context: Context) -> UInt64 {
        context.exchange.pointee.loop.state.pointee.random.word()
    }
}
