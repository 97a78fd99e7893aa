package import Client

/// What OpenTelemetry's environment variables say of traces (OpenTelemetry specification, SDK environment variables and
/// OTLP exporter configuration). The manifest goes before them.
package struct TracesEnvironment: Sendable {
    /// Nothing is sent, whatever the manifest says: a switch for whoever runs it.
    package private(set) var isDisabled = false
    package private(set) var target: HTTPTarget?
    package private(set) var format: OTLPFormat?
    package private(set) var headers: [String: String] = [:]
    package private(set) var compresses = false
    package private(set) var sampler: Sampler?
    package private(set) var resource: [String: String] = [:]
    package private(set) var batch = SpanExporter.BatchSettings()
    /// What could not be understood, each a sentence that names the variable.
    package private(set) var problems: [String] = []

    /// Which calls are traced.
    package struct Sampler: Equatable, Sendable {
        /// Of those that begin a trace, 0 to 1.
        package let share: Double
        /// Whether the caller's decision stands.
        package let followsParent: Bool
        /// A trace is sampled if the 56 random bits of its identifier are not less (OpenTelemetry, TraceState:
        /// Probability Sampling, section Consistent probability sampling).
        private let threshold: UInt64

        package init(share: Double, followsParent: Bool = true) {
            self.share = share
            self.followsParent = followsParent
            threshold = UInt64(((1 - min(max(share, 0), 1)) * 0x1p56).rounded())
        }

        /// Sets or clears the flag of a trace that has its identifier, unless that is the caller's to say.
        package func decide(on trace: inout TraceContext) {
            if followsParent, trace.parent != 0 { return }
            trace.flags &= ~TraceContext.sampled
            if trace.low & 0x00FF_FFFF_FFFF_FFFF >= threshold { trace.flags |= TraceContext.sampled }
        }
    }

    package static let none = TracesEnvironment { _ in nil }

    /// - Parameter variable: an environment variable's value; an empty one counts as unset.
    package init(_ variable: (String) -> String?) {
        func value(_ names: String...) -> (name: String, text: String)? {
            for name in names {
                if let text = variable(name), !text.isEmpty { return (name, text) }
            }
            return nil
        }
        if let (name, text) = value("OTEL_SDK_DISABLED") {
            switch text.lowercased() {
            case "true": isDisabled = true
            case "false": break
            default: problems.append("\(name) is neither `true` nor `false`")
            }
        }
        readExporter(value("OTEL_TRACES_EXPORTER"))
        readTarget(
            exact: value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), base: value("OTEL_EXPORTER_OTLP_ENDPOINT"))
        if let (name, text) = value("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL") {
            format = OTLPFormat(protocol: text)
            if format == nil {
                problems.append(
                    "\(name) is `\(text)`; `http/protobuf` and `http/json` are spoken, and http/protobuf is used")
            }
        }
        if let (name, text) = value("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION") {
            switch text {
            case "gzip": compresses = true
            case "none": compresses = false
            default: problems.append("\(name) is neither `gzip` nor `none`")
            }
        }
        if let (name, text) = value("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS") {
            headers = pairs(text, of: name) { key, value in
                Self.isToken(key) && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            }
        }
        if let (name, text) = value("OTEL_RESOURCE_ATTRIBUTES") { resource = pairs(text, of: name) { _, _ in true } }
        readSampler(value("OTEL_TRACES_SAMPLER"), value("OTEL_TRACES_SAMPLER_ARG"))
        readBatch { value($0) }
    }

    private mutating func readExporter(_ found: (name: String, text: String)?) {
        guard let (name, text) = found else { return }
        switch text {
        case "otlp": target = HTTPTarget(host: "localhost", port: Self.port, path: Self.path)
        case "none": isDisabled = true
        default: problems.append("\(name) is `\(text)`; `otlp` and `none` are known")
        }
    }

    private mutating func readTarget(exact: (name: String, text: String)?, base: (name: String, text: String)?) {
        guard let found = exact ?? base else { return }
        do throws(HTTPTarget.Unusable) {
            target =
                exact == nil
                ? try Self.target(base: found.text) : try HTTPTarget(url: found.text, defaultPort: Self.port)
        } catch {
            problems.append("\(found.name) \(error.reason), so no spans are sent there")
        }
    }

    /// OTLP over HTTP.
    package static let port = 4318
    package static let path = "/v1/traces"

    /// A collector's URL, to which the path for traces is added unless it is there.
    package static func target(base url: String) throws(HTTPTarget.Unusable) -> HTTPTarget {
        let base = try HTTPTarget(url: url, defaultPort: port)
        if base.path.hasSuffix(path) { return base }
        let prefix = base.path.hasSuffix("/") ? base.path.dropLast() : base.path[...]
        return HTTPTarget(host: base.host, port: base.port, path: prefix + path)
    }

    private mutating func readSampler(
        _ found: (name: String, text: String)?, _ argument: (name: String, text: String)?
    ) {
        guard let (name, text) = found else { return }
        let share: Double
        switch text.hasPrefix("parentbased_") ? text.dropFirst("parentbased_".count) : text[...] {
        case "always_on": share = 1
        case "always_off": share = 0
        case "traceidratio":
            guard let ratio = argument.map({ Double($0.text) }) ?? 1, (0...1).contains(ratio) else {
                problems.append("OTEL_TRACES_SAMPLER_ARG is not from 0 to 1; all calls are traced")
                return
            }
            share = ratio
        default:
            problems.append("\(name) is `\(text)`, which is not known")
            return
        }
        sampler = Sampler(share: share, followsParent: text.hasPrefix("parentbased_"))
    }

    private mutating func readBatch(_ value: (String) -> (name: String, text: String)?) {
        func number(_ name: String, _ range: ClosedRange<Int>, _ standard: Int) -> Int {
            guard let text = value(name)?.text else { return standard }
            guard let number = Int(text), range.contains(number) else {
                problems.append(
                    "\(name) is not from \(range.lowerBound) to \(range.upperBound); \(standard) is used")
                return standard
            }
            return number
        }
        batch.scheduleDelay = number("OTEL_BSP_SCHEDULE_DELAY", 1...3_600_000, batch.scheduleDelay)
        batch.queueSize = number("OTEL_BSP_MAX_QUEUE_SIZE", 1...1_000_000, batch.queueSize)
        batch.batchSize = min(
            number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 1...100_000, batch.batchSize), batch.queueSize)
        batch.timeout = number("OTEL_EXPORTER_OTLP_TIMEOUT", 1...600_000, batch.timeout)
        batch.timeout = number("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", 1...600_000, batch.timeout)
    }

    /// `key=value,key=value` with percent escapes in the values, as W3C Baggage has them.
    private mutating func pairs(
        _ text: String, of name: String, where isUsable: (_ key: String, _ value: String) -> Bool
    ) -> [String: String] {
        var found: [String: String] = [:]
        for pair in text.split(separator: ",") {
            let pair = pair.drop { $0 == " " }
            if pair.isEmpty { continue }
            guard let equals = pair.firstIndex(of: "="), equals > pair.startIndex,
                let value = Self.decoded(pair[pair.index(after: equals)...].utf8)
            else {
                problems.append("\(name) has a part that is no `key=value`, which is left out")
                continue
            }
            let key = String(pair[..<equals])
            guard isUsable(key, value) else {
                problems.append("\(name) has a part with a character that may not be sent, which is left out")
                continue
            }
            found[key] = value
        }
        return found
    }

    private static func decoded(_ text: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        while bytes.last == 0x20 { bytes.removeLast() }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func isToken(_ name: String) -> Bool {
        name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
