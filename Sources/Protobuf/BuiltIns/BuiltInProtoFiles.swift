/// The `.proto` files that need no file on disk: protobuf's own, those of google/api and google/rpc that services import, and
/// those of the services that gRPC servers have of themselves.
enum BuiltInProtoFiles {
    static let descriptorPath = ProtoPath("google/protobuf/descriptor.proto")

    static let paths: [String] = all.map(\.0)

    private static let all = protobufFiles + apiFiles + rpcFiles + grpcFiles

    private static let texts = Dictionary(uniqueKeysWithValues: all.map { (ProtoPath($0.0), $0.1) })

    static func text(_ path: ProtoPath) -> [UInt8]? {
        texts[path].map { Array(UnsafeBufferPointer(start: $0.utf8Start, count: $0.utf8CodeUnitCount)) }
    }
}
