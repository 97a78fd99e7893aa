package import JSON

/// A protobuf message as a value. Whoever knows its descriptor makes it; CEL asks it by the names of its fields.
package protocol MessageObject: AnyObject, Sendable {
    /// The full name of its type, without a dot in front.
    var typeName: String { get }
    /// How many bytes it is made of: what comparing it is paid by.
    var byteCount: Int { get }
    /// What reading a field is paid by, in bytes: less than all of them where large fields are passed over.
    func lookupCost(of field: String) -> Int

    /// The value of a field, its default where it is not set, `.error` where CEL has no value for it; nil if the type
    /// has no field of this name.
    func value(of field: String) -> Value?
    /// Whether a field is set; nil if the type has no field of this name.
    func has(_ field: String) -> Bool?
    /// Field by field, by protobuf's rules: NaN is equal to nothing, what is set is not what is unset.
    func isEqual(to other: any MessageObject) -> Bool
    /// Appends it as ProtoJSON. What was written before a failure is for the caller to take back.
    func writeJSON(_ out: inout ByteWriter) -> JSONOutcome
}

extension Value {
    /// How many values or steps' worth of bytes it holds: what making it is paid by.
    var partCount: Int {
        switch self {
        case .list(let list): list.count
        case .map(let map): map.count
        // Copied as a piece, which is cheap.
        case .message(let message): message.byteCount / (16 * Limits.bytesPerStep)
        default: 0
        }
    }
}
