import Compiler
import Glibc
import Logging
import Manifests
import NIOCore
import Pipeline
import Telemetry
import Tracing

/// Where this process's spans go, by its environment and what it is.
enum SpanOutputs {
    /// - Parameter loops: how many loops make spans.
    static func open(loops: Int, _ log: Logger) -> SpanExporters {
        let environment = TracesEnvironment { name in
            Surroundings.process.variable(name).map { String(decoding: $0, as: UTF8.self) }
        }
        for problem in environment.problems {
            log.warning("\(problem)", metadata: ["event": "environment_not_understood"])
        }
        return SpanExporters(
            environment: environment, version: Release.version,
            resource: [
                "host.name": hostName(), "process.pid": String(getpid()), "service.instance.id": instanceID(),
            ],
            loops: loops)
    }

    /// What libraries trace by swift-distributed-tracing comes to the same collectors. Once in a process.
    static func bootstrap(for first: Candidate) -> LibraryTracer {
        let tracer = LibraryTracer(first.outputs.spans, service: first.plan.name, resource: first.resource)
        InstrumentationSystem.bootstrap(tracer)
        return tracer
    }

    /// How long the exit waits for collectors.
    private static let patience = TimeAmount.seconds(3)

    static func close(_ spans: SpanExporters, _ log: Logger) {
        let lost = spans.close(within: patience)
        if lost > 0 {
            log.warning(
                "\(lost) spans were not taken by their collector",
                metadata: ["event": "spans_lost", "spans": "\(lost)"])
        }
    }

    private static func hostName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A random UUID (RFC 9562 section 5.4), so that instances of one service can be told apart.
    private static func instanceID() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return [digits[0..<4], digits[4..<6], digits[6..<8], digits[8..<10], digits[10..<16]]
            .map { $0.joined() }.joined(separator: "-")
    }
}
