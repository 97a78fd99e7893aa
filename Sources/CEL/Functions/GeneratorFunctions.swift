import JSON

// What comes from the clock and the dice, and the stable hash.
let generatorFunctions: [Function] = [
    Function(
        "uuid", .function,
        [
            Overload(
                [], .string, isPure: false, planning: .written { UUIDCall() },
                .none { frame in UUIDCall().evaluate(&frame) })
        ]),
    Function(
        "now", .function,
        [
            Overload(
                [], .timestamp, isPure: false,
                .none { frame in
                    .timestamp(Timestamp(nanosecondsSinceEpoch: frame.ambient.now(frame.context)))
                })
        ]),
    Function(
        "random", .function,
        [
            Overload(
                [], .double, isPure: false,
                // The 53 bits that a double holds below 1.
                .none { frame in .double(Double(frame.ambient.random(frame.context) >> 11) * 0x1p-53) }),
            Overload(
                [.int, .int], .int, isPure: false,
                .two { low, high, frame in
                    guard case .int(let low) = low, case .int(let high) = high else { return low }
                    return random(low, high, &frame)
                }),
        ]),
    Function("hash", .function, [Overload([.dyn], .int, .one { value, frame in hash(value, &frame) })]),
]

/// `uuid()`: a version 4 UUID, RFC 9562 section 5.4. Written without a `String` in between.
final class UUIDCall: Evaluator {
    private static let length = 36

    func evaluate(_ frame: inout Frame) -> Value {
        .string(
            String(unsafeUninitializedCapacity: Self.length) { text in
                guard let base = text.baseAddress else { return 0 }
                Self.write(base, &frame)
                return Self.length
            })
    }

    func write(_ frame: inout Frame, _ out: inout ByteWriter, _ encoding: Encoding) -> JSONOutcome {
        // Digits and hyphens are the same in every encoding.
        out.append(uninitialized: Self.length) { Self.write($0, &frame) }
        return .written
    }

    private static func write(_ text: UnsafeMutablePointer<UInt8>, _ frame: inout Frame) {
        let high = frame.ambient.random(frame.context) & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = frame.ambient.random(frame.context) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        let b = ByteWriter.digits(UInt32(truncatingIfNeeded: high))
        let c = ByteWriter.digits(UInt32(truncatingIfNeeded: low >> 32))
        let base = UnsafeMutableRawPointer(text)
        // Eight digits at a time, the middle ones in halves of four; the hyphens between them.
        base.storeBytes(of: ByteWriter.digits(UInt32(truncatingIfNeeded: high >> 32)), as: UInt64.self)
        base.storeBytes(of: UInt32(truncatingIfNeeded: b), toByteOffset: 9, as: UInt32.self)
        base.storeBytes(of: UInt32(truncatingIfNeeded: b >> 32), toByteOffset: 14, as: UInt32.self)
        base.storeBytes(of: UInt32(truncatingIfNeeded: c), toByteOffset: 19, as: UInt32.self)
        base.storeBytes(of: UInt32(truncatingIfNeeded: c >> 32), toByteOffset: 24, as: UInt32.self)
        base.storeBytes(
            of: ByteWriter.digits(UInt32(truncatingIfNeeded: low)), toByteOffset: 28, as: UInt64.self)
        let hyphen = UInt8(ascii: "-")
        (text[8], text[13], text[18], text[23]) = (hyphen, hyphen, hyphen, hyphen)
    }
}

/// Both ends included. The high half of a product spreads 64 even bits over the range (Lemire 2019); the bias, at most
/// one part in 2^64 for each value, is beyond what anyone can see.
private func random(_ low: Int64, _ high: Int64, _ frame: inout Frame) -> Value {
    if low > high { return .failure("random(\(low), \(high)): the first number is larger than the second") }
    let draw = frame.ambient.random(frame.context)
    let width = UInt64(bitPattern: high &- low)
    // All 2^64 values: the draw is the answer.
    if width == .max { return .int(Int64(bitPattern: draw)) }
    let offset = draw.multipliedFullWidth(by: width + 1).high
    return .int(low &+ Int64(bitPattern: offset))
}

/// FNV-1a of 64 bits, without the sign: the same for the same value in every process.
private func hash(_ value: Value, _ frame: inout Frame) -> Value {
    let bytes: [UInt8]
    if let contents = value.contents {
        bytes = contents
    } else {
        var out = ByteWriter(capacity: 64)
        if case .failed(let error) = value.writeJSON(&out) { return .error(error) }
        bytes = Array(out.bytes)
    }
    guard frame.pay(bytes: bytes.count) else { return .exhausted }
    var state: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return .int(Int64(state & 0x7FFF_FFFF_FFFF_FFFF))
}
