package import JSON

/// A checked template: literal bytes, encoded at load, and programs that write between them.
package final class TemplateProgram: Sendable {
    enum Piece: Sendable {
        case literal([UInt8])
        case program(Program)
    }

    private let parts: FixedList<any TemplatePart>
    private let encoding: Encoding
    package let readsClient: Bool
    /// Whether what it gives is made of what nobody may be told of.
    package let readsSecret: Bool
    /// The names of the roots that its holes read.
    package let reads: Set<String>
    /// The encoded text, if it is always the same.
    package let constant: [UInt8]?
    /// The program, if the whole string is one hole.
    package let single: Program?

    init(_ pieces: [Piece], _ encoding: Encoding, isSingle: Bool) {
        var reads: Set<String> = []
        var client = false
        var secret = false
        for case .program(let program) in pieces {
            reads.formUnion(program.reads)
            client = client || program.readsClient
            secret = secret || program.readsSecret
        }
        self.encoding = encoding
        self.reads = reads
        self.readsClient = client
        readsSecret = secret
        if isSingle, case .program(let program)? = pieces.first { self.single = program } else { self.single = nil }
        let encoded = Self.encoded(pieces, encoding)
        switch encoded.first {
        case nil: self.constant = []
        case .literal(let bytes)? where encoded.count == 1: self.constant = bytes
        default: self.constant = nil
        }
        parts = FixedList(
            encoded.map { piece in
                switch piece {
                case .literal(let bytes): LiteralPart(bytes)
                case .program(let program): ProgramPart(program)
                }
            })
    }

    /// Literal text and constants encoded and joined, programs between them.
    private static func encoded(_ pieces: [Piece], _ encoding: Encoding) -> [Piece] {
        var made: [Piece] = []
        var text = ByteWriter()
        func flush() {
            if text.count > 0 { made.append(.literal(Array(text.bytes))) }
            text.clear()
        }
        for piece in pieces {
            switch piece {
            case .literal(let bytes):
                // A literal part of a URL or of HTML is the author's own: only JSON has to hold it as a string.
                text.append(literal: bytes, as: encoding)
            case .program(let program):
                if let constant = program.constant, constant.write(&text, encoding) == nil { continue }
                flush()
                made.append(.program(program))
            }
        }
        flush()
        return made
    }

    /// Writes the text; nil if that went well. On failure `out` is as it was.
    package func write(_ context: Context, _ out: inout ByteWriter) -> EvaluationError? {
        let start = out.count
        for index in 0..<parts.count {
            if let error = parts.with(index, { $0.write(context, &out, encoding) }) {
                out.truncate(to: start)
                return error
            }
        }
        if out.count - start > Limits.output {
            out.truncate(to: start)
            return Limits.outputExceeded
        }
        return nil
    }

    /// Writes the text; `.absent` if it is one hole that gives nothing. `out` is as it was unless `.written`.
    package func writeText(_ context: Context, _ out: inout ByteWriter) -> JSONOutcome {
        if let single { return single.writeText(context, &out, encoding) }
        return write(context, &out).map { .failed($0) } ?? .written
    }

    /// Writes a JSON value: of the expression's own type if the template is one hole, else a string with its quotes.
    package func writeJSON(_ context: Context, _ out: inout ByteWriter) -> JSONOutcome {
        if let single { return single.writeJSON(context, &out) }
        let start = out.count
        var failure: EvaluationError?
        out.append(UInt8(ascii: "\""))
        if encoding == .jsonString {
            failure = write(context, &out)
        } else {
            var text = ByteWriter()
            failure = write(context, &text)
            out.append(jsonEscaped: text.bytes)
        }
        out.append(UInt8(ascii: "\""))
        guard let failure else { return .written }
        out.truncate(to: start)
        return .failed(failure)
    }
}

/// A piece as it is run through for each call.
private protocol TemplatePart: AnyObject, Sendable {
    func write(_ context: Context, _ out: inout ByteWriter, _ encoding: Encoding) -> EvaluationError?
}

private final class LiteralPart: TemplatePart {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func write(_ context: Context, _ out: inout ByteWriter, _ encoding: Encoding) -> EvaluationError? {
        out.append(bytes)
        return nil
    }
}

private final class ProgramPart: TemplatePart {
    private let program: Program

    init(_ program: Program) { self.program = program }

    func write(_ context: Context, _ out: inout ByteWriter, _ encoding: Encoding) -> EvaluationError? {
        program.write(context, &out, encoding)
    }
}

extension ByteWriter {
    /// Appends what the manifest's author wrote between holes: the markup of a page or the path of a URL is meant as it
    /// stands; inside of a JSON string it has to be escaped all the same.
    fileprivate mutating func append(literal bytes: [UInt8], as encoding: Encoding) {
        bytes.withUnsafeBufferPointer { bytes in
            if encoding == .jsonString { append(jsonEscaped: bytes) } else { append(bytes) }
        }
    }
}
