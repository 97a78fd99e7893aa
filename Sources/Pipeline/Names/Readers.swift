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
        context.exchange.pointee.loop.state.pointee.clock.wall(LoopClock.now())
    }

    package func random(_ context: Context) -> UInt64 {
        context.exchange.pointee.loop.state.pointee.random.word()
    }
}
