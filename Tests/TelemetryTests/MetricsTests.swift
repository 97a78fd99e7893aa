import Synchronization
import Testing

@testable import Telemetry

@Suite struct MetricSeriesTests {
    @Test(arguments: [
        (0, 0), (5_000_000, 0), (5_000_001, 1), (10_000_000, 1), (25_000_000, 2), (50_000_000, 3), (75_000_000, 4),
        (100_000_000, 5), (250_000_000, 6), (500_000_000, 7), (750_000_000, 8), (1_000_000_000, 9),
        (2_500_000_000, 10), (5_000_000_000, 11), (7_500_000_000, 12), (10_000_000_000, 13), (10_000_000_001, 14),
        (Int64.max, 14), (-1, 0),
    ]) func aDurationHasItsBucket(_ nanoseconds: Int64, _ bucket: Int) {
        #expect(CallCell.bucket(nanoseconds: nanoseconds) == bucket)
        let bounds = CallCell.durationBounds
        #expect(bounds.firstIndex { Double(nanoseconds) <= ($0 * 1e9).rounded() } ?? bounds.count == bucket)
    }

    @Test(arguments: [0, 1, 255, 256, 257, 1024, 1025, 4096, 65_536, 1 << 24, 1 << 24 + 1, Int.max, -1])
    func aSizeHasItsBucket(_ bytes: Int) {
        let bounds = CallCell.sizeBounds
        #expect(CallCell.bucket(bytes: bytes) == bounds.firstIndex { Double(bytes) <= $0 } ?? bounds.count)
    }

    @Test func theCellHasRoomForAllParts() {
        #expect(CallCell.parts.map(\.first) == [0, CallCell.requestAt, CallCell.responseAt])
        #expect(CallCell.parts.last?.end == CallCell.words)
    }

    @Test func cachesFindWhatTheyRemember() {
        var cache = SeriesCache()
        let cells = (0..<500).map { _ in MetricCell(words: 1) }
        defer { for cell in cells { cell.free() } }
        for (index, cell) in cells.enumerated() {
            cell.add(UInt64(index), at: 0)
            cache.remember(Array("key \(index)".utf8), cell)
        }
        for index in 0..<500 {
            let found = Array("key \(index)".utf8).withUnsafeBufferPointer { cache.cell($0) }
            #expect(found?.value(at: 0) == UInt64(index))
        }
        let none = Array("key".utf8).withUnsafeBufferPointer { cache.cell($0) }
        #expect(none == nil)
    }

    @Test func loopsAddUp() {
        let registry = MetricRegistry(loops: 3)
        let metric = registry.own(OwnMetric.Shape("a", .counter), help: "A")
        for loop in 0..<3 {
            for _ in 0...loop {
                metric.record(1, loop: loop, limit: 10, wall: 0, exemplar: nil) { labels, _ in labels.label("x", "y") }
            }
        }
        let lines = String(decoding: registry.exposition(.text), as: UTF8.self).split(separator: "\n")
        #expect(lines.contains(#"a_total{x="y"} 6"#))
    }

    @Test func theLimitIsForAllLoopsTogether() {
        let directory = SeriesDirectory(words: 1, loops: 2)
        var overflows = 0
        for number in 0..<20 {
            for loop in 0..<2 {
                let found = directory.cell(Array("\(number)".utf8), loop: loop, limit: 8, wall: 0)
                overflows += found.isOverflow ? 1 : 0
            }
        }
        #expect(directory.count == 8)
        #expect(overflows == 26)
    }

    @Test func seriesEndWithTheirLastOwner() {
        let directory = SeriesDirectory(words: 1, loops: 1)
        directory.hold([1])
        directory.hold([1])
        directory.hold([2])
        _ = directory.cell([10], owner: [1], loop: 0, limit: 8, wall: 0)
        _ = directory.cell([20], owner: [2], loop: 0, limit: 8, wall: 0)
        directory.release([1])
        #expect(directory.count == 2)
        directory.release([1])
        #expect(directory.count == 1)
    }

    @Test func exemplarsAreTheLatest() {
        let cell = MetricCell(words: 2)
        defer { cell.free() }
        #expect(cell.exemplars == nil)
        var exemplar = Exemplar(high: 1, low: 2, span: 3, value: 0.5, time: 7)
        cell.note(exemplar, at: 1, of: 2)
        exemplar.time = 8
        cell.note(exemplar, at: 1, of: 2)
        #expect(cell.exemplars?.read(at: 1) == exemplar)
        #expect(cell.exemplars?.read(at: 0) == nil)
    }

    /// Loops count while somebody scrapes: nothing is lost, and what is read is never more than what was counted.
    @Test func scrapesDoNotDisturbLoops() async {
        let registry = MetricRegistry(loops: 2)
        let metric = registry.own(OwnMetric.Shape("a", .histogram([1, 2])), help: "A")
        await withTaskGroup(of: Void.self) { group in
            for loop in 0..<2 {
                group.addTask {
                    for number in 0..<5000 {
                        metric.record(
                            Double(number % 3), loop: loop, limit: 50, wall: 0,
                            exemplar: Exemplar(high: 1, low: UInt64(number), span: 1, value: 0, time: 0)
                        ) { labels, _ in labels.label("x", "\(number % 100)") }
                    }
                }
            }
            group.addTask { for _ in 0..<20 { _ = registry.exposition(.openMetrics) } }
        }
        let lines = String(decoding: registry.exposition(.text), as: UTF8.self).split(separator: "\n")
        let counts = lines.filter { $0.hasPrefix("a_count") }.compactMap { Int($0.split(separator: " ").last ?? "") }
        #expect(counts.count == 50)
        #expect(counts.reduce(0, +) == 10_000)
    }

    @Test(arguments: [
        ("plain", "plain"), ("a\"b", #"a\"b"#), ("a\\b", #"a\\b"#), ("a\nb", #"a\nb"#), ("a\r\u{0}\u{1B}", "a���"),
        ("\u{7F}\u{85}", "��"), ("é€🎈", "é€🎈"),
    ]) func labelsAreEscaped(_ value: String, _ expected: String) {
        var writer = LabelWriter()
        writer.label("x", value)
        #expect(String(decoding: writer.labels, as: UTF8.self) == "x=\"\(expected)\"")
    }

    @Test func whatIsNotUTF8IsMadeIt() {
        var writer = LabelWriter()
        writer.label("x", [0x61, 0xFF, 0xC0, 0x80])
        #expect(String(validating: writer.labels, as: UTF8.self) != nil)
    }
}

@Suite struct ProcessMetricsTests {
    private static let stat = """
        4711 (rad) (icled x) S 1 4711 4711 0 -1 4194304 2000 0 3 0 250 50 0 0 20 0 7 0 90000 123456789 2500 \
        18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0
        """

    private func lines(stat: String?, descriptors: Int?) -> [String] {
        let reading = ProcessMetrics.Reading(
            stat: { stat.map { Array($0.utf8) } }, descriptors: { descriptors }, secondsSinceBoot: { 1000 })
        var out = ExpositionWriter(.text)
        ProcessMetrics.source(reading)(&out)
        return String(decoding: out.end(), as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map(String.init)
    }

    @Test func isReadFromTheKernelsText() {
        #expect(
            lines(stat: Self.stat, descriptors: 12) == [
                #"process_cpu_time_seconds_total{cpu_mode="user"} 2.5"#,
                #"process_cpu_time_seconds_total{cpu_mode="system"} 0.5"#, "process_memory_usage_bytes 10240000",
                "process_thread_count 7", "process_uptime_seconds 100", "process_unix_file_descriptor_count 12",
            ])
    }

    @Test(arguments: [nil, "", "1 (a", "1 (a) S 1 2", "1 (a) S x x x x x x x x x x x x x x x x x x x x x x"])
    func whatCannotBeReadIsLeftOut(_ stat: String?) {
        #expect(lines(stat: stat, descriptors: nil) == [])
    }

    @Test func thisProcessCanBeRead() {
        var out = ExpositionWriter(.text)
        ProcessMetrics.source()(&out)
        let text = String(decoding: out.end(), as: UTF8.self)
        for family in ProcessMetrics.families { #expect(text.contains("# TYPE \(family.exposedName) ")) }
    }
}
