/// Values at fixed addresses, for lists that every request goes through.
///
/// Taking an element out of an array costs a retain and a release, since the compiler cannot know that the array stays as it
/// is while the element is used. Here each value is a constant of a box that lives as long as the list, so that using it in
/// place costs nothing (docs/decisions/0004).
@usableFromInline package struct FixedList<Element>: ~Copyable {
    @usableFromInline final class Box {
        @usableFromInline let value: Element

        init(_ value: Element) { self.value = value }
    }

    @usableFromInline let boxes: UnsafeMutablePointer<Unmanaged<Box>>
    @usableFromInline package let count: Int

    package init(_ list: [Element]) {
        count = list.count
        boxes = .allocate(capacity: max(1, list.count))
        // Not `enumerated()`: nobody specialises this, and its generic iterator would cost more than all the rest.
        for index in 0..<count { (boxes + index).initialize(to: .passRetained(Box(list[index]))) }
    }

    deinit {
        for index in 0..<count { boxes[index].release() }
        boxes.deallocate()
    }

    /// Calls `body` with the value at `index`, which must be under `count`.
    @inlinable @inline(__always) package func with<Result>(
        _ index: Int, _ body: (borrowing Element) -> Result
    ) -> Result {
        boxes[index]._withUnsafeGuaranteedRef { body($0.value) }
    }
}

// The values never change, and only they are shared.
extension FixedList: @unchecked Sendable where Element: Sendable {}
