import JSON
import Testing

@testable import Catalog

/// The data of a server-sent event, read back as the HTML Living Standard has it (sections 9.2.5 and 9.2.6).
@Suite struct EventDataTests {
    /// The data of the events in a stream.
    private static func events(_ stream: [UInt8]) -> [String] {
        var lines: [[UInt8]] = []
        var line: [UInt8] = []
        var isAfterReturn = false
        for byte in stream {
            if byte == 0x0A, isAfterReturn {
                isAfterReturn = false
                continue
            }
            isAfterReturn = byte == 0x0D
            if byte == 0x0A || byte == 0x0D {
                lines.append(line)
                line = []
            } else {
                line.append(byte)
            }
        }
        var events: [String] = []
        var data: [UInt8] = []
        for line in lines {
            if line.isEmpty {
                if !data.isEmpty { events.append(String(decoding: data.dropLast(), as: UTF8.self)) }
                data = []
            } else {
                #expect(line.starts(with: "data:".utf8), "\(String(decoding: line, as: UTF8.self))")
                var value = line.dropFirst(5)
                if value.first == 0x20 { value = value.dropFirst() }
                data += value + [0x0A]
            }
        }
        #expect(data.isEmpty && line.isEmpty, "the stream ends within an event")
        return events
    }

    private static func stream(_ text: String) -> [UInt8] {
        var out = ByteWriter(capacity: 64)
        var text = text
        text.withUTF8 { out.append(data: $0) }
        out.append("\n")
        return Array(out.bytes)
    }

    @Test(arguments: [
        ("", "data: \n\n"), ("a", "data: a\n\n"), ("a\nb", "data: a\ndata: b\n\n"),
        ("a\r\nb", "data: a\ndata: b\n\n"), ("a\rb", "data: a\ndata: b\n\n"), ("a\n", "data: a\ndata: \n\n"),
        ("\n\r\n\r", "data: \ndata: \ndata: \ndata: \n\n"), (" a", "data:  a\n\n"), ("id: 1", "data: id: 1\n\n"),
        (":x", "data: :x\n\n"), ("a\0b", "data: a\0b\n\n"), ("\r", "data: \ndata: \n\n"),
    ]) func isSplitIntoLines(_ text: String, _ stream: String) {
        #expect(Self.stream(text) == Array(stream.utf8))
    }

    @Test func whateverTheTextOneEventComesBack() {
        let pieces = ["a", "\n", "\r", "\r\n", "\n\n", "data: ", ":", " ", "id: 1", "\0", "é", "event: x\n", ""]
        var state: UInt64 = 2026
        for _ in 0..<2000 {
            var text = ""
            for _ in 0..<6 {
                // A linear congruential generator: the same texts on each run.
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += pieces[Int(state >> 33) % pieces.count]
            }
            var wanted: [UInt8] = []
            var last: UInt8 = 0
            for byte in text.utf8 {
                if byte != 0x0A || last != 0x0D { wanted.append(byte == 0x0D ? 0x0A : byte) }
                last = byte
            }
            let events = Self.events(Self.stream(text))
            #expect(events.count == 1)
            #expect(events.first.map { Array($0.utf8) } == wanted)
        }
    }
}
