package import Telemetry

extension TraceState {
    /// All of it, from one field or several; empty if it is not valid.
    package static func of(_ head: borrowing Head) -> [UInt8] {
        var list: [UInt8] = []
        for index in 0..<head.fieldCount where head.fields[index].known == .tracestate {
            if !list.isEmpty { list.append(UInt8(ascii: ",")) }
            list += head.slice(head.fields[index].value)
        }
        return list.withUnsafeBufferPointer { isValid($0) } ? list : []
    }
}
