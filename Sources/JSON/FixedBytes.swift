/// Bytes at a fixed address, for texts that every request copies.
///
/// To append an array is to retain it meanwhile, and its count of references is one place that all loops write to: with each
/// core more it costs more (docs/decisions/0004).
@usableFromInline package struct FixedBytes: ~Copyable, @unchecked Sendable {
    // @unchecked: written once, before anybody has it.
    @usableFromInline let start: UnsafeMutablePointer<UInt8>
    @usableFromInline let count: Int

    package init(_ bytes: [UInt8]) {
        count = bytes.count
        start = .allocate(capacity: max(1, bytes.count))
        bytes.withUnsafeBufferPointer { if let from = $0.baseAddress { start.initialize(from: from, count: $0.count) } }
    }

    deinit { start.deallocate() }

    @inlinable @inline(__always) package var isEmpty: Bool { count == 0 }

    /// Valid as long as this is.
    @inlinable @inline(__always) package var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: UnsafePointer(start), count: count)
    }
}
