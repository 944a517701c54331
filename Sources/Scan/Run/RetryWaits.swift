internal import EventLoop

/// Which retries of domains and hosts wait for their time on a loop.
struct RetryWaits: Sendable {
    /// How many wait now.
    private(set) var count = 0
    /// How many have begun to wait.
    private(set) var begun = 0
    /// When the last of those that were begun can be over, as `MonotonicClock` counts.
    private(set) var overAt = 0

    /// One waits until `overAt`, the delays of further retries included.
    mutating func begin(overAt: Int) {
        count += 1
        begun += 1
        self.overAt = max(self.overAt, overAt)
    }

    /// One has waited.
    mutating func end() { count -= 1 }

    static func + (left: RetryWaits, right: RetryWaits) -> RetryWaits {
        var sum = left
        sum.count += right.count
        sum.begun += right.begun
        sum.overAt = max(left.overAt, right.overAt)
        return sum
    }
}
