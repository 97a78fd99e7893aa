import CEL
import Diagnostics
import JSON
import Manifests
import Pipeline

/// A field of gRPC metadata (gRPC over HTTP/2, "Custom-Metadata"), ready to be written.
struct MetadataField: Sendable {
    let name: [UInt8]
    private let program: TemplateProgram
    /// The value as it is sent, if it is always the same.
    private let constant: [UInt8]?

    static func compiled(
        _ named: Named<OneOrMore<Template>>, _ scope: CompileScope, _ findings: inout Findings
    ) -> [MetadataField] {
        named.entries.flatMap { entry in
            entry.value.values.compactMap { MetadataField(entry.name, $0, scope, &findings) }
        }
    }

    private init?(_ name: String, _ value: Template, _ scope: CompileScope, _ findings: inout Findings) {
        self.name = Array(name.utf8)
        let isBinary = name.hasSuffix("-bin")
        guard let program = scope.check(value, isBinary ? .plain : .header, &findings) else { return nil }
        self.program = program
        guard let bytes = program.constant else {
            constant = nil
            return
        }
        if isBinary {
            constant = Wire.bytes { out in
                bytes.withUnsafeBufferPointer { Base64.encode($0, isPadded: false, into: &out) }
            }
        } else {
            guard bytes.allSatisfy(Self.isPrintable) else {
                findings.report(
                    MessageRules.badMetadata, "the value of `\(name)` is not printable ASCII", at: value.text.whole,
                    help: "give it a name that ends in `-bin` to send any bytes")
                return nil
            }
            constant = bytes
        }
    }

    /// Appends the value as it is sent, by way of `scratch`.
    func write(
        _ context: Context, _ scratch: inout ByteWriter, _ out: inout ByteWriter
    ) -> StreamFault? {
        if let constant {
            out.append(constant)
            return nil
        }
        scratch.clear()
        if let error = program.write(context, &scratch) { return StreamFault(error, readsClient: program.readsClient) }
        if name.suffix(4).elementsEqual("-bin".utf8) {
            // Without padding, as gRPC sends it.
            Base64.encode(scratch.bytes, isPadded: false, into: &out)
            return nil
        }
        for byte in scratch.bytes where !Self.isPrintable(byte) {
            // The server's fault even if a client sent it: nobody should answer with what cannot be sent.
            return StreamFault(
                EvaluationError("the value of `\(String(decoding: name, as: UTF8.self))` is not printable ASCII"),
                readsClient: false)
        }
        out.append(scratch.bytes)
        return nil
    }

    private static func isPrintable(_ byte: UInt8) -> Bool { (0x20...0x7E).contains(byte) }

    /// Tells of a name that gRPC cannot send.
    static func check(_ text: PlacedText, _ findings: inout Findings) {
        let name = text.string
        let bytes = Array(name.utf8)
        let lower = name.lowercased()
        let fits =
            !bytes.isEmpty
            && bytes.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || "-_.".utf8.contains(byte)
            }
        if !fits {
            let meant = Array(lower.utf8) != bytes && name.utf8.allSatisfy { $0 < 0x80 } ? lower : nil
            findings.report(
                MessageRules.badMetadata, "`\(name)` is no name of metadata", at: text.whole,
                label: "expected lower-case letters, digits, `-`, `_` and `.`",
                help: meant.map { "write `\($0)`" }, suggestion: meant)
        } else if lower.hasPrefix("grpc-") || reserved.contains(lower) {
            findings.report(
                MessageRules.badMetadata, "`\(name)` is set by the server", at: text.whole,
                help: lower == "grpc-status" || lower == "grpc-message"
                    ? "write `error: { code: NOT_FOUND, message: … }`" : "leave it out, or choose another name")
        }
    }

    private static let reserved: Set<String> = [
        "content-type", "content-length", "te", "connection", "transfer-encoding", "trailer", "date", "host",
        "x-request-id",
    ]
}

extension [MetadataField] {
    /// Adds them to the head of the answer; on failure what went wrong.
    func addToHead(_ exchange: inout Exchange) -> StreamFault? {
        let state = exchange.loop.state
        for field in self {
            var fault: StreamFault?
            let context = exchange.context
            field.name.withUnsafeBufferPointer { name in
                exchange.response.add(name) { out in fault = field.write(context, &state.pointee.scratch, &out) }
            }
            if let fault {
                exchange.response.removeLast()
                return fault
            }
        }
        return nil
    }

    /// Adds them behind the answer.
    func addToTrailers(_ exchange: inout Exchange) -> StreamFault? {
        if isEmpty { return nil }
        let state = exchange.loop.state
        var names: [UInt8] = []
        for field in self {
            let start = exchange.response.trailers.count
            exchange.response.trailers.append(field.name)
            exchange.response.trailers.append(": ")
            let context = exchange.context
            if let fault = field.write(context, &state.pointee.scratch, &exchange.response.trailers) {
                exchange.response.trailers.truncate(to: start)
                return fault
            }
            exchange.response.trailers.append("\r\n")
            if !names.isEmpty { names += [UInt8(ascii: ","), UInt8(ascii: " ")] }
            names += field.name
        }
        exchange.response.trailerNames = names
        return nil
    }
}
