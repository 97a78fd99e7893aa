package import JSON

/// The Huffman code of HPACK (RFC 7541 section 5.2 and appendix B), read four bits at a time.
///
/// The code is canonical, so the lengths say all of it. Each state is a node of the code's tree; no code is shorter than
/// five bits, so four bits end at most one symbol. 256 nodes by 16 steps by 4 bytes is 16 KiB, made once.
package final class Huffman: Sendable {
    package static let shared = Huffman()

    /// What four bits lead to: the next node in the low 9 bits, then flags, then the symbol that they end.
    // Written once, before anybody has it.
    nonisolated(unsafe) private let steps: UnsafePointer<UInt32>

    private static let nodeMask: UInt32 = 0x1FF
    private static let emits: UInt32 = 1 << 9
    /// The bits can be the padding of a string that ends here: the first bits of EOS, seven at most.
    private static let mayEnd: UInt32 = 1 << 10
    private static let fails: UInt32 = 1 << 11

    private init() {
        let tree = Tree()
        let steps = UnsafeMutablePointer<UInt32>.allocate(capacity: tree.count * 16)
        for node in 0..<tree.count {
            for bits in 0..<16 { steps[node * 16 + bits] = Self.step(tree, node, bits) }
        }
        self.steps = UnsafePointer(steps)
    }

    deinit { steps.deallocate() }

    private static func step(_ tree: Tree, _ from: Int, _ bits: Int) -> UInt32 {
        var node = from
        var step: UInt32 = 0
        for place in (0..<4).reversed() {
            switch tree.next(node, bits >> place & 1) {
            case .node(let next): node = next
            // EOS inside a string is an error (section 5.2).
            case .symbol(256), .none: return fails
            case .symbol(let symbol):
                step |= emits | UInt32(symbol) << 16
                node = 0
            }
        }
        return step | UInt32(node) | (tree.isPadding(node) ? mayEnd : 0)
    }

    /// Appends what `bytes` stand for; false if they are no valid string.
    package func decode(_ bytes: UnsafeBufferPointer<UInt8>, into out: inout ByteWriter) -> Bool {
        var node = 0
        var step = Self.mayEnd
        // Five bits a symbol at least.
        out.reserve(bytes.count &* 8 / 5 &+ 1)
        for byte in bytes {
            step = steps[node &* 16 &+ Int(byte >> 4)]
            if step & Self.fails != 0 { return false }
            if step & Self.emits != 0 { out.append(UInt8(truncatingIfNeeded: step >> 16)) }
            node = Int(step & Self.nodeMask)
            step = steps[node &* 16 &+ Int(byte & 15)]
            if step & Self.fails != 0 { return false }
            if step & Self.emits != 0 { out.append(UInt8(truncatingIfNeeded: step >> 16)) }
            node = Int(step & Self.nodeMask)
        }
        return step & Self.mayEnd != 0
    }
}

/// The code as a tree, while the steps are made of it.
private struct Tree {
    enum Next {
        case none
        case node(Int)
        case symbol(Int)
    }

    private var children: [(Next, Next)] = [(.none, .none)]
    /// The nodes that are reached by ones alone, up to seven of them: a string may be padded so far (section 5.2).
    private var padding: [Int] = [0]

    var count: Int { children.count }

    init() {
        let order = Self.lengths.indices.sorted { (Self.lengths[$0], $0) < (Self.lengths[$1], $1) }
        var code: UInt32 = 0
        var length: UInt32 = 0
        for symbol in order {
            code <<= UInt32(Self.lengths[symbol]) - length
            length = UInt32(Self.lengths[symbol])
            add(symbol, code, length)
            code += 1
        }
        var node = 0
        while padding.count < 8, case .node(let next) = children[node].1 {
            node = next
            padding.append(node)
        }
    }

    private mutating func add(_ symbol: Int, _ code: UInt32, _ length: UInt32) {
        var node = 0
        for place in (0..<length).reversed() {
            let bit = Int(code >> place & 1)
            if place == 0 {
                set(node, bit, .symbol(symbol))
            } else if case .node(let next) = next(node, bit) {
                node = next
            } else {
                set(node, bit, .node(children.count))
                node = children.count
                children.append((.none, .none))
            }
        }
    }

    private mutating func set(_ node: Int, _ bit: Int, _ next: Next) {
        if bit == 0 { children[node].0 = next } else { children[node].1 = next }
    }

    func next(_ node: Int, _ bit: Int) -> Next { bit == 0 ? children[node].0 : children[node].1 }

    func isPadding(_ node: Int) -> Bool { padding.contains(node) }

    /// Bits of the code of each byte, and of EOS (appendix B).
    private static let lengths: [UInt8] = [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
        28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
        5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
        7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
        6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
        24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
        21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
        19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
        26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ]
}
