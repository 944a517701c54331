internal import ConnectionLimits
import Glibc
internal import Metrics
internal import Observations
internal import Records
internal import Resolver
internal import ScanFolder

/// Where a scan is at one moment, for files and metrics.
struct StatusSnapshot: Sendable {
    var state: ScanState
    /// Seconds since 1970.
    var time: Int64
    /// Since the start of this process's part of the scan.
    var elapsedMilliseconds: Int
    var loops: LoopStatus
    /// How far it is, and how long it may still take.
    var forecast: Forecast
    /// The name servers, in the order of their reports.
    var nameServers: [String]
    /// The most questions, fetches and sessions at once, of all loops.
    var limits: (dns: Int, fetches: Int, probes: Int)
    var process = ProcessUse()

    /// The hosts that this process has observed itself.
    var hostsObserved: Int { loops.totals.hostCount }

    /// One line of the status file; `rate` is that of domains since the line before.
    func line(rate: Int) -> String {
        func whole(_ number: Int?) -> JSONDocument { number.map { .integer($0) } ?? .null }
        return JSONDocument.object([
            ("time", .string(Timestamp(epochSeconds: time).text)),
            ("state", .string(state.rawValue)),
            ("elapsed_ms", .integer(elapsedMilliseconds)),
            ("percent_done", whole(forecast.fraction.map { Int($0 * 100) })),
            ("eta_s", whole(forecast.milliseconds.map { ($0 + 500) / 1000 })),
            ("entries", whole(forecast.size?.entries)),
            ("domains", .integer(loops.done)), ("domains_per_s", .integer(rate)),
            ("domains_per_s_mean", .integer(loops.done * 1000 / max(1, elapsedMilliseconds))),
            ("unknown", .integer(loops.unknown)),
            ("domains_in_flight", .integer(loops.domainsInFlight)),
            ("domains_deferred", .integer(loops.deferred)),
            ("retries_waiting", .integer(loops.retries.count)),
            ("dns_in_flight", .integer(loops.queriesInFlight)),
            ("dns_waiting", .integer(loops.queriesWaiting)),
            ("policy_fetches_in_flight", .integer(loops.fetchesInFlight)),
            ("smtp_sessions_in_flight", .integer(loops.probesInFlight)),
            ("smtp_slow_sessions_in_flight", .integer(loops.slowProbes)),
            ("dns_questions", .integer(loops.servers.reduce(0) { $0 + $1.questions })),
            ("dns_retries", .integer(loops.servers.reduce(0) { $0 + $1.retries })),
            ("dns_silences", .integer(loops.servers.reduce(0) { $0 + $1.timeouts })),
            ("is_paused", .boolean(loops.isPaused)),
            ("policy_fetches", .integer(loops.times.policyFetch.count)),
            ("smtp_sessions", .integer(loops.times.smtpConnect.count)),
            ("hosts", .integer(hostsObserved)),
            ("hosts_asked_for", .integer(loops.hostsAskedFor)),
            ("domains_excluded", .integer(loops.totals.statuses[.excluded])),
            ("policy_hosts_blocked", .integer(loops.totals.fetches[.blocked])),
            ("hosts_blocked", .integer(loops.totals.hosts[.blocked])),
            ("dns_window", .integer(loops.queryWindow)),
            ("policy_fetches_window", .integer(loops.admission?.fetches.size ?? 0)),
            ("smtp_sessions_window", .integer(loops.admission?.sessions.size ?? 0)),
            ("limited_by", .string(loops.limitedBy.rawValue)),
            ("limit_waiting", .integer(loops.admission?.waiting ?? 0)),
            ("pushbacks", .integer(loops.admission?.pushbacks ?? 0)),
            ("resident_bytes", .integer(process.residentBytes)),
        ]).line
    }
}

/// What the process takes of the machine.
struct ProcessUse: Sendable {
    let residentBytes: Int
    let cpuMilliseconds: Int
    let openDescriptors: Int

    /// As it is now.
    init() {
        var use = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &use)
        cpuMilliseconds =
            [use.ru_utime, use.ru_stime].reduce(0) {
                $0 + $1.tv_sec * 1000 + Int($1.tv_usec) / 1000
            }
        let pages = readFile("/proc/self/statm", limit: 256)?.split(separator: " ") ?? []
        let resident = pages.count > 1 ? Int(pages[1]) ?? 0 : 0
        residentBytes = resident * sysconf(Int32(_SC_PAGESIZE))
        openDescriptors = Self.countDescriptors()
    }

    private static func countDescriptors() -> Int {
        guard let folder = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { unsafe closedir(folder) }
        var count = 0
        while unsafe readdir(folder) != nil { count += 1 }
        // Without `.`, `..` and the folder's own.
        return max(0, count - 3)
    }
}

/// How long each stage took, on one loop or on all.
struct StageTimes: Sendable {
    /// A try of a DNS question.
    var dns = Histogram()
    /// The fetch of a policy, connection and all.
    var policyFetch = Histogram()
    /// The TCP connect to an MX host.
    var smtpConnect = Histogram()
    /// The SMTP session after it, with STARTTLS.
    var starttls = Histogram()
    /// A domain from its first question to its record.
    var domain = Histogram()

    mutating func merge(_ other: StageTimes) {
        dns.merge(other.dns)
        policyFetch.merge(other.policyFetch)
        smtpConnect.merge(other.smtpConnect)
        starttls.merge(other.starttls)
        domain.merge(other.domain)
    }

    /// The stages by their names in the metrics.
    var byName: [(String, Histogram)] {
        [
            ("dns", dns), ("policy_fetch", policyFetch), ("smtp_connect", smtpConnect),
            ("starttls", starttls), ("domain", domain),
        ]
    }
}
