/// The routes as a trie, in flat memory at fixed addresses: a request reads it without counting a reference.
///
/// All literal edges of all nodes share one open-addressed hash table, keyed by parent and segment, so that a node
/// with ten thousand children costs what one with two costs. Everything is written once, by `RouterBuilder`.
struct RouterTable: ~Copyable, Sendable {
    /// One node is one cache line: a step reads one slot and one node, and for longer segments the text.
    struct Node {
        /// The first eight bytes of the edge's text, and its last eight if it has more; padded with zeros.
        var head: UInt64 = 0
        var tail: UInt64 = 0
        /// Where the text lies in `texts`, and its length in bytes.
        var text: UInt32 = 0
        var textCount: UInt32 = 0
        /// Parent and kind of the edge that leads here.
        var edge: UInt32 = 0
        var hasLiterals = false
        var hasVerbs = false
        var hasRestVerbs = false
        /// The child for any one segment; 0 is none, for node 0 is no node.
        var wildcard: UInt32 = 0
        /// The leaves of paths that end here, in a slash behind here, and anywhere below; 0 is none.
        var own: UInt32 = 0
        var end: UInt32 = 0
        var rest: UInt32 = 0
        // Fills the cache line.
        private var unused: (UInt64, UInt32) = (0, 0)
    }

    /// A leaf is a run of these, one for each method: in the order in which they are preferred.
    struct Entry {
        /// 0 is any method.
        var method: UInt16
        /// How many wildcards of the path the route has.
        var captures: UInt8
        var isLast: Bool
        var route: UInt32
    }

    struct Slot {
        var tag: UInt32 = 0
        /// 0 is an empty slot.
        var node: UInt32 = 0
    }

    /// A method's name; its number is its index and 1, in the order of the bytes.
    struct Method {
        /// The first eight bytes, padded with zeros, which no name holds.
        var head: UInt64
        var text: UInt32
        var count: UInt32
    }

    /// What kind of edge leads to a node.
    enum Edge: UInt32 {
        case literal
        case verb
        case restVerb
        case host
        case hostSuffix
    }

    // Safe to share: nothing writes to the memory after `init`, and only `deinit` frees it.
    nonisolated(unsafe) let nodes: UnsafeMutablePointer<Node>
    nonisolated(unsafe) let entries: UnsafeMutablePointer<Entry>
    nonisolated(unsafe) let slots: UnsafeMutablePointer<Slot>
    nonisolated(unsafe) let texts: UnsafeMutablePointer<UInt8>
    nonisolated(unsafe) let methods: UnsafeMutablePointer<Method>
    /// Method numbers by the hash of the name's head; 0 is an empty slot.
    nonisolated(unsafe) let methodSlots: UnsafeMutablePointer<UInt16>
    let slotMask: Int
    let methodSlotMask: Int
    /// The node of the patterns without a host; 0 if there are none.
    let root: UInt32
    /// The number of GET.
    let get: UInt16
    let hasHosts: Bool
    let hasHostSuffixes: Bool

    init(_ builder: borrowing RouterBuilder) {
        nodes = Self.copy(builder.nodes, alignment: 64)
        entries = Self.copy(builder.entries)
        texts = Self.copy(builder.texts)
        methods = Self.copy(builder.methods)
        var methodSize = 64
        while methodSize < builder.methods.count * 4 { methodSize *= 2 }
        methodSlotMask = methodSize - 1
        var methodSlots = [UInt16](repeating: 0, count: methodSize)
        for (index, method) in builder.methods.enumerated() {
            var at = Self.methodHash(method.head) & methodSlotMask
            while methodSlots[at] != 0 { at = (at + 1) & methodSlotMask }
            methodSlots[at] = UInt16(index + 1)
        }
        self.methodSlots = Self.copy(methodSlots)
        root = builder.root
        get = builder.number("GET")
        hasHosts = builder.hasHosts
        hasHostSuffixes = builder.hasHostSuffixes

        // At most half full, so that a search ends soon.
        var size = 16
        while size < builder.nodes.count * 2 { size *= 2 }
        slotMask = size - 1
        var filled = [Slot](repeating: Slot(), count: size)
        for (number, node) in builder.nodes.enumerated() where node.edge != 0 {
            let start = Int(node.text)
            let text = builder.texts[start..<(start + Int(node.textCount))]
            let hash = text.withUnsafeBufferPointer {
                Self.hash($0.baseAddress, $0.count, node.head, node.tail, node.edge)
            }
            var at = Int(truncatingIfNeeded: hash) & slotMask
            while filled[at].node != 0 { at = (at + 1) & slotMask }
            filled[at] = Slot(tag: UInt32(truncatingIfNeeded: hash >> 32), node: UInt32(number))
        }
        slots = Self.copy(filled)
    }

    deinit {
        UnsafeMutableRawPointer(nodes).deallocate()
        UnsafeMutableRawPointer(entries).deallocate()
        UnsafeMutableRawPointer(slots).deallocate()
        UnsafeMutableRawPointer(texts).deallocate()
        UnsafeMutableRawPointer(methods).deallocate()
        UnsafeMutableRawPointer(methodSlots).deallocate()
    }

    private static func copy<Element: BitwiseCopyable>(
        _ elements: [Element], alignment: Int = 16
    ) -> UnsafeMutablePointer<Element> {
        let size = max(elements.count, 1) * MemoryLayout<Element>.stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: alignment)
        let typed = memory.bindMemory(to: Element.self, capacity: max(elements.count, 1))
        elements.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { typed.initialize(from: start, count: source.count) }
        }
        return typed
    }

    // MARK: Looking up

    @inline(__always) static func key(_ parent: UInt32, _ edge: Edge) -> UInt32 {
        // Numbers of nodes start at 1, so no key is 0; hosts hang from the node that is none.
        (parent &+ 1) &<< 3 | edge.rawValue
    }

    /// The child of `parent` by an edge of that kind and text; 0 if there is none.
    @inline(__always)
    func child(_ parent: UInt32, _ edge: Edge, _ text: UnsafePointer<UInt8>, _ count: Int) -> UInt32 {
        let head: UInt64
        var tail: UInt64 = 0
        if count > 8 {
            head = Words.load(text)
            tail = Words.load(text + (count &- 8))
        } else {
            head = Words.load(text, count)
        }
        let key = Self.key(parent, edge)
        let hash = Self.hash(text, count, head, tail, key)
        let tag = UInt32(truncatingIfNeeded: hash >> 32)
        var at = Int(truncatingIfNeeded: hash) & slotMask
        while true {
            let slot = slots[at]
            if slot.node == 0 { return 0 }
            if slot.tag == tag {
                let node = nodes + Int(slot.node)
                if node.pointee.edge == key, node.pointee.head == head, node.pointee.tail == tail,
                    Int(node.pointee.textCount) == count,
                    count <= 16 || Words.areEqual(text, texts + Int(node.pointee.text), count)
                {
                    return slot.node
                }
            }
            at = (at &+ 1) & slotMask
        }
    }

    @inline(__always)
    static func hash(
        _ text: UnsafePointer<UInt8>?, _ count: Int, _ head: UInt64, _ tail: UInt64, _ key: UInt32
    ) -> UInt64 {
        // A full multiplication folded, as wyhash does it: every bit of both words reaches every bit used. The table
        // holds only what the manifest says, so requests cannot fill it with collisions.
        var hash = fold(
            head ^ UInt64(key) &* 0x9E37_79B9_7F4A_7C15,
            tail ^ 0xE703_7ED1_A0B4_28DB &+ UInt64(truncatingIfNeeded: count))
        if count > 16, let text {
            var at = 8
            while at &+ 8 < count {
                hash = fold(hash ^ Words.load(text + at), 0x8EBC_6AF0_9C88_C6E3)
                at &+= 8
            }
        }
        return hash
    }

    @inline(__always) private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    /// The number of a method; `unknownMethod` if no pattern has it.
    @inline(__always) func method(_ name: UnsafeBufferPointer<UInt8>) -> UInt16 {
        guard let text = name.baseAddress else { return Self.unknownMethod }
        // Most requests are this one.
        if name.count == 3, Words.load(text, 3) == 0x54_4547 { return get }
        let head = Words.load(text, name.count)
        var at = Self.methodHash(head) & methodSlotMask
        while true {
            let number = methodSlots[at]
            if number == 0 { return Self.unknownMethod }
            let method = methods + Int(number &- 1)
            if method.pointee.head == head, Int(method.pointee.count) == name.count,
                name.count <= 8 || Words.areEqual(text, texts + Int(method.pointee.text), name.count)
            {
                return number
            }
            at = (at &+ 1) & methodSlotMask
        }
    }

    @inline(__always) private static func methodHash(_ head: UInt64) -> Int {
        Int(truncatingIfNeeded: fold(head, 0xA076_1D64_78BD_642F))
    }

    static var unknownMethod: UInt16 { .max }
}
