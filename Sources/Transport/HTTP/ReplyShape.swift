import JSON
import Pipeline

/// What follows the head of an answer, whatever the version that carries it.
enum ReplyShape {
    /// Whether bytes of a body may follow the head (RFC 9110 section 6.4.1).
    @inline(__always) static func hasBody(_ exchange: UnsafeMutablePointer<Exchange>) -> Bool {
        exchange.pointee.head.method != .head && exchange.pointee.response.allowsBody
    }

    /// Whether the fields behind the body can be sent: HTTP/1 has a place for them behind chunks alone (RFC 9112 section
    /// 7.1.2), HTTP/2 behind every body. A gRPC call has its status there.
    @inline(__always) static func sendsTrailers(_ exchange: UnsafeMutablePointer<Exchange>) -> Bool {
        if exchange.pointee.isGRPC { return true }
        return !exchange.pointee.response.trailerNames.isEmpty && !exchange.pointee.head.isHTTP10 && hasBody(exchange)
    }

    /// Whether an answer that is whole goes out as a stream all the same: it has trailers, or it is the answer to HEAD
    /// where GET would stream, so that nobody can say how long that would be.
    @inline(__always) static func isStream(_ exchange: UnsafeMutablePointer<Exchange>) -> Bool {
        exchange.pointee.response.isStreaming && exchange.pointee.response.declaredLength == nil
            || sendsTrailers(exchange)
    }

    /// The length that the head of a whole answer says, whose body is in the loop's `body` writer.
    @inline(__always) static func length(_ exchange: UnsafeMutablePointer<Exchange>) -> Int {
        let length = exchange.pointee.loop.state.pointee.body.count
        guard exchange.pointee.response.bodyIsWithheld, exchange.pointee.head.method == .head else { return length }
        return max(0, exchange.pointee.response.declaredLength ?? length)
    }

    /// Decorates an answer whose body is whole in the loop's `body` writer; one with more fields than are sent becomes a
    /// failure.
    @inline(__always) static func decorateWhole(_ exchange: UnsafeMutablePointer<Exchange>) {
        exchange.pointee.answerIsWhole = true
        exchange.pointee.decorate()
        guard exchange.pointee.response.overflowed else { return }
        exchange.pointee.fail(tooManyFields)
        exchange.pointee.renderFailure()
        exchange.pointee.decorate()
    }

    static var tooManyFields: Failure {
        Failure(.internal, "the answer has more header fields than the server sends")
    }

    static var tooLong: Failure { Failure(.internal, "the answer is longer than was said") }
}
