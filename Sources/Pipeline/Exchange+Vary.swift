extension Exchange {
    /// Says that the answer depends on a field of the request (RFC 9110 section 12.5.5).
    ///
    /// - Parameter name: in lower case.
    package mutating func vary(on name: StaticString) {
        response.join("vary", name, scratch: &loop.state.pointee.scratch)
    }
}
