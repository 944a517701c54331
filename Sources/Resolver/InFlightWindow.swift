internal import EventLoop

/// How many questions may be out: as many as the limit says in the end, but not all of a sudden.
///
/// What a name server has no room for is lost, and lost again if all of it is sent anew at the same
/// moment. So many new questions begin slowly: the window starts small and grows with time. A
/// question that is answered leaves its part to the next one; one that is lost takes it along.
/// Pure but for its own state: time is an argument.
struct InFlightWindow {
    /// What hardly any server has no room for.
    private static let atOnce = 100
    private static let growthPerMillisecond = 25
    private let limit: Int
    private(set) var size: Int
    private var grownAt = Instant(nanoseconds: 0)

    /// A window for at most `limit` questions, at `now`.
    init(limit: Int, at now: Instant) {
        self.limit = limit
        size = min(limit, Self.atOnce)
        grownAt = now
    }

    /// Whether it is smaller than it will be.
    var isGrowing: Bool { size < limit }

    /// Whether so many questions may be out.
    mutating func allows(_ count: Int, at now: Instant) -> Bool {
        if count <= size { return true }
        grow(at: now)
        return count <= size
    }

    /// Takes out the part of a question that was lost.
    mutating func lose(at now: Instant) {
        grow(at: now)
        if size == limit { grownAt = now }
        size = max(min(limit, Self.atOnce), size - 1)
    }

    private mutating func grow(at now: Instant) {
        guard isGrowing else { return }
        let growth = now.microseconds(since: grownAt) * UInt64(Self.growthPerMillisecond) / 1000
        guard growth > 0 else { return }
        size = min(limit, size + Int(clamping: growth))
        grownAt = now
    }
}
