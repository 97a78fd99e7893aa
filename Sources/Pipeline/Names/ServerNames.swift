import CEL
import Glibc
import JSON

/// What is the same for all calls that a plan serves.
package struct ServerFacts: Sendable {
    /// `service.name` in telemetry.
    package let name: String
    /// radicled's own.
    package let version: String
    /// How many manifests the process has had in force, this one included.
    package let generation: Int
    /// Attributes of the process in telemetry, beside its name.
    package let resource: [String: String]

    package init(name: String, version: String, generation: Int = 1, resource: [String: String] = [:]) {
        self.name = name
        self.version = version
        self.generation = generation
        self.resource = resource
    }

    package static let unnamed = ServerFacts(name: "", version: "")
}

extension Names {
    /// `server`: the program that answers.
    static func server(_ facts: ServerFacts) -> Root {
        Root(
            "server", .map(.string, .dyn),
            fields: .closed([
                Root.Field("name", .string, FixedText(facts.name), sentByClient: false),
                Root.Field("host", .string, hostName, sentByClient: false),
                Root.Field("version", .string, FixedText(facts.version), sentByClient: false),
                Root.Field(
                    "address", .string, BytesReader { $0.pointee.connection.pointee.localAddress }, sentByClient: false),
                Root.Field(
                    "generation", .int, ValueReader { _ in .int(Int64(facts.generation)) }, sentByClient: false),
            ]), sentByClient: false, noun: "field")
    }

    /// The machine's own name, asked for once.
    private static let hostName: FixedText = {
        // One byte more than is asked for, so that it ends.
        var name = [CChar](repeating: 0, count: 257)
        guard gethostname(&name, name.count - 1) == 0 else { return FixedText("localhost") }
        return FixedText(String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }()
}

/// A text that is known when the plan is made, but is none of the manifest's: nothing is folded into answers, so that
/// lint finds the same on every machine.
private final class FixedText: Reader {
    private let text: String
    private let bytes: [UInt8]

    init(_ text: String) {
        self.text = text
        self.bytes = Array(text.utf8)
    }

    func read(_ context: Context) -> Value? { .string(text) }

    func write(_ context: Context, _ out: inout ByteWriter, _ encoding: Encoding) -> Bool {
        bytes.withUnsafeBufferPointer { if !out.append($0, as: encoding) { out.append($0) } }
        return true
    }
}
