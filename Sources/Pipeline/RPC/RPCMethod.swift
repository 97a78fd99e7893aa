package import Protobuf

/// A method of a service that is described by a `.proto`, as the plan knows it: what its calls carry, and which way.
package final class RPCMethod: Sendable {
    /// `helloworld.Greeter/SayHello`, as OpenTelemetry's `rpc.method`; with a slash in front it is the path.
    package let fullName: String
    /// `helloworld.Greeter`.
    package let service: String
    /// `SayHello`.
    package let name: String
    package let clientStreams: Bool
    package let serverStreams: Bool
    /// The `.proto` says that a call changes nothing, so that Connect has it as GET too.
    package let hasNoSideEffects: Bool
    /// Knows the types of both messages.
    package let codec: MessageCodec
    /// The same types as expressions see them.
    package let types: DescriptorTypes
    /// The types of the request's and the answer's messages, by their index in the codec's pool.
    package let input: Int
    package let output: Int

    /// - Parameter types: those of the package that the service is in.
    package init(service: ServiceDescriptor, _ method: MethodDescriptor, _ types: DescriptorTypes) {
        fullName = service.fullName + "/" + method.name
        self.service = service.fullName
        name = method.name
        clientStreams = method.clientStreams
        serverStreams = method.serverStreams
        hasNoSideEffects = method.hasNoSideEffects
        self.types = types
        codec = types.codec
        input = method.input
        output = method.output
    }

    /// A method alone, with types of its own.
    package convenience init(service: ServiceDescriptor, _ method: MethodDescriptor, _ codec: MessageCodec) {
        let package = codec.pool.files[service.file].package
        self.init(service: service, method, DescriptorTypes(codec, container: package))
    }

    /// What calls of it ask for (gRPC over HTTP2, "Requests"): `POST /helloworld.Greeter/SayHello`.
    package func pattern(host: RouteHost?) -> RoutePattern {
        RoutePattern(method: "POST", host: host, segments: [.literal(Array(service.utf8)), .literal(Array(name.utf8))])
    }

    /// The same, and for one without side effects, where nobody streams, what Connect's GET asks for.
    package func patterns(host: RouteHost?) -> [RoutePattern] {
        let post = pattern(host: host)
        guard hasNoSideEffects, !isStreaming else { return [post] }
        return [post, RoutePattern(method: "GET", host: host, segments: post.segments)]
    }

    /// What is wrong with a request's message.
    func fault(in message: UnsafeBufferPointer<UInt8>) -> MessageError? { codec.check(message, as: input) }

    /// Whether more than one message can go either way.
    package var isStreaming: Bool { clientStreams || serverStreams }
}
