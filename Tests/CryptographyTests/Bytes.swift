import CEL
import JSON

/// Bytes as the vectors write them.
func hex(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
        let digits = String(byte, radix: 16)
        return digits.utf8.count == 1 ? "0" + digits : digits
    }.joined()
}

func base64URL(_ text: String) -> [UInt8] {
    let standard = text.replacing("-", with: "+").replacing("_", with: "/")
    guard case .success(let bytes) = Base64.decode(Array(standard.utf8)) else { return [] }
    return bytes
}

/// `count` times the same byte.
func run(_ byte: UInt8, _ count: Int) -> [UInt8] { Array(repeating: byte, count: count) }

func base64(_ bytes: [UInt8]) -> String {
    var out = ByteWriter(capacity: 128)
    bytes.withUnsafeBufferPointer { Base64.encode($0, into: &out) }
    return String(decoding: out.bytes, as: UTF8.self)
}
