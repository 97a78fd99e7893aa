import JSON
import Pipeline
import Synchronization
import Testing

@Suite struct ChainTests {
    /// Writes down what is asked of it.
    private final class Stage: Middleware {
        let moments: Moments
        private let name: String
        private let verdicts: Mutex<[Verdict]>
        private let journal: Journal

        /// - Parameter verdicts: what it says, one after the other; then it lets pass.
        init(
            _ name: String, _ journal: Journal, _ moments: Moments = [.admit, .decorate, .finish],
            _ verdicts: [Verdict] = []
        ) {
            self.name = name
            self.moments = moments
            self.journal = journal
            self.verdicts = Mutex(verdicts)
        }

        private func verdict() -> Verdict { verdicts.withLock { $0.isEmpty ? .proceed : $0.removeFirst() } }

        func admit(_ exchange: inout Exchange) -> Verdict {
            journal.note("+" + name)
            return verdict()
        }

        func resume(_ exchange: inout Exchange) -> Verdict {
            journal.note("~" + name)
            return verdict()
        }

        func decorate(_ exchange: inout Exchange) { journal.note("*" + name) }

        func finish(_ exchange: inout Exchange, _ outcome: Outcome) { journal.note("-\(name)\(outcome.status)") }
    }

    private final class Journal: Sendable {
        private let notes = Mutex<[String]>([])

        func note(_ text: String) { notes.withLock { $0.append(text) } }
        var text: String { notes.withLock { $0.joined(separator: " ") } }
    }

    @Test func goesInByOrderAndOutInReverse() {
        let journal = Journal()
        let call = RequestExchange(
            stages: [
                Stage("a", journal), Stage("b", journal, [.decorate]), Stage("c", journal, [.admit]),
                Stage("d", journal),
            ], bodyStage: 3)
        call.begin()
        #expect(call.exchange.pointee.admit(untilBody: true) == .proceed)
        #expect(journal.text == "+a +c")
        #expect(call.exchange.pointee.admit(untilBody: false) == .proceed)
        call.exchange.pointee.decorate()
        call.exchange.pointee.finish(now: LoopClock.now())
        #expect(journal.text == "+a +c +d *d *b *a -d0 -a0")
    }

    @Test func stopsAtARefusal() {
        let journal = Journal()
        let call = RequestExchange(
            stages: [Stage("a", journal), Stage("b", journal, [.admit], [.refuse]), Stage("c", journal)], bodyStage: 3)
        call.begin()
        #expect(call.exchange.pointee.admit(untilBody: true) == .refuse)
        call.exchange.pointee.decorate()
        call.exchange.pointee.finish(now: LoopClock.now())
        #expect(journal.text == "+a +b *c *a -c0 -a0")
        #expect(call.exchange.pointee.isParked == false)
    }

    @Test func asksAParkedStageAgain() {
        let journal = Journal()
        let call = RequestExchange(
            stages: [Stage("a", journal), Stage("b", journal, [.admit], [.park, .park]), Stage("c", journal)],
            bodyStage: 2)
        call.begin()
        #expect(call.exchange.pointee.admit(untilBody: true) == .park)
        #expect(call.exchange.pointee.isParked == true)
        call.exchange.pointee.wakeAt = 5
        #expect(call.exchange.pointee.resumeAdmission(untilBody: true) == .park)
        #expect(call.exchange.pointee.wakeAt == .max)
        #expect(call.exchange.pointee.resumeAdmission(untilBody: true) == .proceed)
        #expect(call.exchange.pointee.isParked == false)
        #expect(journal.text == "+a +b ~b ~b")
        #expect(call.exchange.pointee.admit(untilBody: false) == .proceed)
        #expect(journal.text == "+a +b ~b ~b +c")
    }

    /// A head that could not be read meets only those that see every call, whatever they say.
    @Test func asksObserversOnlyForAHeadThatCannotBeRead() {
        let journal = Journal()
        let call = RequestExchange(
            stages: [Stage("a", journal, [.admit], [.refuse]), Stage("b", journal), Stage("c", journal)], observers: 2,
            bodyStage: 3)
        call.exchange.pointee.beginRefused(now: 0, Failure(.invalidArgument, "broken", reason: .malformed))
        #expect(journal.text == "+a +b")
        #expect(call.exchange.pointee.reason == .malformed)
        call.exchange.pointee.renderFailure()
        #expect(call.exchange.pointee.response.status == 400)
        #expect(call.body.contains("\"detail\":\"broken\""))
    }

    @Test func theFirstFailureStands() {
        let call = RequestExchange()
        call.begin()
        call.exchange.pointee.response.add("x-old") { $0.append("1") }
        call.state.pointee.body.append("half")
        call.exchange.pointee.fail(
            Failure(.unavailable, "first", retryAfter: 3, allow: Array("GET".utf8), reason: .shed))
        call.exchange.pointee.fail(Failure(.internal, "second", reason: .fault))
        call.exchange.pointee.renderFailure()
        #expect(call.exchange.pointee.response.status == 503)
        #expect(call.exchange.pointee.reason == .shed)
        var lines = ByteWriter()
        call.exchange.pointee.response.write(into: &lines)
        #expect(
            String(decoding: lines.bytes, as: UTF8.self)
                == "content-type: application/problem+json\r\nallow: GET\r\nretry-after: 3\r\n")
        #expect(call.body.contains("first") && !call.body.contains("half"))
    }

    @Test(arguments: [(false, Reason.clientGone, 499), (true, .clientGone, 200), (true, .timeout, 200)])
    func tellsHowItEnded(_ isSent: Bool, _ reason: Reason, _ status: Int) {
        let journal = Journal()
        let call = RequestExchange(stages: [Stage("a", journal)])
        call.begin()
        call.exchange.pointee.reason = reason
        call.exchange.pointee.response.isSent = isSent
        call.exchange.pointee.finish(now: LoopClock.now())
        #expect(journal.text == "-a\(status)")
    }

    @Test func countsCalls() {
        let call = RequestExchange()
        for number in 1...3 {
            call.begin()
            #expect(call.exchange.pointee.callNumber == number)
        }
    }
}
