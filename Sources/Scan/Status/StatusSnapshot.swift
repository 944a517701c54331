internal import ConnectionLimits
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
    /// The share of the lists that is done; nil where their size is not known.
    var fraction: Double?
    /// The name servers, in the order of their reports.
    var nameServers: [String]
    /// The most questions, fetches and sessions at once, of all loops.
    var limits: (dns: Int, fetches: Int, probes: Int)
    var process = ProcessUse()

    /// The hosts that this process has observed itself.
    var hostsObserved: Int { loops.totals.hostCount }

    /// One line of the status file; `rate` is that of domains since the line before.
    func line(rate: Int) -> String {
        let seconds = elapsedMilliseconds / 1000
        var eta: JSONDocument = .null
        if let fraction, fraction > 0.01, fraction < 1 {
            eta = .integer(Int(Double(seconds) * (1 - fraction) / fraction))
        }
        return JSONDocument.object([
            ("time", .string(Timestamp(epochSeconds: time).text)),
            ("state", .string(state.rawValue)),
            ("elapsed_ms", .integer(elapsedMilliseconds)),
            ("percent_done", fraction.map { .integer(Int($0 * 100)) } ?? .null),
            ("eta_s", eta), ("domains", .integer(loops.done)), ("domains_per_s", .integer(rate)),
            ("domains_per_s_mean", .integer(loops.done * 1000 / max(1, elapsedMilliseconds))),
            ("unknown", .integer(loops.unknown)),
            ("domains_in_flight", .integer(loops.domainsInFlight)),
            ("domains_deferred", .integer(loops.deferred)),
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
            ("limit_waiting", .integer(loops.admission?.waiting ?? 0)),
            ("pushbacks", .integer(loops.admission?.pushbacks ?? 0)),
            ("resident_bytes", .integer(process.residentBytes)),
        ]).line
    }
}
