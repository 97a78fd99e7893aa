import Pipeline
import Testing
import Transport

/// The status that a head and its body get, nil if both are taken, 408 if more must come.
private func status(_ bytes: [UInt8], cuts: [Int] = []) -> Int? {
    let reading = HeadReading(bytes, cuts: cuts)
    switch reading.result {
    case .refused(let status): return status
    case .incomplete: return 408
    case .complete(let length):
        let body = Array(bytes[length...])
        switch reading.framing {
        case .none: return nil
        case .length(let count): return body.count >= count ? nil : 408
        case .chunked:
            let chunks = ChunkReading(body, cuts: cuts.map { $0 - length }.filter { $0 > 0 })
            switch chunks.end {
            case .end: return nil
            case .refused(let fault): return fault.status
            default: return 408
            }
        }
    }
}

@Suite struct HeadHostileTests {
    @Test func tableIsThere() {
        #expect(HostileHead.all.count >= 290)
        #expect(Set(HostileHead.all.map(\.name)).count == HostileHead.all.count)
    }

    @Test(arguments: HostileHead.all) func isAnsweredAsTheTableSays(row: HostileHead) {
        #expect(status(row.bytes) == row.status)
    }

    @Test(arguments: HostileHead.all) func partTellsWhereItIsWrong(row: HostileHead) {
        let result = HeadReading(row.bytes).result
        if row.isBody, case .complete = result { return }
        #expect(!row.isBody)
    }

    /// However the bytes are cut in two, the answer is the same; long rows are cut at some places only.
    @Test(arguments: HostileHead.all) func cuttingChangesNothing(row: HostileHead) {
        let step = max(1, row.bytes.count / 300)
        for cut in stride(from: 1, to: row.bytes.count, by: step) {
            #expect(status(row.bytes, cuts: [cut]) == row.status, "cut at \(cut)")
        }
    }

    /// One byte at a time; what is refused may be refused later, but not accepted.
    @Test(arguments: HostileHead.all.filter { $0.bytes.count < 2000 }) func drops(row: HostileHead) {
        #expect(status(row.bytes, cuts: Array(1..<row.bytes.count)) == row.status)
    }
}
