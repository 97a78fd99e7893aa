import JSON
import Protobuf
import Testing

@testable import Calling

/// A server that has nothing but reflection: what it answers to the names of files and symbols.
private struct ReflectingWire: Wire {
    /// The versions that it has.
    var versions = ["v1", "v1alpha"]
    let symbols: [String: String]
    /// Encoded, by their names.
    let files: [String: [UInt8]]
    static let codec = MessageCodec(
        ProtoFiles.builtIn(["grpc/reflection/v1/reflection.proto", "google/protobuf/descriptor.proto"]))

    func open(_ request: WireRequest, _ events: CallEvents) -> any WireStream {
        events.add(.wire(.head(status: 200, [("content-type", "application/grpc")])))
        if versions.contains(where: { request.path == "/grpc.reflection.\($0).ServerReflection/ServerReflectionInfo" })
        {
            events.add(.wire(.body(answer(request))))
            events.add(.wire(.end([("grpc-status", "0")])))
        } else {
            events.add(.wire(.end([("grpc-status", "12")])))
        }
        return DoneStream()
    }

    private func answer(_ request: WireRequest) -> [UInt8] {
        guard case .whole(let body) = request.body,
            let service = Self.codec.pool.service(named: "grpc.reflection.v1.ServerReflection"),
            let method = service.methods.first
        else { return [] }
        var envelopes = Envelopes()
        envelopes.append(body)
        var out: [UInt8] = []
        while case .message(_, let bytes) = envelopes.next() {
            guard case .success(let question) = Self.codec.decode(bytes, as: method.input) else { continue }
            var json = #"{"errorResponse":{"errorCode":5}}"#
            if question[7] != nil {
                json = #"{"listServicesResponse":{"service":[{"name":"shop.Orders"}]}}"#
            } else if case .string(let name) = question[3] ?? question[4] {
                let name = String(decoding: name, as: UTF8.self)
                if let file = files[question[3] == nil ? symbols[name] ?? "" : name] {
                    var text = ByteWriter()
                    file.withUnsafeBufferPointer { Base64.encode($0, into: &text) }
                    let encoded = String(decoding: text.bytes, as: UTF8.self)
                    json = #"{"fileDescriptorResponse":{"fileDescriptorProto":["\#(encoded)"]}}"#
                }
            }
            out += Envelopes.enveloped(Self.encoded(json, as: method.output))
        }
        return out
    }

    static func encoded(_ json: String, as type: Int) -> [UInt8] {
        guard case .success(let value) = JSONReader.read(Array(json.utf8)),
            case .success(let message) = MessageJSONReader(codec).read(value, as: type)
        else { return [] }
        return codec.encode(message)
    }

    static func file(_ json: String) -> [UInt8] {
        encoded(json, as: codec.pool.messageIndex(named: "google.protobuf.FileDescriptorProto") ?? 0)
    }
}

private struct DoneStream: WireStream {
    func send(_ bytes: [UInt8], whenSent: @escaping @Sendable () -> Void) { whenSent() }
    func finish() {}
    func cancel() {}
}

@Suite struct ReflectionTests {
    private static let orders = """
        {"name":"orders.proto","package":"shop","syntax":"proto3","dependency":["types.proto","lost.proto",
        "google/protobuf/timestamp.proto"],"service":[{"name":"Orders","method":[{"name":"Get","inputType":".shop.Order",
        "outputType":".shop.Order"}]}]}
        """
    private static let types = """
        {"name":"types.proto","package":"shop","syntax":"proto3","dependency":["google/protobuf/timestamp.proto"],
        "messageType":[{"name":"Order","field":[{"name":"at","number":1,"label":"LABEL_OPTIONAL","type":"TYPE_MESSAGE",
        "typeName":".google.protobuf.Timestamp","jsonName":"at"}]}]}
        """

    private func wire(_ versions: [String] = ["v1"], _ others: [String: [UInt8]] = [:]) -> ReflectingWire {
        ReflectingWire(
            versions: versions, symbols: ["shop.Orders": "orders.proto"],
            files: [
                "orders.proto": ReflectingWire.file(Self.orders), "types.proto": ReflectingWire.file(Self.types),
            ].merging(others) { $1 })
    }

    private func schema(_ wire: ReflectingWire) throws -> CallSchema? {
        var reflection = Reflection(wire, CallSettings(), server: "it")
        return try reflection.schema(of: ["shop.Orders"], services: try reflection.services())
    }

    @Test(arguments: [["v1"], ["v1alpha"], ["v1", "v1alpha"]])
    func filesAreFetchedWithWhatTheyImport(versions: [String]) throws {
        let schema = try #require(try schema(wire(versions)))
        #expect(schema.services == ["shop.Orders"])
        guard case .method(let method) = try schema.meaning(of: "shop.Orders/Get") else { throw CallMistake("none") }
        #expect(schema.pool.messages[method.input].fullName == "shop.Order")
        #expect(schema.pool.message(named: "google.rpc.BadRequest") != nil)
    }

    @Test func aPlaceholderIsAFileThatIsNotThere() throws {
        let placeholder = ReflectingWire.file(#"{"name":"lost.proto","syntax":"<unknown:0>"}"#)
        #expect(try schema(wire(["v1"], ["lost.proto": placeholder])) != nil)
    }

    @Test func aServerThatKnowsNoneOfItHasNoSchema() throws {
        #expect(try schema(ReflectingWire(symbols: [:], files: [:])) == nil)
    }

    @Test func whatIsNeededAndNotThereIsTold() {
        let mistake = #expect(throws: CallMistake.self) { try schema(wire(["v1"], ["types.proto": []])) }
        #expect(mistake?.message.hasPrefix("the descriptors of it do not fit together: ") == true)
        #expect(mistake?.help == "name the .proto files with --proto")
    }

    @Test func aServerWithoutReflectionIsTold() {
        let mistake = #expect(throws: CallMistake.self) { try schema(wire([])) }
        #expect(mistake?.message == "it has no reflection, so its methods are not known")
    }
}
