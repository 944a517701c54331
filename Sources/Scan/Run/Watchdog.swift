internal import ConnectionLimits
internal import MXProbe
internal import Metrics
internal import PolicyFetch
internal import Records
internal import Resolver

/// The values that change with any activity of a scan: counts that only grow, and what is in
/// progress.
///
/// Periodic work is left out: health checks of name servers, ticks, reports.
struct ScanActivity: Hashable, Sendable {
    private let counts: [Int]

    init(of status: LoopStatus) {
        let limits = status.admission ?? LimiterStats()
        counts = [
            status.totals.domainCount, status.totals.hostCount, status.hostsAskedFor,
            status.questionsEnded, status.queriesInFlight, status.queriesWaiting,
            status.times.smtpConnect.count, status.times.starttls.count, status.probesInFlight,
            status.slowProbes,
            status.times.policyFetch.count, status.fetchesInFlight,
            status.domainsInFlight, status.deferred,
            limits.waiting, limits.overdue, limits.pushbacks, limits.sharedFailures,
            limits.waitsForAddress, limits.waitsForNetwork, limits.waitsForDomain,
            limits.waitsForLoop,
        ]
    }
}

/// Detects a scan that waits for something that never happens.
///
/// Each wait of a scan has a time limit, and its end is an activity. So a scan without activity for
/// longer than the longest limit has stalled. Pure: time is an argument.
struct Watchdog {
    /// What is added to the longest time limit.
    static let marginMilliseconds = 30_000
    /// As much of the time between two looks counts: the process may have been stopped meanwhile.
    private static let stepMilliseconds = 2000

    /// How long there may be no activity.
    let limitMilliseconds: Int
    private var last: ScanActivity?
    private var lookedAt = 0
    private var idleMilliseconds = 0

    init(_ options: ScanOptions) {
        limitMilliseconds = options.longestWaitMilliseconds + Self.marginMilliseconds
    }

    /// Takes what the scan has done by now; true where it has stalled.
    ///
    /// `mayWait` where it waits for something that has no time limit: its input, its output, a name
    /// server.
    mutating func isStalled(_ activity: ScanActivity, mayWait: Bool, at now: Int) -> Bool {
        defer {
            last = activity
            lookedAt = now
        }
        guard activity == last, !mayWait else {
            idleMilliseconds = 0
            return false
        }
        idleMilliseconds += min(now - lookedAt, Self.stepMilliseconds)
        return idleMilliseconds > limitMilliseconds
    }
}

extension ScanOptions {
    /// The longest time limit of all that a scan waits for, name servers apart that are all out.
    var longestWaitMilliseconds: Int {
        // A question whose tries do not count, since its server was down, is retried so often.
        let rounds = Resolver.resetsMax + 1
        let question = rounds * resolver.tries * resolver.timeoutMilliseconds
        let rates = [dnsRate.perServer, dnsRate.inAll].filter { $0 > 0 }
        let turns = rates.map { Int(clamping: 1000 * Double(threads * limitsShare) / $0) }
        let connection = [
            limits.idleWaitMilliseconds, fetch.timeoutMilliseconds,
            probe.connectTimeoutMilliseconds + probe.sessionTimeoutMilliseconds,
        ]
        return (retryDelays + turns + connection + [question]).max() ?? 0
    }
}

extension Int {
    /// The number without its fraction; the largest where it is larger.
    fileprivate init(clamping number: Double) { self = Int(exactly: number.rounded()) ?? .max / 2 }
}
