import Diagnostics
import Protobuf

/// A method as `radicled init` writes it: an answer of its type, and an example of it.
struct StarterMethod {
    private let method: MethodDescriptor
    private let pool: DescriptorPool
    /// How often the messages of a stream are sent.
    private static let interval = "500ms"
    /// How many lines of the `.proto`'s own comment are repeated.
    private static let commentLines = 3

    init(_ method: MethodDescriptor, _ pool: DescriptorPool) {
        self.method = method
        self.pool = pool
    }

    var lines: [StarterNode.Line] { comment.map { .comment($0) } + [.entry(method.name, section)] }

    // MARK: The answer

    /// The answer with what is known of it.
    private struct Answer {
        var template: StarterNode
        /// For each message, in its order.
        var expected: [[(name: String, node: StarterNode, isRead: Bool)]] = []
        var read: Set<String> = []
    }

    private var answer: Answer? {
        let input = pool.messages[method.input]
        let place: SampleMessage.Place
        if method.clientStreams, !method.serverStreams {
            place = .templateOfStream
        } else {
            place = .template(request: SampleMessage.isKnown(input) ? nil : input)
        }
        var sample = SampleMessage(pool, in: place)
        guard let first = sample.message(method.output) else { return nil }
        let expected = sample.outcomes
        guard method.serverStreams, !method.clientStreams else {
            return Answer(template: .entries(["message": first]), expected: [expected], read: sample.read)
        }
        guard let second = sample.message(method.output, number: 2) else { return nil }
        return Answer(
            template: .map(
                [.entry("messages", .list([first, second])), .entry("interval", .text(Self.interval))], isBlock: true),
            expected: [expected, sample.outcomes], read: sample.read)
    }

    private var section: StarterNode {
        guard let answer else {
            let error = StarterNode.entries(["code": .text("UNIMPLEMENTED")])
            return .map(
                [
                    .comment("No message of this type is finite: required fields hold the type itself."),
                    .entry("template", .entries(["error": error])),
                ], isBlock: true)
        }
        var lines: [StarterNode.Line] = [.entry("template", answer.template)]
        if let example = example(answer) { lines.append(.entry("examples", .list([example]))) }
        return .map(lines, isBlock: true)
    }

    // MARK: The example

    private func example(_ answer: Answer) -> StarterNode? {
        guard let request = request(reading: answer.read) else { return nil }
        var lines: [StarterNode.Line] = []
        if method.clientStreams {
            lines.append(.entry("request", .list([request])))
        } else if !request.isListOrEmpty {
            lines.append(.entry("request", request))
        }
        let expected = answer.expected.map(Self.shown)
        if method.serverStreams, !SampleMessage.isKnown(pool.messages[method.output]) {
            lines.append(.entry("response", .list(expected)))
        } else if let message = expected.first, !method.serverStreams, !message.isListOrEmpty {
            lines.append(.entry("response", message))
        } else {
            lines.append(.entry("code", .text("OK")))
        }
        return .map(lines, isBlock: true)
    }

    private func request(reading names: Set<String>) -> StarterNode? {
        var sample = SampleMessage(pool, in: .example)
        return sample.request(method.input, reading: names)
    }

    /// A few fields, first those that the request decides.
    private static func shown(_ outcomes: [(name: String, node: StarterNode, isRead: Bool)]) -> StarterNode {
        let chosen = Set((outcomes.filter(\.isRead) + outcomes.filter { !$0.isRead }).prefix(3).map(\.name))
        return .map(outcomes.filter { chosen.contains($0.name) }.map { .entry($0.name, $0.node) })
    }

    /// The request of the example as JSON, for what calls the method from a shell; nil where more than one goes either way.
    var call: String? {
        guard !method.clientStreams, !method.serverStreams, let answer else { return nil }
        return request(reading: answer.read)?.json
    }

    // MARK: The comment of the file

    /// The lines of comment right above the method.
    private var comment: [String] {
        let source = method.place.source
        var number = method.place.from.line - 1
        var lines: [String] = []
        while number >= 1, lines.count < 100 {
            let line = String(decoding: source.line(number), as: UTF8.self).drop { $0 == " " || $0 == "\t" }
            guard line.hasPrefix("//") else { break }
            lines.append(String(line.drop { $0 == "/" || $0 == " " }))
            number -= 1
        }
        // The first paragraph says what it does.
        let paragraph = lines.reversed().drop { $0.isEmpty }.prefix { !$0.isEmpty }
        guard paragraph.count <= Self.commentLines, paragraph.allSatisfy({ $0.utf8.count <= 100 }) else { return [] }
        return paragraph.map { HumanRenderer.safe($0) }
    }
}
