internal import HeapModule

/// A point of the monotonic clock, in nanoseconds.
public struct Instant: Comparable, Hashable, Sendable {
    /// Nanoseconds of the monotonic clock.
    public let nanoseconds: UInt64

    /// The point at `nanoseconds` of the monotonic clock.
    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// The earlier of two points is the lesser.
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The point `milliseconds` later.
    public func advanced(milliseconds: Int) -> Instant {
        Instant(nanoseconds: nanoseconds &+ UInt64(max(0, milliseconds)) &* 1_000_000)
    }

    /// Whole microseconds from `earlier` to here; 0 where `earlier` is later.
    public func microseconds(since earlier: Instant) -> UInt64 {
        self < earlier ? 0 : (nanoseconds - earlier.nanoseconds) / 1000
    }

    /// Whole milliseconds from `earlier` to here; 0 where `earlier` is later.
    public func milliseconds(since earlier: Instant) -> Int {
        self < earlier ? 0 : Int((nanoseconds - earlier.nanoseconds) / 1_000_000)
    }
}

/// An action due at a deadline, until it fires or is cancelled.
public final class Deadline {
    let instant: Instant
    fileprivate var action: (() -> Void)?
    fileprivate var isQueued = true

    init(_ instant: Instant, _ action: @escaping () -> Void) {
        self.instant = instant
        self.action = action
    }
}

/// Deadlines in order of time.
///
/// Pure: time is an argument.
struct DeadlineQueue {
    private struct Entry: Comparable {
        let deadline: Deadline
        static func < (left: Entry, right: Entry) -> Bool {
            left.deadline.instant < right.deadline.instant
        }
        static func == (left: Entry, right: Entry) -> Bool {
            left.deadline.instant == right.deadline.instant
        }
    }

    private var heap = Heap<Entry>()
    private var cancelled = 0

    /// The earliest deadline that is not cancelled.
    mutating func next() -> Instant? {
        while let first = heap.min {
            if first.deadline.action != nil { return first.deadline.instant }
            heap.removeMin()
            cancelled -= 1
        }
        return nil
    }

    mutating func insert(_ deadline: Deadline) { heap.insert(Entry(deadline: deadline)) }

    /// Most deadlines are cancelled long before they are due, so the heap is swept when the
    /// cancelled ones are more than half of it: memory follows the deadlines that remain.
    mutating func cancel(_ deadline: Deadline) {
        guard deadline.action != nil else { return }
        deadline.action = nil
        guard deadline.isQueued else { return }
        cancelled += 1
        guard cancelled > 1024, cancelled > heap.count / 2 else { return }
        heap = Heap(heap.unordered.filter { $0.deadline.action != nil })
        cancelled = 0
    }

    /// Takes the earliest action that is due at `now`.
    mutating func takeDue(at now: Instant) -> (() -> Void)? {
        guard let instant = next(), instant <= now else { return nil }
        let deadline = heap.removeMin().deadline
        deadline.isQueued = false
        defer { deadline.action = nil }
        return deadline.action
    }

    /// How many entries the queue holds, cancelled ones included.
    var count: Int { heap.count }
}
