import CEL
import Diagnostics
import JSON
import Manifests
import Protobuf

/// A YAML tree as a protobuf message: encoded bytes with holes between, laid out when the plan is made.
final class MessageTree: Sendable {
    /// What a template may write, as of JSON.
    static let limit = 1024 * 1024
    static let tooLarge = EvaluationError("the message would be larger than 1 MiB")

    private let pieces: FixedList<any MessagePiece>

    /// Nil if it has mistakes, which are told.
    init?(_ node: Node, _ codec: MessageCodec, type: Int, _ scope: CompileScope, _ findings: inout Findings) {
        let builder = MessageTreeBuilder(codec: codec, scope: scope)
        guard let parts = builder.message(node, MessageEncoding(codec, type), 0, &findings) else { return nil }
        pieces = FixedList(parts.pieces)
    }

    /// The encoded message, if it is always the same.
    var constant: [UInt8]? {
        switch pieces.count {
        case 0: []
        case 1: pieces.with(0) { ($0 as? BytesPiece)?.bytes }
        default: nil
        }
    }

    /// Appends the encoded message; nothing if it is one hole that gives an empty optional. What was written before a failure
    /// is taken back.
    func write(_ context: Context, _ out: inout ByteWriter) -> StreamOutcome {
        let start = out.count
        for index in 0..<pieces.count {
            switch pieces.with(index, { $0.write(context, &out) }) {
            case .written: break
            case .absent where pieces.count == 1 && out.count == start: return .absent
            case .absent: break
            case .failed(let fault):
                out.truncate(to: start)
                return .failed(fault)
            }
            if out.count - start > Self.limit {
                out.truncate(to: start)
                return .failed(StreamFault(Self.tooLarge, readsClient: false))
            }
        }
        return .written
    }
}

/// What a message is put together from, bytes joined.
struct MessageParts {
    private(set) var pieces: [any MessagePiece] = []

    mutating func append(_ bytes: [UInt8]) {
        if bytes.isEmpty { return }
        if let last = pieces.last as? BytesPiece {
            pieces[pieces.count - 1] = BytesPiece(last.bytes + bytes)
        } else {
            pieces.append(BytesPiece(bytes))
        }
    }

    mutating func append(_ piece: any MessagePiece) { pieces.append(piece) }

    mutating func append(_ parts: MessageParts) {
        for piece in parts.pieces {
            if let literal = piece as? BytesPiece { append(literal.bytes) } else { append(piece) }
        }
    }

    /// The bytes, if they are always the same.
    var constant: [UInt8]? {
        if pieces.isEmpty { return [] }
        return pieces.count == 1 ? (pieces.first as? BytesPiece)?.bytes : nil
    }

    /// Puts a tag and the length in front, or tags around.
    func wrapped(_ tag: [UInt8], endTag: [UInt8] = []) -> MessageParts {
        var parts = MessageParts()
        if let constant {
            parts.append(tag)
            if endTag.isEmpty { parts.append(Wire.bytes { $0.append(varint: UInt64(constant.count)) }) }
            parts.append(constant)
            parts.append(endTag)
        } else if endTag.isEmpty {
            parts.append(NestedPiece(tag, pieces, isOptional: false))
        } else {
            parts.append(tag)
            parts.append(self)
            parts.append(endTag)
        }
        return parts
    }
}

/// A part of the message as it is run through for each call. What it wrote before a failure is for the caller to take back.
protocol MessagePiece: AnyObject, Sendable {
    func write(_ context: Context, _ out: inout ByteWriter) -> StreamOutcome
}

final class BytesPiece: MessagePiece {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func write(_ context: Context, _ out: inout ByteWriter) -> StreamOutcome {
        out.append(bytes)
        return .written
    }
}

/// What stands behind a tag and its length.
final class NestedPiece: MessagePiece {
    private let tag: [UInt8]
    private let pieces: FixedList<any MessagePiece>
    private let isOptional: Bool

    /// - Parameter isOptional: whether all of it is left out where a part is absent, or where it is empty.
    init(_ tag: [UInt8], _ pieces: [any MessagePiece], isOptional: Bool) {
        self.tag = tag
        self.pieces = FixedList(pieces)
        self.isOptional = isOptional
    }

    func write(_ context: Context, _ out: inout ByteWriter) -> StreamOutcome {
        let first = out.count
        out.append(tag)
        let start = out.beginLength()
        for index in 0..<pieces.count {
            switch pieces.with(index, { $0.write(context, &out) }) {
            case .written: break
            case .absent where isOptional:
                out.truncate(to: first)
                return .absent
            case .absent: break
            case .failed(let fault): return .failed(fault)
            }
            if out.count - start > MessageTree.limit {
                return .failed(StreamFault(MessageTree.tooLarge, readsClient: false))
            }
        }
        out.endLength(start)
        return .written
    }
}
