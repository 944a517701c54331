import Glibc
internal import Records

/// Shows on standard error the progress of the scan: one line rewritten on a terminal, a plain line
/// every few seconds elsewhere.
struct Progress {
    private static let plainMilliseconds = 5000
    private let isTerminal: Bool
    private let isQuiet: Bool
    private let start = MonotonicClock.milliseconds()
    private var lastReported = MonotonicClock.milliseconds()
    /// The rate over the last few seconds rather than since the start.
    private var recent: [(at: Int, done: Int)] = []

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
        isTerminal = isatty(STDERR_FILENO) == 1
    }

    /// Shows the status if it is due; `fraction` is how much of the lists has been read.
    mutating func tell(_ status: LoopStatus, fraction: Double?) {
        let now = MonotonicClock.milliseconds()
        recent.append((now, status.done))
        recent.removeAll { now - $0.at > 10_000 }
        guard !isQuiet, isTerminal || now - lastReported >= Self.plainMilliseconds else { return }
        lastReported = now
        let line = line(status, fraction, now)
        Message.write(isTerminal ? "\r\u{1B}[K\(line)" : "\(line)\n")
    }

    /// Ends the rewritten line.
    func end() {
        if isTerminal && !isQuiet { Message.write("\r\u{1B}[K") }
    }

    private func line(_ status: LoopStatus, _ fraction: Double?, _ now: Int) -> String {
        var parts = status.isPaused ? ["waiting for a name server"] : []
        if let fraction { parts.append("\(Int(fraction * 100))%") }
        parts.append("\(grouped(status.done)) done")
        parts.append("\(grouped(rate(now)))/s")
        parts.append(
            "in flight \(grouped(status.domainsInFlight)) (dns \(grouped(status.queriesInFlight)), "
                + "https \(status.fetchesInFlight), smtp \(status.probesInFlight))")
        if status.deferred > 0 { parts.append("\(grouped(status.deferred)) to be asked again") }
        parts.append("\(grouped(status.hosts)) hosts")
        parts.append("\(grouped(status.unknown)) unknown")
        if let fraction, fraction > 0.01, fraction < 1 {
            let elapsed = Double(now - start) / 1000
            parts.append("ETA \(duration(Int(elapsed / fraction - elapsed)))")
        }
        return parts.joined(separator: " | ")
    }

    private func rate(_ now: Int) -> Int {
        guard let first = recent.first, let last = recent.last, last.at > first.at else { return 0 }
        return (last.done - first.done) * 1000 / (last.at - first.at)
    }
}

/// Seconds as `2h05m`, `3m20s` or `12s`.
public func duration(_ seconds: Int) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    if seconds >= 3600 { return "\(seconds / 3600)h\(two(seconds / 60 % 60))m" }
    return seconds >= 60 ? "\(seconds / 60)m\(two(seconds % 60))s" : "\(seconds)s"
}
