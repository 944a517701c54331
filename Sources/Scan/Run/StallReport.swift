internal import ConnectionLimits
internal import Console
internal import DNS
internal import DomainList
internal import EventLoop
internal import Records

/// What one loop waits for when the scan has stalled.
struct LoopWaits: Sendable {
    /// How many names of each kind are listed.
    static let namesMax = 5

    /// The domains that have been in progress for longest.
    var domains: [String] = []
    /// MX hosts that are being observed, and how many there are.
    var hosts: [String] = []
    var hostCount = 0
    /// Groups of hosts that share handshakes and have hosts that wait, and how many those are;
    /// reported by one loop only.
    var shareGroups = 0
    var hostsInShareGroups = 0
}

extension Shard {
    /// What this loop waits for.
    func waits() async -> LoopWaits {
        let underWay = hosts.underWay
        var waits = LoopWaits()
        waits.domains = ready.oldest(LoopWaits.namesMax).map(\.numbered.entry.label)
        waits.hosts = underWay.prefix(LoopWaits.namesMax).map(\.text)
        waits.hostCount = underWay.count
        if let waiting = await sharesThatWait() {
            waits.shareGroups = waiting.groups
            waits.hostsInShareGroups = waiting.hosts
        }
        return waits
    }
}

/// A scan that has stalled, and what it waits for.
struct StallReport: CustomStringConvertible, Sendable {
    let seconds: Int
    /// How many entries were read that have no record.
    let domainCount: Int
    /// What the loops posted last.
    let status: LoopStatus
    /// Those of the loops that still answer.
    let loops: [LoopWaits]
    let loopCount: Int

    /// One line: how long, what is waited for, and the first names.
    var description: String {
        func sum(_ count: (LoopWaits) -> Int) -> Int { loops.reduce(0) { $0 + count($1) } }
        func names(_ list: (LoopWaits) -> [String]) -> String {
            let all = loops.flatMap(list).prefix(LoopWaits.namesMax)
            return all.isEmpty ? "" : " (\(all.joined(separator: ", ")))"
        }
        let waiting = [
            "\(grouped(domainCount)) domains\(names(\.domains))",
            "\(grouped(sum(\.hostCount))) MX hosts\(names(\.hosts))",
            "\(grouped(sum(\.shareGroups))) groups with "
                + "\(grouped(sum(\.hostsInShareGroups))) hosts that wait to share handshakes",
            "\(grouped(status.admission?.waiting ?? 0)) connections that wait for their turn",
            "\(grouped(status.queriesInFlight + status.queriesWaiting)) DNS questions",
            "\(grouped(status.fetchesInFlight)) policy fetches",
            "\(grouped(status.probesInFlight + status.slowProbes)) SMTP sessions",
        ]
        let silent = loopCount - loops.count
        let loopsText = silent == 0 ? "" : "; \(silent) of \(loopCount) event loops do not answer"
        return """
            nothing has gone on for \(duration(seconds)), longer than any time limit: the scan \
            waits for \(waiting.joined(separator: ", "))\(loopsText); please report this
            """
    }
}

extension ScanSession {
    /// How long a loop has to say what it waits for.
    private static let answerMilliseconds = 2000

    /// What the scan waits for after so long without activity.
    func standstill(after milliseconds: Int) -> StallReport {
        let answers = BoundedQueue<LoopWaits>(capacity: shards.count)
        for shard in shards {
            Task(executorPreference: shard.loop) { _ = await answers.put(await shard.waits()) }
        }
        var loops: [LoopWaits] = []
        while loops.count < shards.count,
            case .element(let waits) = answers.takeBlocking(milliseconds: Self.answerMilliseconds)
        {
            loops.append(waits)
        }
        return StallReport(
            seconds: milliseconds / 1000, domainCount: withoutRecord, status: status,
            loops: loops, loopCount: shards.count)
    }

    /// How many entries were read that have no record.
    ///
    /// Counted from what was read: a loop that no longer answers posts no counts either.
    private var withoutRecord: Int {
        max(0, intake.current.numbered - finishedBefore - status.done)
    }

    /// Whether the scan may be without activity: there is no entry, no name server answers, or the
    /// records wait for the disk.
    var mayWait: Bool {
        let isIdle = !intake.current.isAtEnd && withoutRecord == 0
        return isIdle || status.isPaused || isWriting || !channels.records.isEmpty
    }
}
