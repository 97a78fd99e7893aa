import JSON

/// Whether bytes are well-formed UTF-8.
enum UTF8Check {
    /// The offset of the first byte that is not.
    static func firstInvalid(_ bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBufferPointer { UTF8Scanner.firstInvalid($0) }
    }
}
