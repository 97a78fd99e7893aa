package import CEL
package import Codings
public import JSON
package import Telemetry

/// One request and its answer, from the first byte to the last.
///
/// It never moves: it is taken from its loop's pool when a request begins, stays at its address while parked, and
/// goes back when the last byte has been handed over. Everything it needs to wait is in it, so waiting allocates
/// nothing.
@usableFromInline package struct Exchange: ~Copyable {
    package let loop: LoopPointer
    /// Tells this call from all others of the process; its place in memory is used again and again.
    package internal(set) var ticket: UInt64 = 0
    @usableFromInline package var head = Head()
    /// The protocol of the call; `begin` knows it.
    @usableFromInline package var face = Face.http
    /// Whether the wire is gRPC's; the other faces lie in bodies of HTTP. Inlined, since comparing two values of another
    /// module's enum is a call.
    @inlinable package var isGRPC: Bool {
        if case .grpc = face { true } else { false }
    }
    /// What a call needs beside.
    package var call = CallState()
    /// What came of the body of a call that is carried in it, and waits for who takes its messages.
    var waiting = ByteWriter(capacity: 64)
    /// The message that is there now: that of a call whose client sends one, or the one of a stream that its responder
    /// is given; nil where there is none. Encoded, not compressed, and sound.
    package var message: UnsafeBufferPointer<UInt8>?
    package var captures = Captures()
    package var response = Response()
    /// What the router said; the root chain's responder answers for what is no route.
    package var match: Router.Match = .notFound
    /// In the exchange's plan; means nothing before it has begun.
    package var route: UnsafePointer<Route>
    /// The plan that it began under, which stays until it ends.
    var lease: PlanLeasePointer?
    @usableFromInline package var connection: UnsafePointer<ConnectionFacts>
    /// The request's body, where the responder wants it whole.
    package var body = ByteWriter(capacity: 64)
    /// Bytes of the body received so far, whether kept or not.
    package var received = 0
    /// Bytes of the response's body so far.
    package var sent = 0
    /// Monotonic nanoseconds.
    package var started: Int64 = 0
    /// Monotonic nanoseconds at the end; set when stages are told of it.
    package internal(set) var ended: Int64 = 0
    package var deadline: Int64 = .max
    package var bodyLimit = Int.max
    /// Whether the peer is a proxy whose word counts; `forwarded` is what it says.
    @usableFromInline package internal(set) var isFromProxy = false
    @usableFromInline var forwarded = Forwarded()
    /// When a parked exchange goes on by itself; `.max` if only a wake does.
    package var wakeAt: Int64 = .max
    @usableFromInline package var requestID: ByteRange = .none
    /// The call's place in a distributed trace; none without `tracing`.
    package var trace = TraceContext()
    /// What happened when, for its span.
    package var timeline = Timeline()
    /// Texts made for this exchange (request id, decoded wildcards), at ranges of it.
    @usableFromInline package var arena = ByteWriter(capacity: 256)
    /// Where in `arena` the decoded wildcards are.
    let decoded: UnsafeMutablePointer<ByteRange>
    package var failure: Failure?
    /// Its code, or OK: looking at the failure itself copies what it is in where that is borrowed.
    var failedWith = Code.ok
    package var reason: Reason = .none
    /// How many calls the route has had, this one included.
    package var callNumber = 0
    /// How many stages of the chain have been asked in; as many are told of the end.
    package var admitted = 0
    /// Whether the last of them parked and wants to be asked again.
    package var isParked = false
    /// Where a responder's step machine is; its meaning is the responder's.
    package var phase = 0
    package var position = 0
    package var remaining = 0
    /// A file that a responder reads from; closed when the exchange ends.
    package var file: Int32 = -1
    /// A piece of the request's body that `input` may take, valid for that call only.
    package var piece = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    /// No more of the body will come.
    package var inputEnded = false
    /// Room left for the body before the responder should stop with `.blocked`.
    package var room = 0
    /// Who resumes this exchange when it is woken; lives at least as long as the exchange is parked.
    package unowned(unsafe) var parker: (any Parker)?
    /// Beside the struct, since readers fill it while the exchange is borrowed.
    package let memo: UnsafeMutablePointer<Memo>
    /// Compresses the body of the answer, piece by piece, on its way out; of the loop's pool.
    package var encoder: Deflater?
    /// Undoes the coding of the request's body, which is held.
    var decoder: Inflater?
    /// Whether the answer's body is whole when its head is decorated, and lies in the loop's body writer.
    package var answerIsWhole = false
    /// It asks whether a page may send a request to `route`, and is none itself.
    package internal(set) var isPreflight = false
    /// Which of the route's cases answers, from 1; 0 is the route's own responder.
    package var chosenCase = 0
    /// What stages of the chain have taken and must give back in `finish`.
    package var held: Held = []
    /// What stages of the route remember, a word or more for each that asked; see `StageWords`.
    @usableFromInline var words: UnsafeMutablePointer<Int64>
    var wordCapacity = 8
    /// Where conditions are noted as they are evaluated, if somebody asks.
    package var conditionTrace: ConditionTrace?

    /// - Parameter route: any, until one is found.
    package init(loop: LoopPointer, route: UnsafePointer<Route>) {
        self.loop = loop
        self.route = route
        self.connection = ConnectionFacts.none
        self.decoded = .allocate(capacity: Captures.capacity)
        decoded.initialize(repeating: .none, count: Captures.capacity)
        self.memo = .allocate(capacity: 1)
        memo.initialize(to: Memo())
        self.words = .allocate(capacity: wordCapacity)
    }

    deinit {
        decoded.deallocate()
        memo.deinitialize(count: 1)
        memo.deallocate()
        words.deallocate()
    }

    /// Makes it as new, keeping its memory. The caller sets `route` and `connection` when it begins again.
    package mutating func reset() {
        head.reset()
        face = .http
        if call.isUsed {
            call = CallState()
            waiting.clear()
            waiting.shrink(to: 64 * 1024)
        }
        message = nil
        response.reset()
        body.clear()
        body.shrink(to: 64 * 1024)
        received = 0
        sent = 0
        deadline = .max
        bodyLimit = .max
        wakeAt = .max
        requestID = .none
        trace = TraceContext()
        timeline.clear()
        arena.clear()
        arena.shrink(to: 4096)
        if failure != nil { failure = nil }
        failedWith = .ok
        reason = .none
        admitted = 0
        isParked = false
        phase = 0
        position = 0
        remaining = 0
        if file >= 0 { closeFile() }
        inputEnded = false
        parker = nil
        held = []
        if isFromProxy {
            isFromProxy = false
            forwarded = Forwarded()
        }
        isPreflight = false
        chosenCase = 0
        answerIsWhole = false
        if encoder != nil { giveBackEncoder() }
        if decoder != nil { giveBackDecoder() }
        if conditionTrace != nil { conditionTrace = nil }
        if !memo.pointee.isEmpty { memo.pointee.clear() }
    }

    /// The plan that this exchange began under. It may not be the one in force: what the router said is only true there.
    @inline(__always) package var plan: Plan { lease?.plan ?? loop.state.pointee.plan }

    @inlinable package var requestIDBytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: arena.bytes[requestID.range])
    }

    /// Declares that the call failed; the first failure stands.
    package mutating func fail(_ failure: Failure) {
        if self.failure == nil {
            if failure.reason != .none { reason = failure.reason }
            self.failure = failure
            failedWith = failure.code
        }
    }

    /// The same, for who says by false that it has.
    mutating func refuse(_ failure: Failure) -> Bool {
        fail(failure)
        return false
    }
}

/// What an exchange has taken from somewhere.
package struct Held: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A place among the calls that may run at once.
    package static let permit = Held(rawValue: 1)
    /// A turn in a queue for such a place.
    package static let turn = Held(rawValue: 2)
    /// A place among the calls that are counted as running.
    package static let count = Held(rawValue: 4)

    /// The library's `remove` is generic, and not specialised from another module.
    @inline(__always) package mutating func drop(_ taken: Held) { self = Held(rawValue: rawValue & ~taken.rawValue) }
}

/// What is the same for all exchanges of a connection.
@usableFromInline package struct ConnectionFacts: ~Copyable {
    /// The client's address without its port, as text; empty on a Unix socket. The peer's, unless a PROXY header named
    /// another.
    @usableFromInline package let clientAddress: UnsafeBufferPointer<UInt8>
    @usableFromInline package let clientPort: Int
    /// The same address; nil where there is none.
    package let address: IPAddress?
    @usableFromInline package let isTLS: Bool
    /// Nil without TLS, and where a request is made up.
    package let tls: TLSFacts?
    /// Where the connection came in, with its port: `127.0.0.1:8080`, `unix:/run/x.sock`.
    package let localAddress: [UInt8]
    /// The proxy that named the client; nil where the client is the peer itself.
    package let proxy: Proxy?

    @usableFromInline package let isProxied: Bool

    /// A peer that speaks for a client.
    package struct Proxy: Sendable {
        /// Empty on a Unix socket.
        package let address: [UInt8]
        package let port: Int

        package init(address: [UInt8], port: Int) {
            self.address = address
            self.port = port
        }
    }

    /// - Parameter clientAddress: an IP address, which is written as RFC 5952 has it, or nothing.
    package init(
        clientAddress: [UInt8], clientPort: Int, isTLS: Bool, localAddress: [UInt8] = [], proxy: Proxy? = nil,
        tls: TLSFacts? = nil
    ) {
        address = clientAddress.withUnsafeBufferPointer { IPAddress($0) }
        let shown = address.map { Array($0.text.utf8) } ?? clientAddress
        let text = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: shown.count)
        _ = text.initialize(from: shown)
        self.clientAddress = UnsafeBufferPointer(text)
        self.clientPort = clientPort
        self.isTLS = isTLS
        self.tls = tls
        self.localAddress = localAddress
        self.proxy = proxy
        isProxied = proxy != nil
    }

    deinit { clientAddress.deallocate() }

    /// For exchanges at rest.
    nonisolated(unsafe) package static let none: UnsafePointer<ConnectionFacts> = {
        let facts = UnsafeMutablePointer<ConnectionFacts>.allocate(capacity: 1)
        facts.initialize(to: ConnectionFacts(clientAddress: [], clientPort: 0, isTLS: false))
        return UnsafePointer(facts)
    }()
}

/// What the two ends of a connection agreed on when they began to encrypt it.
package struct TLSFacts: Sendable {
    /// `1.2` or `1.3`, as OpenTelemetry's `tls.protocol.version`.
    package let version: StaticString
    /// Who the client's certificate says that it is; empty if it showed none.
    package let identity: [UInt8]

    package init(version: StaticString, identity: [UInt8]) {
        self.version = version
        self.identity = identity
    }
}

/// Goes on with a parked exchange; the connection that holds it.
package protocol Parker: AnyObject {
    /// Called on the exchange's loop; the exchange goes on after the current event, not within the call, and not at
    /// all if it has gone on meanwhile, or another one, with another ticket, has taken its place.
    ///
    /// - Parameter turn: `admitted` while it is parked where it is meant to go on; `.max` where its responder waits.
    func wake(_ ticket: UInt64, turn: Int)
}
