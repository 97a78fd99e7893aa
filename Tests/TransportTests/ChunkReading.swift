import Transport

/// What the decoder made of some bytes.
struct ChunkReading: Equatable {
    var body: [UInt8] = []
    var end = ChunkEvent.needMore
    /// How many bytes were used.
    var used = 0

    /// Decodes `bytes`, given to the decoder in pieces that end at `cuts`.
    init(_ bytes: [UInt8], cuts: [Int] = []) {
        var decoder = ChunkDecoder()
        var start = 0
        for end in cuts + [bytes.count] where end >= start && end <= bytes.count {
            Array(bytes[start..<end]).withUnsafeBufferPointer { take($0, &decoder) }
            if self.end != .needMore { return }
            start = end
        }
    }

    private mutating func take(_ piece: UnsafeBufferPointer<UInt8>, _ decoder: inout ChunkDecoder) {
        var at = 0
        while true {
            let event = decoder.decode(piece, from: &at)
            if case .data(let range) = event {
                body += piece[range]
            } else {
                end = event
                used += at
                return
            }
        }
    }
}
