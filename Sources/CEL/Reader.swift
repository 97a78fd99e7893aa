package import JSON

/// What an expression reads at run time, opaque here: the exchange, at an address that does not change meanwhile.
package struct Context {
    package let pointer: UnsafeMutableRawPointer

    package init(_ pointer: UnsafeMutableRawPointer) { self.pointer = pointer }
}

/// One thing that expressions can read: `path.name`, `headers["x-a"]`, `call.id`. Made at load, asked for each call.
package protocol Reader: AnyObject, Sendable {
    /// The value, or nil if it is not there.
    func read(_ context: Context) -> Value?
    /// Whether it gives the same for every call, and does not look at the context: what comes of it is worked out at load.
    var isFixed: Bool { get }
    /// What it gives, where the root's fields can have any name and this name has a type of its own; else nil.
    var ownType: ValueType? { get }
    /// Writes the value's text, encoded, without making a `String`; false and nothing written if it is not there.
    ///
    /// Where the text has to stay on its line the reader writes the bytes as they are: what breaks it is looked for
    /// afterwards.
    func write(_ context: Context, _ out: inout ByteWriter, _ encoding: Encoding) -> Bool
}

extension Reader {
    package var isFixed: Bool { false }
    package var ownType: ValueType? { nil }

    package func write(_ context: Context, _ out: inout ByteWriter, _ encoding: Encoding) -> Bool {
        guard let value = read(context) else { return false }
        let encoding: Encoding = encoding.isOneLine ? .plain : encoding
        // An empty optional is not there either.
        if case .written = value.writeOutcome(&out, encoding) { return true }
        return false
    }
}

/// Reads a field of a message: unset it gives its default, so that whether it is set is asked apart.
package protocol FieldReader: Reader {
    /// What `has(…)` says, and whether `.?` gives a value.
    func isThere(_ context: Context) -> Bool
    /// What reading it is paid by, in bytes.
    func lookupCost(_ context: Context) -> Int
}

/// The clock, the dice, the time zones and cryptography, injected so that tests can fix them.
package protocol Ambient: AnyObject, Sendable {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    func now(_ context: Context) -> Int64
    /// 64 even bits.
    func random(_ context: Context) -> UInt64
    /// The time zones that expressions can name.
    var zones: TimeZones { get }
    /// What hashes and signs; nil where nothing does.
    var crypto: (any CryptoProvider)? { get }
}

extension Ambient {
    /// Without files: `UTC` and fixed offsets only.
    package var zones: TimeZones { .none }
    package var crypto: (any CryptoProvider)? { nil }
}
