internal import Console
internal import Records

/// What the status line says of a scan.
struct Progress {
    private let start = MonotonicClock.milliseconds()
    private var line: StatusLine
    /// The rate over the last few seconds rather than since the start.
    private var recent: [(at: Int, done: Int)] = []

    init(isQuiet: Bool) { line = StatusLine(isQuiet: isQuiet, at: start) }

    /// Shows the status if it is due; `fraction` is how much of the lists has been read.
    mutating func show(_ status: LoopStatus, fraction: Double?) {
        let now = MonotonicClock.milliseconds()
        recent.append((now, status.done))
        recent.removeAll { now - $0.at > 10_000 }
        if line.isDue(at: now) { line.show(parts(status, fraction, now), at: now) }
    }

    /// Removes the line.
    func end() { line.remove() }

    /// What there is to say, the most important first.
    private func parts(_ status: LoopStatus, _ fraction: Double?, _ now: Int) -> [String] {
        var parts = status.isPaused ? ["waiting for a name server"] : []
        if let fraction { parts.append("\(Int(fraction * 100))%") }
        parts.append("\(grouped(status.done)) done")
        parts.append("\(grouped(rate(now)))/s")
        if let fraction, fraction > 0.01, fraction < 1 {
            let elapsed = Double(now - start) / 1000
            parts.append("ETA \(duration(Int(elapsed / fraction - elapsed)))")
        }
        parts.append("\(grouped(status.unknown)) unknown")
        if status.deferred > 0 { parts.append("\(grouped(status.deferred)) to be retried") }
        parts.append(
            "in flight \(grouped(status.domainsInFlight)) (dns \(grouped(status.queriesInFlight)), "
                + "https \(status.fetchesInFlight), smtp \(status.probesInFlight))")
        parts.append("\(grouped(status.hosts)) hosts")
        return parts
    }

    private func rate(_ now: Int) -> Int {
        guard let first = recent.first, let last = recent.last, last.at > first.at else { return 0 }
        return (last.done - first.done) * 1000 / (last.at - first.at)
    }
}
