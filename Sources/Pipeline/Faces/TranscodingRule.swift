package import JSON

/// How a method is called as HTTP with JSON: what of a request is which field, and which field is the answer.
package protocol TranscodingRule: AnyObject, Sendable {
    /// Makes the message of a request whose body is there; false, and the failure is declared, if that cannot be.
    func readRequest(_ exchange: inout Exchange) -> Bool
    /// Puts the answer into the loop's body writer, and what its head says of it; `message` lies in that writer.
    func writeReply(_ message: UnsafeBufferPointer<UInt8>, _ exchange: inout Exchange) -> Bool
    /// Appends one message of a stream.
    func write(_ message: UnsafeBufferPointer<UInt8>, into out: inout ByteWriter) -> Result<Void, RPCMethod.JSONMistake>
}
