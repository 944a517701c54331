/// How much each loop may have in progress.
public struct LoopLimits: Sendable {
    /// SMTP sessions at once.
    public var sessions: Int
    /// SMTP sessions at once that wait for their peer for long, beside the others.
    public var slowSessions: Int
    /// Policy fetches at once.
    public var fetches: Int
    /// How many loops there are.
    public var loops: Int
    /// How many hosts all loops may wait for before each destination gets a smaller share of them.
    public var waitingHosts: Int

    /// These limits.
    public init(
        sessions: Int, slowSessions: Int, fetches: Int, loops: Int = 1, waitingHosts: Int = .max
    ) {
        self.sessions = sessions
        self.slowSessions = slowSessions
        self.fetches = fetches
        self.loops = loops
        self.waitingHosts = waitingHosts
    }

    /// What one address may hold of the connections of all loops, where it has no other limit.
    func share(of service: Destination.Service) -> Int {
        max(1, (service == .smtp ? sessions : fetches) * loops / 2)
    }
}
