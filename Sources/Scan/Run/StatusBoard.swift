internal import ConnectionLimits
internal import DNS
internal import Judgement
internal import Records
internal import Resolver
internal import Synchronization

/// The status that a loop reports periodically.
struct LoopStatus: Sendable {
    var domainsInFlight = 0
    /// Questions that are out, and those that wait to be sent.
    var queriesInFlight = 0
    /// Questions about domains and hosts that have their answer, or none in the end.
    var questionsEnded = 0
    var queriesWaiting = 0
    /// How many questions may be out.
    var queryWindow = 0
    /// Whether the loop has more to do than it can, so that windows do not grow.
    var isLate = false
    var fetchesInFlight = 0
    /// SMTP sessions in progress, without those whose peer is slow.
    var probesInFlight = 0
    var slowProbes = 0
    var hosts = 0
    /// Domains that wait, for a retry or for a destination, without a slot in the window.
    var deferred = 0
    /// Retries of domains and hosts that wait for their time.
    var retries = RetryWaits()
    /// What each name server has done, in their order.
    var servers: [ServerReport] = []
    /// Questions that name servers have found records for; reported by one loop only.
    var found: [Question] = []
    /// How often questions waited for the rate of name servers.
    var dnsRateWaits = 0
    /// Counters of the connection limiter; reported by one loop only.
    var admission: LimiterStats?
    /// Counters of handshake sharing; reported by one loop only.
    var sharing: ShareStats?
    var totals = ScanTotals()
    var times = StageTimes()
    /// How often a domain needed a host.
    var hostsAskedFor = 0

    /// Whether every name server is down: no question is sent until one is up.
    var isPaused: Bool { !servers.isEmpty && servers.allSatisfy { $0.state == .down } }
    /// What the scan waits for at the moment.
    var limitedBy: LimitingFactor {
        if isPaused { return .nameServers }
        if isLate { return .processor }
        let limits = admission ?? LimiterStats()
        if limits.sessions.waiting > 0 { return .sessions }
        if limits.fetches.waiting > 0 { return .fetches }
        if queriesWaiting > 0 { return .questions }
        if limits.waiting > 0 { return .destinations }
        return domainsInFlight == 0 && retries.count > 0 ? .retries : .nothing
    }

    /// Records made.
    var done: Int { totals.domainCount }
    /// Records whose verdict is `unknown`.
    var unknown: Int { totals.verdicts[.unknown] }

    static func + (left: LoopStatus, right: LoopStatus) -> LoopStatus {
        var sum = left
        sum.domainsInFlight += right.domainsInFlight
        sum.queriesInFlight += right.queriesInFlight
        sum.questionsEnded += right.questionsEnded
        sum.queriesWaiting += right.queriesWaiting
        sum.queryWindow += right.queryWindow
        sum.isLate = left.isLate || right.isLate
        sum.slowProbes += right.slowProbes
        sum.fetchesInFlight += right.fetchesInFlight
        sum.probesInFlight += right.probesInFlight
        sum.hosts += right.hosts
        sum.deferred += right.deferred
        sum.retries = left.retries + right.retries
        sum.servers = merged(left.servers, right.servers)
        sum.dnsRateWaits += right.dnsRateWaits
        sum.sharing = left.sharing ?? right.sharing
        sum.admission = left.admission ?? right.admission
        sum.totals.merge(right.totals)
        sum.times.merge(right.times)
        sum.hostsAskedFor += right.hostsAskedFor
        return sum
    }

    /// The reports of two loops, of which one may not have reported yet.
    private static func merged(_ left: [ServerReport], _ right: [ServerReport]) -> [ServerReport] {
        if left.isEmpty || right.isEmpty { return left + right }
        return zip(left, right).map { $0 + $1 }
    }
}

/// What a scan waits for where it could do more; the first that holds is named.
enum LimitingFactor: String, CaseIterable {
    /// No name server is up.
    case nameServers = "name servers"
    /// A loop has more to do than it can.
    case processor
    /// SMTP sessions wait for a place in their window.
    case sessions = "smtp sessions"
    /// Fetches wait for a place in their window.
    case fetches = "policy fetches"
    /// Questions wait for a place in their window, or for a rate.
    case questions = "dns questions"
    /// Connections wait for the limits of their destinations alone.
    case destinations
    /// Only retries are left.
    case retries
    case nothing
}

/// The status of all loops, posted a few times a second, for the reporters.
final class StatusBoard: Sendable {
    private let statuses: Mutex<[LoopStatus]>

    init(loops: Int) { statuses = Mutex(Array(repeating: LoopStatus(), count: loops)) }

    func post(_ status: LoopStatus, of loop: Int) { statuses.withLock { $0[loop] = status } }

    /// Questions that name servers have found records for.
    var found: [Question] { statuses.withLock { $0.first?.found ?? [] } }

    /// The sum over all loops.
    var total: LoopStatus { statuses.withLock { $0.reduce(LoopStatus(), +) } }
}
