/// The limiter of a scan, and the index of the loop that uses it.
public struct LimiterHandle: Sendable {
    /// The limiter of the scan.
    public let limiter: ConnectionLimiter
    /// Which of the loops it is.
    public let loop: Int

    /// The handle of one loop.
    public init(_ limiter: ConnectionLimiter, loop: Int) {
        self.limiter = limiter
        self.loop = loop
    }
}
