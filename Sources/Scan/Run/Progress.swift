internal import Console
internal import Logging
internal import Records

/// What the status line says of a scan.
struct Progress {
    private var line: StatusLine
    /// The rate over the last few seconds rather than since the start.
    private var recent: [(at: Int, done: Int)] = []
    private let options: ScanOptions
    /// Whether it was said that only retries are left.
    private var hasToldOfRetries = false

    init(_ options: ScanOptions) {
        self.options = options
        line = StatusLine(isQuiet: options.isQuiet, at: MonotonicClock.milliseconds())
    }

    /// Shows the status if it is due.
    mutating func show(_ status: LoopStatus, _ forecast: Forecast) {
        let now = MonotonicClock.milliseconds()
        recent.append((now, status.done))
        recent.removeAll { now - $0.at > 10_000 }
        tellOfRetries(status, forecast)
        if line.isDue(at: now) { line.show(parts(status, forecast, now), at: now) }
    }

    /// Removes the line.
    func end() { line.remove() }

    /// Says once that a scan goes on for its retries alone, where that takes a while.
    private mutating func tellOfRetries(_ status: LoopStatus, _ forecast: Forecast) {
        guard !hasToldOfRetries, !options.isQuiet, forecast.onlyRetriesAreLeft,
            status.domainsInFlight == 0, let wait = forecast.retriesOverIn, wait > 5000
        else { return }
        hasToldOfRetries = true
        line.remove()
        let domains = counted(status.deferred, "domain")
        let delays = options.retryDelays.map { duration($0 / 1000) }.joined(separator: ", ")
        options.log.notice(
            """
            all domains have been asked; \(domains) with transient failures \
            \(status.deferred == 1 ? "waits" : "wait") for retries, \(duration(wait / 1000)) at \
            the most (each is retried after \(delays); --retry-delays sets that, and \
            '--retry-delays none' does without)
            """)
    }

    /// What there is to say, the most important first.
    private func parts(_ status: LoopStatus, _ forecast: Forecast, _ now: Int) -> [String] {
        var parts = status.isPaused ? ["waiting for a name server"] : []
        if let fraction = forecast.fraction { parts.append("\(Int(fraction * 100))%") }
        parts.append(Self.progress(forecast))
        parts.append("\(grouped(rate(now)))/s")
        parts.append(duration(forecast.elapsedMilliseconds / 1000))
        if let left = forecast.milliseconds { parts.append("ETA \(duration(left / 1000))") }
        if let retries = Self.retries(status.retries, forecast) { parts.append(retries) }
        parts.append("\(grouped(status.unknown)) unknown")
        parts.append(
            "in flight \(grouped(status.domainsInFlight)) (dns \(grouped(status.queriesInFlight)), "
                + "https \(status.fetchesInFlight), smtp \(status.probesInFlight))")
        if status.limitedBy != .nothing { parts.append("limit: \(status.limitedBy.rawValue)") }
        parts.append("\(grouped(status.hosts)) hosts")
        return parts
    }

    /// How many entries are done, of how many.
    static func progress(_ forecast: Forecast) -> String {
        switch forecast.size {
        case .exact(let entries): "\(grouped(forecast.done)) of \(grouped(entries))"
        case .estimated(let entries): "\(grouped(forecast.done)) of about \(grouped(entries))"
        case nil: "\(grouped(forecast.done)) done"
        }
    }

    /// How many retries wait, and for how long; nil where none does.
    static func retries(_ retries: RetryWaits, _ forecast: Forecast) -> String? {
        guard retries.count > 0 else { return nil }
        let wait = max(0, forecast.retriesOverIn ?? 0) / 1000
        return "\(counted(retries.count, "retry", "retries")) in \(duration(wait))"
    }

    private func rate(_ now: Int) -> Int {
        guard let first = recent.first, let last = recent.last, last.at > first.at else { return 0 }
        return (last.done - first.done) * 1000 / (last.at - first.at)
    }
}
