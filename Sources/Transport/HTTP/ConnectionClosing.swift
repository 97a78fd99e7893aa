/// What should become of a connection's channel.
enum ConnectionClosing: UInt8 {
    case open
    /// Close when all is written.
    case afterWrite
    /// Close the sending side when all is written, and go on reading for a moment.
    case linger
    /// Close at once; a failure of the answer is shown by the missing end.
    case now
}
