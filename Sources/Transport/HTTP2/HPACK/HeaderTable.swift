import JSON
package import Pipeline

/// A field as a table keeps it: where its bytes are, and what they mean.
package struct TableEntry: Sendable {
    package var start: UInt16 = 0
    package var nameCount: UInt16 = 0
    package var valueCount: UInt16 = 0
    package var meaning = FieldMeaning.ordinary
    package var known = KnownField.other
    /// The value can be that of a field.
    package var isSound = true
    /// It has the form that its name asks for (`FieldMeaning.fits`).
    package var fits = true

    /// What it counts for (RFC 7541 section 4.1).
    var size: Int { Int(nameCount) &+ Int(valueCount) &+ HeaderTable.overhead }
    /// Where its bytes are.
    @inline(__always) var name: Range<Int> { Int(start)..<(Int(start) &+ Int(nameCount)) }
    @inline(__always) var value: Range<Int> { name.upperBound..<(name.upperBound &+ Int(valueCount)) }
    /// Both, which lie side by side.
    @inline(__always) var both: Range<Int> { name.lowerBound..<value.upperBound }
}

/// The dynamic table of HPACK (RFC 7541 section 2.3.2): a first-in, first-out list in one run of bytes.
///
/// An entry's name and value lie side by side and never wrap: where the end of the room is reached, what lives is moved to
/// its start. The room is twice what lives, so that happens once in as many new bytes; it begins small and grows up to twice
/// the table's size, since most connections send a handful of fields and rest.
package struct HeaderTable: ~Copyable {
    @inline(__always) package static var overhead: Int { 32 }
    /// What a table may hold where nobody says otherwise (section 6.5.2 of RFC 9113), and the most that we keep.
    @inline(__always) package static var usualSize: Int { 4096 }
    /// A power of two, so that going round is a mask.
    @inline(__always) private static var slotCount: Int { usualSize / overhead }

    /// What the first fields get: enough for the dozen that clients send again and again.
    private static let firstRoom = 512

    private var bytes: UnsafeMutablePointer<UInt8>?
    /// How many bytes there is room for.
    private(set) var room = 0
    private var slots: UnsafeMutablePointer<TableEntry>?
    /// Where the next entry's bytes go.
    private var end = 0
    /// The slot of the newest entry; older ones stand before it.
    private var newest = 0
    package private(set) var count = 0
    package private(set) var size = 0
    package private(set) var limit = usualSize
    /// How many entries have ever been added: a number for each, that tells whether it still lives.
    package private(set) var added = 0

    package init() {}

    deinit {
        bytes?.deallocate()
        slots?.deallocate()
    }

    /// The entry at an index from 0, the newest; nil if there is none. It is where it is until the table changes: handed
    /// out as a value, its small fields would be packed into words and taken out of them again.
    @inline(__always) package func entry(_ index: Int) -> UnsafePointer<TableEntry>? {
        guard index >= 0, index < count, let slots else { return nil }
        return UnsafePointer(slots + (newest &- index) & (Self.slotCount &- 1))
    }

    /// The entry that was the n-th ever; nil if it is gone.
    @inline(__always) func entry(number: Int) -> UnsafePointer<TableEntry>? { entry(added &- number) }

    @inline(__always) package func name(_ entry: UnsafePointer<TableEntry>) -> UnsafeBufferPointer<UInt8> {
        bytes(entry.pointee.name)
    }

    @inline(__always) package func value(_ entry: UnsafePointer<TableEntry>) -> UnsafeBufferPointer<UInt8> {
        bytes(entry.pointee.value)
    }

    /// The name, and behind it the value.
    @inline(__always) func both(_ entry: UnsafePointer<TableEntry>) -> UnsafeBufferPointer<UInt8> {
        bytes(entry.pointee.both)
    }

    @inline(__always) private func bytes(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        guard let bytes else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeBufferPointer(start: bytes + range.lowerBound, count: range.count)
    }

    /// A new size, `usualSize` at most; what has no room any more goes (section 4.3).
    package mutating func resize(to limit: Int) {
        self.limit = min(max(0, limit), Self.usualSize)
        evict(for: 0)
    }

    /// Adds a field. One that is larger than the table empties it, which is no error (section 4.4).
    ///
    /// - Parameters: bytes that are not the table's own.
    package mutating func add(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, _ meaning: FieldMeaning,
        _ known: KnownField, isSound: Bool, fits: Bool
    ) {
        let need = name.count &+ value.count
        guard need &+ Self.overhead <= limit else {
            count = 0
            size = 0
            end = 0
            return
        }
        evict(for: need &+ Self.overhead)
        let (bytes, slots) = makeRoom(for: need)
        if let from = name.baseAddress { (bytes + end).update(from: from, count: name.count) }
        if let from = value.baseAddress { (bytes + end + name.count).update(from: from, count: value.count) }
        newest = (newest &+ 1) & (Self.slotCount &- 1)
        slots[newest] = TableEntry(
            start: UInt16(truncatingIfNeeded: end), nameCount: UInt16(truncatingIfNeeded: name.count),
            valueCount: UInt16(truncatingIfNeeded: value.count), meaning: meaning, known: known, isSound: isSound,
            fits: fits)
        end &+= need
        count &+= 1
        added &+= 1
        size &+= need &+ Self.overhead
    }

    private mutating func evict(for more: Int) {
        while count > 0, size &+ more > limit {
            if let oldest = entry(count &- 1) { size &-= oldest.pointee.size }
            count &-= 1
        }
        if count == 0 { end = 0 }
    }

    private mutating func makeRoom(
        for need: Int
    ) -> (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<TableEntry>) {
        if let bytes, let slots, end &+ need <= room { return (bytes, slots) }
        let slots = self.slots ?? .allocate(capacity: Self.slotCount)
        if self.slots == nil {
            slots.initialize(repeating: TableEntry(), count: Self.slotCount)
            self.slots = slots
        }
        let alive = size &- count &* Self.overhead
        var wanted = max(room, Self.firstRoom)
        while wanted < 2 &* (alive &+ need), wanted < 2 &* Self.usualSize { wanted &*= 2 }
        guard let bytes, wanted == room else {
            let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: wanted)
            if let bytes { moveAlive(from: bytes, to: larger, slots) }
            bytes?.deallocate()
            bytes = larger
            room = wanted
            return (larger, slots)
        }
        moveAlive(from: bytes, to: bytes, slots)
        return (bytes, slots)
    }

    /// What lives comes to the start; it may overlap with where it was.
    private mutating func moveAlive(
        from old: UnsafeMutablePointer<UInt8>, to new: UnsafeMutablePointer<UInt8>,
        _ slots: UnsafeMutablePointer<TableEntry>
    ) {
        guard let oldest = entry(count &- 1) else {
            end = 0
            return
        }
        let shift = oldest.pointee.start
        new.update(from: old + Int(shift), count: end &- Int(shift))
        end &-= Int(shift)
        for index in 0..<count {
            slots[(newest &- index) & (Self.slotCount &- 1)].start &-= shift
        }
    }
}
