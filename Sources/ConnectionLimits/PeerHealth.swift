internal import EventLoop

/// Whether connections to a peer would only fail as those before did.
///
/// After failures of one kind in a row no more connections are made. Half a minute later one
/// connection tests the peer, while the others still get the failure. If the test fails, the
/// failure holds for the next half minute. Where a peer has worked, and takes no more connections,
/// it may drop what is too much: it is slowed first, and what was under way together counts as one
/// failure. Pure: time is an argument.
struct PeerHealth {
    /// How long a failure is taken for granted before it is tested, in milliseconds.
    static let testAfterMilliseconds = 30_000
    /// Connections that a peer which has worked does not take count as one within so many
    /// milliseconds.
    private static let oneLossMilliseconds = 5000

    private var failure: ConnectionFailure?
    private var times = 0
    private var failedAt = Instant(nanoseconds: 0)
    private var lastName: Int?
    /// Whether a connection has ended well.
    private(set) var hasWorked = false
    private var isBeingTested = false

    /// The failure that is taken for granted after `limit` in a row (0 for never); nil where a
    /// connection is to be tried.
    func known(at now: Instant, limit: Int) -> SharedFailure? {
        guard let failure, isEnough(limit) else { return nil }
        let isDue = now.milliseconds(since: failedAt) >= Self.testAfterMilliseconds
        guard !isDue || isBeingTested else { return nil }
        return SharedFailure(status: failure.status, times: times)
    }

    /// A connection begins: where a failure is known, it is the one that tests it.
    mutating func begin(limit: Int) { if isEnough(limit) { isBeingTested = true } }

    /// A connection for the host `name` (its hash) has ended.
    mutating func end(_ end: ConnectionEnd, name: Int, at now: Instant) {
        isBeingTested = false
        guard end != .untried else { return }
        guard let failure = end.failure else {
            hasWorked = hasWorked || end == .good
            self.failure = nil
            return
        }
        if failure != self.failure { times = 0 }
        // Repeated failures of one host say nothing of the others at the address.
        guard failure.phase != .afterName || times == 0 || name != lastName else { return }
        let isOneLoss =
            end.isLoss && hasWorked && times > 0
            && now.milliseconds(since: failedAt) < Self.oneLossMilliseconds
        guard !isOneLoss else { return }
        times += 1
        failedAt = now
        lastName = name
        self.failure = failure
    }

    /// Whether nothing would be lost if the peer were forgotten.
    func isIdle(at now: Instant) -> Bool {
        failure == nil || now.milliseconds(since: failedAt) >= 2 * Self.testAfterMilliseconds
    }

    private func isEnough(_ limit: Int) -> Bool {
        guard limit > 0, let failure else { return false }
        return switch failure.phase {
        case .connect where hasWorked: times >= 2 * limit
        case .connect, .beforeName: times >= limit
        case .afterName: times >= limit && !hasWorked
        // Such a peer is slowed first.
        case .pushback: times >= 2 * limit
        }
    }
}
