import Glibc

/// The wall clock, for timestamps only: deadlines and durations use the monotonic one.
enum WallClock {
    /// Whole seconds since 1970.
    static func seconds() -> Int64 { Int64(time(nil)) }
}

/// The monotonic clock, for threads that have no loop.
enum MonotonicClock {
    /// Milliseconds since some point in the past.
    static func milliseconds() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000
    }
}
