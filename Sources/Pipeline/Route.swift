package import JSON
import Protobuf
import Synchronization

/// A route of the plan: what runs when a pattern matched. It sits at a fixed address for as long as the plan lives.
package struct Route: ~Copyable {
    package let admit: FixedList<any Middleware>
    package let decorate: FixedList<any Middleware>
    package let finish: FixedList<any Middleware>
    /// The stage of `admit` before which the request's body must be there.
    package let bodyStage: Int
    /// How many stages of `admit` see every call, also one whose head could not be read.
    package let observers: Int
    package let responder: any Responder
    package let intake: Intake
    /// Pages of the manifest's own for failures.
    package let failures: (any FailureRenderer)?
    /// The pattern's path as `http.route` wants it, escaped for JSON; empty if nothing matched.
    package let template: FixedBytes
    /// The same as it is.
    package let path: [UInt8]
    /// The whole pattern, as `call.route` shows it.
    package let pattern: String
    /// The service's name in the manifest, escaped for JSON; empty if nothing matched.
    package let service: FixedBytes
    package let serviceName: String
    package let calls: CallCount
    /// The method that it is, where a `.proto` describes it; nil for an HTTP route.
    package let rpc: RPCMethod?
    /// Its full name, escaped for JSON; empty for an HTTP route.
    package let methodName: FixedBytes
    /// What calls ask of it as flags, which cost no reference; all false for an HTTP route.
    package let isMethod: Bool
    package let clientStreams: Bool
    package let serverStreams: Bool
    package let isStreaming: Bool
    /// The table has the route of its calls that are carried in bodies of HTTP behind it.
    var hasCarried = false
    /// How the method is called as HTTP with JSON, where the route is that.
    let binding: HTTPBinding?
    /// The same as a flag; and which of the method's it is.
    package let isTranscoded: Bool
    package let bindingNumber: Int
    /// Bytes of a message where `body_limit` says none.
    let messageLimit: Int
    /// What pages of other origins may do with it, where `cors` says.
    package let originPolicy: (any OriginPolicy)?
    /// How many words its stages have in each exchange.
    let words: Int
    /// The policies on trial.
    package let shadows: [StageWords.Shadow]

    /// Of a message, compressed or not, where the manifest does not say (grpc-go's number).
    package static let usualMessageLimit = 4 * 1024 * 1024

    /// - Parameters:
    ///   - stages: outermost first.
    ///   - observers: how many of them see every call.
    ///   - needsBody: whether an expression reads the body, so that it must be held in memory.
    ///   - bodyStage: the index of the first that may look at the body.
    ///   - words: what they remember of each exchange.
    ///   - calls: counts them; the route of the next plan at the same place goes on with it.
    package init(
        stages: [any Middleware], observers: Int, bodyStage: Int, responder: any Responder, needsBody: Bool,
        failures: (any FailureRenderer)? = nil, template: [UInt8], path: [UInt8] = [],
        pattern: String,
        service: [UInt8], serviceName: String, words: StageWords? = nil, calls: CallCount = CallCount(),
        rpc: RPCMethod? = nil, binding: HTTPBinding? = nil, bindingNumber: Int = 0,
        messageLimit: Int = Route.usualMessageLimit
    ) {
        let asked = stages.enumerated().filter { $0.element.moments.contains(.admit) }
        self.admit = FixedList(asked.map(\.element))
        self.observers = asked.count { $0.offset < observers }
        self.bodyStage = asked.count { $0.offset < bodyStage }
        self.decorate = FixedList(stages.reversed().filter { $0.moments.contains(.decorate) })
        self.finish = FixedList(stages.reversed().filter { $0.moments.contains(.finish) })
        self.originPolicy = stages.lazy.compactMap(\.originPolicy).first
        self.responder = responder
        self.failures = failures
        // What a method's client sends is read as messages, even where only their number matters.
        let takesMessages = rpc != nil && (responder.intake == .messages || responder.intake == .bytes)
        self.intake = takesMessages ? responder.intake : needsBody || rpc != nil ? .wholeBody : responder.intake
        self.template = FixedBytes(template)
        self.path = path
        self.pattern = pattern
        self.service = FixedBytes(service)
        self.serviceName = serviceName
        self.words = words?.count ?? 0
        self.shadows = words?.shadows ?? []
        self.calls = calls
        self.rpc = rpc
        // Names of protobuf need no escapes.
        methodName = FixedBytes(Array((rpc?.fullName ?? "").utf8))
        isMethod = rpc != nil
        clientStreams = rpc?.clientStreams ?? false
        serverStreams = rpc?.serverStreams ?? false
        isStreaming = rpc?.isStreaming ?? false
        self.binding = binding
        isTranscoded = binding != nil
        self.bindingNumber = bindingNumber
        self.messageLimit = messageLimit
    }
}

// Borrowed, so that a call does not retain what lives as long as its plan.
extension Route {
    /// What is wrong with a request's message, where the route is a method.
    borrowing func fault(in message: UnsafeBufferPointer<UInt8>) -> MessageError? {
        rpc?.fault(in: message)
    }

    /// The route of the same method for calls that are carried in bodies of HTTP.
    ///
    /// - Parameter place: where this one lies.
    func carried(from place: UnsafePointer<Route>) -> UnsafePointer<Route> { hasCarried ? place + 1 : place }

    @inline(__always) package borrowing func start(_ exchange: inout Exchange) -> Step { responder.start(&exchange) }
}

/// How many calls a route has had, over all loops.
package final class CallCount: Sendable {
    private let count: Atomic<Int>

    /// - Parameter count: how many there were before.
    package init(_ count: Int = 0) { self.count = Atomic(count) }

    /// Counts one more, and says which it is.
    @inline(__always) package func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}
