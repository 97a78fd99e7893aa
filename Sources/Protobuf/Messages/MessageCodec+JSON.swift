package import JSON

extension MessageCodec {
    /// Appends the encoded message of a text; where it is none, nothing is appended.
    ///
    /// Between two messages there may be a list or a map, so the depth of the text is no measure: the messages' own is.
    ///
    /// - Parameter ignoresUnknown: members that no field has are passed over, and names that no value of an enum has.
    package func encode(
        json text: UnsafeBufferPointer<UInt8>, as type: Int, ignoresUnknown: Bool, into out: inout ByteWriter
    ) -> Result<Void, MessageJSONReader.Unreadable> {
        if encode(plainJSON: text, as: type, into: &out) { return .success(()) }
        switch JSONReader.read(text, limits: JSONLimits(depth: Self.maximumDepth * 3)) {
        case .failure(let error):
            return .failure(
                MessageJSONReader.Unreadable(
                    path: "", message: "it is not JSON: \(error.message), at byte \(error.offset)"))
        case .success(let json):
            switch MessageJSONReader(self, ignoresUnknown: ignoresUnknown).read(json, as: type) {
            case .failure(let error): return .failure(error)
            case .success(let message):
                out.append(encode(message))
                return .success(())
            }
        }
    }
}
