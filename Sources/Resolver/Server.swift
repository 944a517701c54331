internal import DNS
internal import EventLoop

/// A name server as one loop knows it: the channels to it, its health, and the questions that wait
/// until it is known whether it lives.
final class Server {
    let channel: Channel
    let connections: Connections
    /// Its index among the servers.
    let place: Int
    var health = ServerHealth()
    var report = ServerReport()
    var budget: QueryBudget
    /// Its fault at the scan's start, which does not mark it down later.
    let tolerated: HealthFault?
    /// Whether it is sent OPT records.
    var usesEDNS: Bool
    /// Questions that it did not answer: timeouts only if it proves to be up.
    var held: [Query] = []
    /// How its last answers ended.
    var outcomes = RecentOutcomes()
    /// What it has answered before, and must keep answering.
    var references: ReferenceAnswers
    /// Answers since the last health check was begun.
    var answersSinceCheck = 0
    /// When the health check in progress was begun; nil where none is.
    var checkedSince: Instant?
    var isBeingChecked: Bool { checkedSince != nil }
    /// How many health checks in a row have found that it refuses or fails, while it was up.
    var failedChecks = 0
    /// Called when the health check in progress has ended.
    var afterCheck: [() -> Void] = []
    /// When the last health check was begun that it passed.
    var passedCheckAt: Instant
    /// When the last of these was begun that said whether its answers are true.
    var healthySince: Instant

    init(
        _ channel: Channel, _ connections: Connections, at place: Int, check: ServerCheck?,
        tolerates tolerated: HealthFault?, perSecond: Double?, now: Instant
    ) {
        self.channel = channel
        self.connections = connections
        self.place = place
        self.tolerated = tolerated
        budget = QueryBudget(perSecond: perSecond)
        usesEDNS = check?.takesEDNS ?? true
        references = check?.references ?? ReferenceAnswers()
        (passedCheckAt, healthySince) = (now, now)
    }

    /// Whether questions go to it in spite of `fault`.
    func bears(_ fault: HealthFault?, trustsAnswers: Bool) -> Bool {
        guard let fault else { return true }
        return fault == tolerated || trustsAnswers && fault.isLie
    }
}

/// Whether the last answers of a server were failures, a bit for each.
struct RecentOutcomes {
    private var failures: UInt32 = 0

    mutating func add(isFailure: Bool) { failures = failures << 1 | (isFailure ? 1 : 0) }

    /// Whether at least half of the last 32 answers were failures: one in ten domains fails by
    /// itself.
    var areMostlyFailures: Bool { failures.nonzeroBitCount >= 16 }
}
