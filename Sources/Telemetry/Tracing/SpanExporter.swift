package import Client
import Codings
import Glibc
import JSON
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Sends spans to a collector, by OTLP over HTTP, from a thread of its own. Whatever the collector does, it costs spans
/// that are counted, and never a request.
package final class SpanExporter: Sendable {
    /// Which collector, and how.
    package struct Settings: Hashable, Sendable {
        package var target: HTTPTarget
        package var format: OTLPFormat
        package var headers: [String: String]
        package var resource: [String: String]
        package var compresses: Bool
        /// The instrumentation scope's version: the program's.
        package var version: String
        package var batch: BatchSettings

        package init(
            target: HTTPTarget, format: OTLPFormat, headers: [String: String], resource: [String: String],
            compresses: Bool, version: String, batch: BatchSettings
        ) {
            self.target = target
            self.format = format
            self.headers = headers
            self.resource = resource
            self.compresses = compresses
            self.version = version
            self.batch = batch
        }
    }

    /// The batch span processor's numbers (OpenTelemetry, SDK configuration: `OTEL_BSP_*`), in milliseconds where times.
    package struct BatchSettings: Hashable, Sendable {
        package var scheduleDelay = 5000
        package var queueSize = 2048
        package var batchSize = 512
        /// For one attempt.
        package var timeout = 10_000

        package init() {}
    }

    /// zlib's fastest: spans repeat each other so much that more effort saves few bytes, and it costs more than all else of
    /// a span together.
    private static let level = 1

    package let settings: Settings
    private let queue: Mutex<SpanQueue>
    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let log = Logger(label: "radicled.tracing")
    /// Whether the last batch was taken, so that a dead collector is told of once and not each time.
    private let isHealthy = Atomic<Bool>(true)
    private let isClosing = Atomic<Bool>(false)
    /// The next try of a batch that was not taken.
    private let retry = Mutex<Scheduled<Void>?>(nil)

    package init(_ settings: Settings) {
        self.settings = settings
        queue = Mutex(
            SpanQueue(
                SpanQueue.Limits(capacity: settings.batch.queueSize, batch: settings.batch.batchSize), settings.format))
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        loop = group.next()
        let delay = TimeAmount.milliseconds(Int64(settings.batch.scheduleDelay))
        loop.scheduleRepeatedTask(initialDelay: delay, delay: delay) { [weak self] _ in
            guard let self else { return }
            act(on: queue.withLock { $0.due() })
        }
    }

    package var format: OTLPFormat { settings.format }

    /// Takes a span that an `OTLPWriter` of this format wrote. From any thread, and without waiting for the collector.
    package func add(_ span: UnsafeBufferPointer<UInt8>) {
        if queue.withLock({ $0.add(span) }) {
            loop.execute { [self] in act(on: queue.withLock { $0.due() }) }
        }
    }

    package struct State: Equatable, Sendable {
        package var counts: SpanCounts
        package var queued: Int
        package var capacity: Int
        package var inFlight: Int

        /// What was not delivered; what is still on its way counts until it is.
        var lost: Int { counts.dropped + counts.failed + queued + inFlight }
    }

    package var state: State {
        queue.withLock {
            State(counts: $0.counts, queued: $0.count, capacity: $0.capacity, inFlight: $0.inFlight?.count ?? 0)
        }
    }

    // MARK: Export

    private func act(on action: SpanQueue.Action) {
        switch action {
        case .rest: break
        case .send: send()
        case .wait(let nanoseconds):
            let task = loop.scheduleTask(in: .nanoseconds(nanoseconds)) { [self] in send() }
            retry.withLock { $0 = task }
        }
    }

    private func send() {
        let batch = queue.withLock { queue in
            queue.beginAgain()
            return queue.inFlight
        }
        guard let batch else { return }
        let timeout = TimeAmount.milliseconds(Int64(settings.batch.timeout))
        post(batch, timeout: timeout).whenComplete { [self] result in
            let (outcome, rejected) = Self.outcome(of: result, format)
            note(outcome, result)
            let jitter = Double.random(in: 0...1)
            let isLast = isClosing.load(ordering: .relaxed)
            act(on: queue.withLock { $0.ended(outcome, rejected: rejected, jitter: jitter, isLast: isLast) })
        }
    }

    private func post(_ batch: SpanQueue.Batch, timeout: TimeAmount) -> EventLoopFuture<HTTPPost.Reply> {
        var body = OTLPWriter.request(
            settings.format, resource: settings.resource.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
            version: settings.version, spans: batch.bytes)
        var headers = settings.headers.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        headers.append(("content-type", settings.format.contentType))
        headers.append(("user-agent", "radicled/\(settings.version)"))
        if settings.compresses, let deflater = Deflater(.gzip, level: Self.level) {
            var out = ByteWriter(capacity: body.count)
            body.withUnsafeBufferPointer { deflater.compress($0, isLast: true, into: &out) }
            body = Array(out.bytes)
            headers.append(("content-encoding", "gzip"))
        }
        return HTTPPost.send(to: settings.target, headers: headers, body: body, on: loop, timeout: timeout)
    }

    /// What an answer says (OTLP specification, section OTLP/HTTP Response).
    static func outcome(
        of result: Result<HTTPPost.Reply, any Error>, _ format: OTLPFormat
    ) -> (SpanQueue.Outcome, rejected: Int) {
        switch result {
        case .failure: return (.again(after: nil), 0)
        case .success(let reply):
            switch reply.status {
            case 200...299: return (.taken, PartialSuccess.rejected(reply.body, format))
            case 429, 502, 503, 504:
                let after = reply.retryAfter.map { Int64(clamping: $0).multipliedReportingOverflow(by: 1_000_000_000) }
                return (.again(after: after.map { $0.overflow ? .max : $0.partialValue }), 0)
            default: return (.refused, 0)
            }
        }
    }

    private func note(_ outcome: SpanQueue.Outcome, _ result: Result<HTTPPost.Reply, any Error>) {
        let isTaken = outcome == .taken
        guard isHealthy.exchange(isTaken, ordering: .relaxed) != isTaken else { return }
        let target = settings.target
        if isTaken {
            log.info("the collector at \(target) takes spans again", metadata: ["event": "spans_exported"])
        } else {
            let reason =
                switch result {
                case .success(let reply): "it answered \(reply.status)"
                case .failure(let error): "\(error)"
                }
            log.warning(
                "spans cannot be sent to \(target): \(reason); requests are not affected",
                metadata: ["event": "spans_not_exported"])
        }
    }

    /// From now on each batch is tried once more at most. The loops that make spans are still by then.
    func beginClosing() {
        isClosing.store(true, ordering: .relaxed)
        loop.execute { [self] in
            act(on: queue.withLock { $0.due() })
            // A task that has run already is not to be run again.
            if let waiting = retry.withLock({ $0.take() }), queue.withLock({ $0.isWaiting }) {
                waiting.cancel()
                send()
            }
        }
    }

    /// Sends what is left, each batch with one more try at most, and ends its thread. Nobody waits for it.
    func end(_ isEnded: @escaping @Sendable () -> Void) {
        beginClosing()
        loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(100)) { [self] task in
            guard state.inFlight == 0, state.queued == 0 else { return }
            task.cancel()
            isEnded()
            group.shutdownGracefully { _ in }
        }
    }

    /// Waits until all is sent or given up, but not beyond the deadline.
    func close(by deadline: NIODeadline) {
        while NIODeadline.now() < deadline {
            let state = state
            if state.inFlight == 0, state.queued == 0 { break }
            usleep(2000)
        }
        group.shutdownGracefully { _ in }
    }
}
