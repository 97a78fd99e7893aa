import JSON
import Manifests
import Pipeline

/// A header by which a tester asks for a fault or a delay of one call: `abort 503`, `abort UNAVAILABLE`, `cut`,
/// `delay 200ms`, several with commas.
///
/// `fault` and `delay` may have the same header: each takes its own words and leaves those of the other.
struct TesterHeader: Sendable {
    /// The longest delay that may be asked for: whoever finds out the header must not hold connections for long.
    static let longest = Timespan.seconds(30)

    struct Wish: Sendable, Equatable {
        var abort: Int?
        var code: Code?
        var cut = false
        var delay: Timespan?
    }

    private let name: [UInt8]
    private let known: KnownField

    init(_ header: HeaderName) {
        name = Array(header.name.utf8)
        known = name.withUnsafeBufferPointer { KnownField.named($0) }
    }

    enum Asked {
        case nothing
        case wish(Wish)
        /// It cannot be understood, or is too much.
        case refused(Failure)
    }

    func asked(_ exchange: borrowing Exchange) -> Asked {
        guard let range = exchange.head.field(known, name) else { return .nothing }
        let text = String(decoding: exchange.head.slice(range), as: UTF8.self)
        if let wish = Self.read(text) { return .wish(wish) }
        return .refused(
            Failure(
                .invalidArgument,
                """
                \(String(decoding: name, as: UTF8.self)) asks for `abort 503` (400 to 599, or a code such as UNAVAILABLE), \
                `cut` or `delay 200ms` (at most \(Self.longest))
                """))
    }

    /// Nil if it is something else, or more than is given.
    static func read(_ text: String) -> Wish? {
        var wish = Wish()
        for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let words = part.split { $0 == 0x20 || $0 == 0x09 }.map { String(decoding: Array($0), as: UTF8.self) }
            switch (words.first, words.count) {
            case ("cut", 1): wish.cut = true
            case ("abort", 2):
                if let status = Int(words[1]), words[1].utf8.count == 3, (400...599).contains(status) {
                    wish.abort = status
                } else if let code = Code.allCases.first(where: { String(describing: $0.name) == words[1] }),
                    code != .ok
                {
                    wish.code = code
                } else {
                    return nil
                }
            case ("delay", 2):
                guard let time = Timespan(words[1]), time <= longest else { return nil }
                wish.delay = time
            default: return nil
            }
        }
        return wish
    }
}
