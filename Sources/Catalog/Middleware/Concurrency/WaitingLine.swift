/// Who waits for a turn: the most important first, those of one priority in the order of their coming.
///
/// Every step takes the same time however many wait: a list for each priority, linked through places that are used again.
package struct WaitingLine<Element> {
    /// 0 to 9.
    package static var levels: Int { 10 }

    package enum Fate: Equatable {
        case waiting
        /// Its turn has come, and it has not been told yet.
        case called
        /// Somebody more important has its place, and it has not been told yet.
        case shed
    }

    private struct Place {
        var element: Element?
        /// Tells those apart who had this place one after the other.
        var ticket: UInt64 = 0
        var level = 0
        var fate = Fate.waiting
        var previous = -1
        /// Of a free place the next free one.
        var next = -1
    }

    private var places: [Place] = []
    private var free = -1
    private var first = [Int](repeating: -1, count: Self.levels)
    private var last = [Int](repeating: -1, count: Self.levels)
    /// A bit for each level at which somebody waits.
    private var taken: UInt16 = 0
    package private(set) var count = 0

    package init() {}

    /// Joins the line behind those that are as important; gives the place in memory, by which it is known from now on.
    package mutating func join(_ element: Element, ticket: UInt64, level: Int) -> Int {
        let level = min(max(level, 0), Self.levels - 1)
        let place: Int
        if free >= 0 {
            place = free
            free = places[place].next
        } else {
            place = places.count
            places.append(Place())
        }
        places[place] = Place(element: element, ticket: ticket, level: level, previous: last[level])
        if last[level] >= 0 { places[last[level]].next = place } else { first[level] = place }
        last[level] = place
        taken |= 1 << UInt16(level)
        count += 1
        return place
    }

    /// Calls the first of the most important.
    package mutating func callNext() -> Element? {
        guard taken != 0 else { return nil }
        return release(first[15 - taken.leadingZeroBitCount], as: .called)
    }

    /// Sends away the last of the least important, if it is less important than this.
    package mutating func shed(below level: Int) -> Element? {
        guard taken != 0, taken.trailingZeroBitCount < level else { return nil }
        return release(last[taken.trailingZeroBitCount], as: .shed)
    }

    private mutating func release(_ place: Int, as fate: Fate) -> Element? {
        unlink(place)
        places[place].fate = fate
        return places[place].element
    }

    private mutating func unlink(_ place: Int) {
        let (level, previous, next) = (places[place].level, places[place].previous, places[place].next)
        if previous >= 0 { places[previous].next = next } else { first[level] = next }
        if next >= 0 { places[next].previous = previous } else { last[level] = previous }
        if first[level] < 0 { taken &= ~(1 << UInt16(level)) }
        count -= 1
    }

    /// What has become of one who joined; nil if it has left since.
    package func fate(at place: Int, ticket: UInt64) -> Fate? {
        guard places.indices.contains(place), places[place].element != nil, places[place].ticket == ticket else {
            return nil
        }
        return places[place].fate
    }

    /// Leaves for good, wherever it stands; gives what had become of it.
    package mutating func leave(_ place: Int, ticket: UInt64) -> Fate? {
        guard let fate = fate(at: place, ticket: ticket) else { return nil }
        if fate == .waiting { unlink(place) }
        places[place] = Place(next: free)
        free = place
        return fate
    }
}
