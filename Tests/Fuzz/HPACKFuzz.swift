import JSON
import Pipeline
import Transport

/// Header blocks of one connection: whatever they are, the decoder ends each of them, its table stays within its bounds, and
/// what it read is read again from what the encoder makes of it.
///
/// The first byte of a piece is its length; pieces are blocks that follow each other.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    var decoder = HPACKDecoder()
    var encoder = HPACKEncoder()
    var back = HPACKDecoder()
    var at = 0
    while at < bytes.count {
        let end = min(bytes.count, at + 1 + Int(bytes[at]))
        let block = UnsafeBufferPointer(rebasing: bytes[(at + 1)..<end])
        at = end
        var out = ByteWriter()
        var place = 0
        var fields: [DecodedField] = []
        reading: while true {
            switch decoder.next(block, &place, into: &out) {
            case .field(let field): fields.append(field)
            case .end: break reading
            case .broken: return 0
            }
        }
        precondition(place == block.count, "a block that is not read to its end")
        if block.first.map({ $0 & 3 == 3 }) == true { encoder.resize(to: block.count * 16) }
        var written = ByteWriter()
        encoder.begin(into: &written)
        for field in fields {
            encoder.write(
                UnsafeBufferPointer(rebasing: out.bytes[field.name.range]),
                UnsafeBufferPointer(rebasing: out.bytes[field.value.range]), into: &written)
        }
        var again = ByteWriter()
        place = 0
        for field in fields {
            guard case .field(let same) = back.next(written.bytes, &place, into: &again) else {
                preconditionFailure("what the encoder wrote is not read")
            }
            precondition(
                again.bytes[same.name.range].elementsEqual(out.bytes[field.name.range])
                    && again.bytes[same.value.range].elementsEqual(out.bytes[field.value.range]),
                "another field came back")
            precondition(same.meaning == field.meaning && same.isSound == field.isSound, "it means something else")
            precondition(same.fits == field.fits, "its value fits no longer")
        }
        guard case .end = back.next(written.bytes, &place, into: &again) else {
            preconditionFailure("more than was written is read")
        }
    }
    return 0
}
