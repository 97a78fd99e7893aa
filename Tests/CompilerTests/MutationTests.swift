import Compiler
import Diagnostics
import JSON
import Pipeline
import Testing

/// Whatever a file holds, there are findings or there is a plan, and never a trap.
@Suite struct MutationTests {
    /// Enough to be the same on each run.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        // SplitMix64 (Steele, Lea and Flood, 2014).
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }

    private static let seeds: [[UInt8]] = {
        var seeds: [[UInt8]] = []
        for folder in [GoldenFolder("lint"), GoldenFolder("../../configs")] {
            for name in folder.names(ending: ".yaml") {
                if let bytes = folder.read("\(name).yaml") { seeds.append(bytes) }
            }
        }
        return seeds
    }()

    /// What stands in manifests, so that mutants are not just noise.
    private static let pieces = [
        "{", "}", "[", "]", "{{", "}}", "\"", "'", ":", ": ", ",", "#", " #", "- ", "|", ">-", "&a ", "*a", "!", "%",
        "\n",
        "\n  ", "\t", "\r\n", "  ", "off", "null", "0", "-1", "99999999999999999999", "1e999", ".nan", "é", "\u{1F600}",
        "\u{FEFF}", "<<: ", "x-a: ", "path.", "headers[", "?", "(", ")", "\\", "\\u0000", "\0", "[::1]:1", "/", "{$}",
        "{a...}", "timeout: ", "template: ", "middleware: ", "fields: ", "~",
        "${", "${HOST}", "${LINES}", "${BRACES}", "${WORD:-", "${file:circle.yaml}", "$${", "include: circle.yaml\n",
        "include: [parts/*.yaml]\n",
    ].map { Array($0.utf8) }

    private static func mutated(_ seed: [UInt8], _ random: inout Generator) -> [UInt8] {
        var bytes = seed
        for _ in 0...Int.random(in: 0...3, using: &random) {
            let at = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, at + Int.random(in: 0...12, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes.removeSubrange(at..<end)
            case 1: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: at)
            case 2: bytes.replaceSubrange(at..<end, with: pieces.randomElement(using: &random) ?? [])
            case 3: if at < bytes.count { bytes[at] = UInt8.random(in: 0...255, using: &random) }
            default:
                let from = Int.random(in: 0...bytes.count, using: &random)
                bytes.insert(contentsOf: bytes[from..<min(bytes.count, from + 24)], at: at)
            }
        }
        return bytes
    }

    @Test(arguments: 0..<8) func findingsOrPlan(_ part: Int) {
        #expect(Self.seeds.count > 50)
        var random = Generator(state: UInt64(part) &+ 20_26)
        for _ in 0..<250 {
            let bytes = Self.mutated(Self.seeds.randomElement(using: &random) ?? [], &random)
            let linted = Linted(Source(name: "a.yaml", bytes: bytes))
            let hasErrors = linted.findings.contains { $0.level == .error }
            let text = String(decoding: bytes, as: UTF8.self)
            #expect((linted.compilation.plan == nil) == hasErrors, "\(text)\n\(linted.human)")
            if let plan = linted.compilation.plan {
                #expect(plan.routeCount >= linted.compilation.routes.count, "\(text)")
            }
            for finding in linted.findings {
                #expect(
                    finding.range.start <= finding.range.end && finding.range.end <= finding.range.source.bytes.count,
                    "\(text)")
            }
            // Both renderings of anything are text without control characters, and JSON.
            #expect(linted.human.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0A }, "\(text)")
            let json = Array(linted.json.utf8)
            #expect(json.withUnsafeBufferPointer { if case .success = JSONReader.read($0) { true } else { false } })
        }
    }
}
