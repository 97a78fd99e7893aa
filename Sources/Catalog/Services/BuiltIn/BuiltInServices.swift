package import Pipeline
package import Protobuf

/// The services that a server with gRPC has without being asked: health and reflection.
package struct BuiltInServices {
    package let routes: [(method: RPCMethod, responder: any Responder)]

    /// Compiled once, whatever is loaded again.
    private static let types = DescriptorTypes(
        MessageCodec(ProtoFiles.builtIn([HealthService.file] + ReflectionService.files)), container: "")

    /// - Parameters:
    ///   - services: the full names of those of the manifest. One of these is no more built in.
    ///   - pools: where they are described.
    package init(besides services: [String], pools: [DescriptorPool], health: HealthState) {
        let pool = Self.types.codec.pool
        let names = ([HealthService.name] + ReflectionService.names).filter { name in
            !services.contains { $0.utf8.elementsEqual(name.utf8) }
        }
        let reflection = ReflectionService(services: services + names, pools: pools + [pool])
        routes = names.flatMap { name -> [(method: RPCMethod, responder: any Responder)] in
            guard let service = pool.service(named: name) else { return [] }
            return service.methods.compactMap { method in
                let method = RPCMethod(service: service, method, Self.types)
                let responder =
                    name == HealthService.name
                    ? HealthService.responder(method, health) : reflection.responder()
                return responder.map { (method, $0) }
            }
        }
    }
}
