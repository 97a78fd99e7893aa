package import CEL

/// What the expressions of a call have worked out, so that it is worked out once: the body as a value, the variables,
/// the messages of a stream.
package struct Memo: ~Copyable {
    var body: Value?
    var variables: [Value?] = []
    /// The messages of a stream, where one expression gave them all.
    package var messages: [Value] = []
    /// Whether one of them is to be waited for.
    package var messagesWait = false
    /// The messages of a client's stream, encoded, where something reads all of them.
    package private(set) var requests: [[UInt8]] = []
    private var requestBytes = 0

    /// What a client's stream may hold in memory.
    private static let mostRequestBytes = 64 << 20
    /// For what keeping one takes, however short it is.
    private static let requestCost = 64

    /// Keeps a message; false where that would be too much.
    package mutating func keep(request: UnsafeBufferPointer<UInt8>) -> Bool {
        let bytes = requestBytes + request.count + Self.requestCost
        guard bytes <= Self.mostRequestBytes else { return false }
        requestBytes = bytes
        requests.append(Array(request))
        return true
    }

    /// Keeps a message in place of those before.
    package mutating func keep(lastRequest: UnsafeBufferPointer<UInt8>) { requests = [Array(lastRequest)] }

    mutating func clear() {
        body = nil
        variables.removeAll(keepingCapacity: true)
        if !messages.isEmpty { messages = [] }
        if !requests.isEmpty {
            requests = []
            requestBytes = 0
        }
    }

    var isEmpty: Bool { body == nil && variables.isEmpty && messages.isEmpty && requests.isEmpty }
}

/// A named expression: evaluated at most once a call, when it is first read.
package final class VariableReader: Reader {
    private let index: Int
    private let program: Program

    /// - Parameter index: which of the route's variables it is.
    package init(index: Int, program: Program) {
        self.index = index
        self.program = program
    }

    package func read(_ context: Context) -> Value? {
        let memo = context.exchange.pointee.memo
        if index < memo.pointee.variables.count, let value = memo.pointee.variables[index] { return value }
        // It may read other variables meanwhile, so nothing of the memo is held here.
        let value = program.evaluate(context)
        while memo.pointee.variables.count <= index { memo.pointee.variables.append(nil) }
        memo.pointee.variables[index] = value
        return value
    }
}
