package import JSON

/// Makes an encoded message of its ProtoJSON in one pass, without values between the two, where the text is plain: fields that
/// are known and come once, strings without escapes, whole numbers without exponents. Nearly all that clients send is. What is
/// not is `MessageJSONReader`'s, and so is every mistake: it has the words for it.
struct PlainJSONReader {
    private let tables: [PlainJSONTable]
    private let pool: DescriptorPool
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0

    private init(_ codec: MessageCodec, _ bytes: UnsafeBufferPointer<UInt8>) {
        tables = codec.plainJSON
        pool = codec.pool
        self.bytes = bytes
    }

    /// False, with nothing appended, where the text is not plain.
    static func read(
        _ bytes: UnsafeBufferPointer<UInt8>, as type: Int, _ codec: MessageCodec, into out: inout ByteWriter
    ) -> Bool {
        let start = out.count
        var reader = PlainJSONReader(codec, bytes)
        reader.skipSpace()
        if reader.object(type, 0, &out) {
            reader.skipSpace()
            if reader.at == bytes.count { return true }
        }
        out.truncate(to: start)
        return false
    }

    // MARK: Text

    private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() {
        while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x0A || bytes[at] == 0x0D || bytes[at] == 0x09 {
            at &+= 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        at &+= 1
        return true
    }

    /// What stands between quotes, if it means itself.
    private mutating func string() -> UnsafeBufferPointer<UInt8>? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let start = at
        var seen: UInt8 = 0
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                let text = UnsafeBufferPointer(rebasing: bytes[start..<at])
                at &+= 1
                return seen < 0x80 || UTF8Scanner.firstInvalid(text) == nil ? text : nil
            }
            if byte < 0x20 || byte == UInt8(ascii: "\\") { return nil }
            seen |= byte
            at &+= 1
        }
        return nil
    }

    /// Digits that end where a value may end; at most eighteen, which fit.
    private mutating func integer() -> Int64? {
        let isNegative = take(UInt8(ascii: "-"))
        let start = at
        var value: Int64 = 0
        while at < bytes.count, bytes[at] &- 0x30 < 10 {
            value = value &* 10 &+ Int64(bytes[at] &- 0x30)
            at &+= 1
        }
        let count = at &- start
        guard count > 0, count <= 18, count == 1 || bytes[start] != UInt8(ascii: "0"), !isNegative || value > 0 else {
            return nil
        }
        switch peek {
        case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): return nil
        default: return isNegative ? 0 &- value : value
        }
    }

    /// Steps over a comma, or over the end of a list or an object.
    ///
    /// - Returns: whether it goes on; nil where neither is there.
    private mutating func goesOn(until end: UInt8) -> Bool? {
        skipSpace()
        if take(UInt8(ascii: ",")) {
            skipSpace()
            return true
        }
        return take(end) ? false : nil
    }

    // MARK: Values

    private mutating func object(_ type: Int, _ depth: Int, _ out: inout ByteWriter) -> Bool {
        guard depth <= MessageCodec.maximumDepth, type >= 0, type < tables.count, take(UInt8(ascii: "{")) else {
            return false
        }
        let table = tables[type]
        guard table.isPlain else { return false }
        skipSpace()
        if take(UInt8(ascii: "}")) { return true }
        var seen: UInt64 = 0
        var oneofs: UInt64 = 0
        while true {
            guard let key = string(), let entry = table.entry(named: key) else { return false }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { return false }
            skipSpace()
            // By its place among the fields, so that the two names of a field are one.
            let mark: UInt64 = 1 << UInt64(entry.place)
            let choice: UInt64 = entry.oneof >= 0 ? 1 << UInt64(entry.oneof) : 0
            guard seen & mark == 0, oneofs & choice == 0 else { return false }
            seen |= mark
            oneofs |= choice
            guard entry.isRepeated ? list(entry, depth, &out) : value(entry, depth, keepsZero: entry.hasPresence, &out)
            else { return false }
            guard let goesOn = goesOn(until: UInt8(ascii: "}")) else { return false }
            if !goesOn { return true }
        }
    }

    private mutating func list(_ entry: PlainJSONTable.Entry, _ depth: Int, _ out: inout ByteWriter) -> Bool {
        guard take(UInt8(ascii: "[")) else { return false }
        skipSpace()
        if take(UInt8(ascii: "]")) { return true }
        while true {
            guard value(entry, depth, keepsZero: true, &out), let goesOn = goesOn(until: UInt8(ascii: "]")) else {
                return false
            }
            if !goesOn { return true }
        }
    }

    private mutating func value(
        _ entry: PlainJSONTable.Entry, _ depth: Int, keepsZero: Bool, _ out: inout ByteWriter
    ) -> Bool {
        switch entry.kind {
        case .string:
            guard let text = string() else { return false }
            if text.isEmpty, !keepsZero { return true }
            out.append(varint: entry.tag)
            out.append(varint: UInt64(text.count))
            out.append(text)
        case .bool:
            guard let truth = bool() else { return false }
            if truth || keepsZero { append(entry.tag, truth ? 1 : 0, &out) }
        case .signed(let least, let most, let isQuotable):
            guard let number = number(isQuotable), number >= least, number <= most else { return false }
            if number != 0 || keepsZero { append(entry.tag, UInt64(bitPattern: number), &out) }
        case .unsigned(let most, let isQuotable):
            guard let number = number(isQuotable), number >= 0, number <= most else { return false }
            if number != 0 || keepsZero { append(entry.tag, UInt64(bitPattern: number), &out) }
        case .zigzag(let least, let most, let isQuotable):
            guard let number = number(isQuotable), number >= least, number <= most else { return false }
            if number != 0 || keepsZero {
                append(entry.tag, UInt64(bitPattern: (number << 1) ^ (number >> 63)), &out)
            }
        case .enumeration:
            guard let name = string(),
                let value = pool.enums[entry.target].value(named: String(decoding: name, as: UTF8.self))
            else { return false }
            if value.number != 0 || keepsZero { append(entry.tag, UInt64(bitPattern: Int64(value.number)), &out) }
        case .message:
            out.append(varint: entry.tag)
            let start = out.beginLength()
            guard object(entry.target, depth &+ 1, &out) else { return false }
            out.endLength(start)
        case .other: return false
        }
        return true
    }

    private mutating func bool() -> Bool? {
        if starts(with: "true") {
            at &+= 4
            return true
        }
        if starts(with: "false") {
            at &+= 5
            return false
        }
        return nil
    }

    private func starts(with word: StaticString) -> Bool {
        guard bytes.count &- at >= word.utf8CodeUnitCount else { return false }
        for index in 0..<word.utf8CodeUnitCount where bytes[at &+ index] != word.utf8Start[index] { return false }
        return true
    }

    /// 64 bits are written in quotes.
    private mutating func number(_ isQuotable: Bool) -> Int64? {
        guard isQuotable, peek == UInt8(ascii: "\"") else { return integer() }
        at &+= 1
        guard let number = integer(), take(UInt8(ascii: "\"")) else { return nil }
        return number
    }

    private func append(_ tag: UInt64, _ value: UInt64, _ out: inout ByteWriter) {
        out.append(varint: tag)
        out.append(varint: value)
    }
}

/// What the fast reader knows of a message, put together when the codec is made.
struct PlainJSONTable: Sendable {
    enum Kind: Sendable {
        case string
        case bool
        case signed(least: Int64, most: Int64, isQuotable: Bool)
        case unsigned(most: Int64, isQuotable: Bool)
        case zigzag(least: Int64, most: Int64, isQuotable: Bool)
        case enumeration
        case message
        /// What the other reader reads: floating point, bytes, maps, packed lists, groups, types with a form of their own.
        case other
    }

    struct Entry: Sendable {
        /// Where its name lies in `names`.
        let start: Int
        let count: Int
        let tag: UInt64
        let kind: Kind
        let isRepeated: Bool
        let hasPresence: Bool
        let oneof: Int
        let target: Int
        /// Among the fields of the message.
        let place: Int
    }

    private let names: [UInt8]
    private let entries: [Entry]
    /// Whether its messages have the usual form, and no more fields than there are marks.
    let isPlain: Bool

    init(_ index: Int, _ pool: DescriptorPool, _ layout: MessageLayout) {
        let message = pool.messages[index]
        var names: [UInt8] = []
        var entries: [Entry] = []
        for (place, descriptor) in message.fields.enumerated() {
            guard let field = layout.field(descriptor.number) else { continue }
            for name in Set([descriptor.name, descriptor.jsonName]) {
                let bytes = Array(name.utf8)
                entries.append(
                    Entry(
                        start: names.count, count: bytes.count,
                        tag: UInt64(UInt32(bitPattern: field.number)) << 3 | UInt64(field.type.wireType.rawValue),
                        kind: Self.kind(field, pool), isRepeated: field.isRepeated, hasPresence: field.hasPresence,
                        oneof: field.oneof, target: field.target, place: place))
                names += bytes
            }
        }
        // Of two fields that share a name the other reader knows which is meant.
        let given = message.fields.flatMap { Set([$0.name, $0.jsonName]) }
        isPlain =
            !message.fullName.hasPrefix("google.protobuf.") && message.fields.count <= 64 && message.oneofs.count <= 64
            && Set(given.map { Array($0.utf8) }).count == given.count
        self.names = names
        self.entries = entries
    }

    private static func kind(_ field: MessageLayout.Field, _ pool: DescriptorPool) -> Kind {
        if field.isMap || field.isPacked || field.isDelimited || field.isClosedEnum { return .other }
        let (least, most) = (Int64(Int32.min), Int64(Int32.max))
        switch field.type {
        case .string: return .string
        case .bool: return .bool
        case .int32: return .signed(least: least, most: most, isQuotable: false)
        case .int64: return .signed(least: .min, most: .max, isQuotable: true)
        case .uint32: return .unsigned(most: Int64(UInt32.max), isQuotable: false)
        case .uint64: return .unsigned(most: .max, isQuotable: true)
        case .sint32: return .zigzag(least: least, most: most, isQuotable: false)
        case .sint64: return .zigzag(least: .min, most: .max, isQuotable: true)
        case .enum: return pool.enums[field.target].fullName.hasPrefix("google.protobuf.") ? .other : .enumeration
        case .message: return .message
        case .double, .float, .bytes, .group, .fixed32, .fixed64, .sfixed32, .sfixed64: return .other
        }
    }

    func entry(named name: UnsafeBufferPointer<UInt8>) -> Entry? {
        names.withUnsafeBufferPointer { names in
            for entry in entries where entry.count == name.count {
                var index = 0
                while index < name.count, names[entry.start &+ index] == name[index] { index &+= 1 }
                if index == name.count { return entry }
            }
            return nil
        }
    }
}

extension MessageCodec {
    /// Appends the encoded message of a text; where it is none, nothing is appended.
    ///
    /// Between two messages there may be a list or a map, so the depth of the text is no measure: the messages' own is.
    ///
    /// - Parameter ignoresUnknown: members that no field has are passed over, and names that no value of an enum has.
    package func encode(
        json text: UnsafeBufferPointer<UInt8>, as type: Int, ignoresUnknown: Bool, into out: inout ByteWriter
    ) -> Result<Void, MessageJSONReader.Unreadable> {
        if PlainJSONReader.read(text, as: type, self, into: &out) { return .success(()) }
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
