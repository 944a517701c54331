internal import DomainList
internal import EventLoop
internal import Judgement
internal import Logging
internal import MXProbe
internal import Observations
internal import PolicyFetch
internal import Records
internal import Resolver
internal import ScanFolder
internal import Synchronization
internal import TLS

/// The threads of a running scan, and the queues between them.
final class ScanSession: Sendable {
    /// How long the last records may take once a scan to standard output was stopped.
    private static let streamEndMilliseconds = 1000

    private let options: ScanOptions
    private let context: ScanContext
    private let output: ScanOutput
    private let resumed: Checkpoint?
    let channels: ScanChannels
    let shards: [Shard]
    let intake: IntakeThread
    private let writer: RecordWriter
    private let threads: RunThreads
    private let ended = Atomic(false)
    private let startedAt: Int64
    private let begin = MonotonicClock.milliseconds()
    private let finishing = Mutex(FinishingRate())
    private let blocklist: BlocklistReload

    init(
        _ options: ScanOptions, _ context: ScanContext, reading lists: [OpenedList],
        output: ScanOutput, resuming resumed: Checkpoint?, startedAt: Int64
    ) throws(ScanError) {
        self.options = options
        self.context = context
        self.output = output
        self.resumed = resumed
        self.startedAt = startedAt
        blocklist = BlocklistReload(options, context)
        let channels = ScanChannels(
            board: StatusBoard(loops: options.threads),
            distrusted: DistrustedRecords(loops: options.threads, before: resumed?.distrusted))
        let intake = IntakeThread(
            options, lists: lists, unique: options.unique,
            only: options.indexRanges.map { IndexRanges($0) },
            expecting: resumed?.lists ?? options.expectedLists,
            shuffle: Shuffle(window: options.shuffleWindow, seed: options.seed),
            into: channels.entries, resuming: resumed)
        self.channels = channels
        self.intake = intake
        shards = try LoopSetup.onEachLoop(options.sharingLimits, context) {
            (setup) throws(ResolverError) in try Shard(setup, channels: channels)
        }
        threads = RunThreads(shards.map(\.loop))
        let stored = StoredOptions(options, trustSHA256: context.trust.sha256)
        writer = RecordWriter(options, output: output, from: channels.records) { state, finished in
            let read = intake.current
            return Checkpoint(
                CommittedProgress(
                    startedAt: startedAt, finished: finished, domainFiles: state.domainFiles,
                    hostFiles: state.hostFiles, totals: state.totals.table),
                options: stored,
                // Until a resumed scan has caught up, what was read before is what counts.
                lists: read.identities.isEmpty ? resumed?.lists ?? [] : read.identities,
                expectedEntries: read.size?.entries, distrusted: channels.distrusted.stored,
                found: channels.board.found)
        }
    }

    /// How many threads a session starts.
    static func threadCount(_ options: ScanOptions) -> Int { options.threads + 2 }

    /// Starts all threads; `hosts` are known from before.
    ///
    /// Where the system allows too few, those that were started end again.
    func start(knowing hosts: [HostObservation]) throws(ScanError) {
        do throws(SystemShortage) {
            try threads.start(
                writer: { [writer, resumed] in writer.run(after: resumed) },
                reader: { [intake] in intake.run() })
        } catch {
            endThreads(waitingForWriter: true)
            throw .system("\(error)")
        }
        // On a loop, not on the runtime's threads, which the system may refuse to create.
        Task(executorPreference: shards[0].loop) { await self.scan(knowing: hosts) }
    }

    /// The writer ends when all is written; a reader of standard output may never take it.
    private func endThreads(waitingForWriter mustWait: Bool) {
        channels.records.finish()
        threads.end(writerMilliseconds: mustWait ? nil : Self.streamEndMilliseconds)
    }

    private func scan(knowing hosts: [HostObservation]) async {
        let byShard = Dictionary(grouping: hosts) { Shard.index(of: $0.name, among: shards.count) }
        let numbers = resumed?.progress.hostRecords ?? 0
        for (index, shard) in shards.enumerated() {
            await shard.restore(byShard[index] ?? [], after: numbers)
        }
        await withTaskGroup(of: Void.self) { [shards] group in
            for shard in shards {
                group.addTask(executorPreference: shard.loop) { await shard.run(among: shards) }
            }
        }
        for shard in shards { await shard.finish() }
        // What the last of them has learned of name servers concerns the first, too.
        for shard in shards { await shard.refreshDistrust() }
        // Whoever reads standard output may take long, and the scan can be stopped until then.
        if case .stream = output { channels.records.finish() }
        ended.store(true, ordering: .releasing)
        Signals.wake()
    }

    /// Where the scan is.
    func snapshot(_ state: ScanState = .running) -> StatusSnapshot {
        let loops = options.threads
        let limits = options.sharingLimits
        return StatusSnapshot(
            state: state, time: WallClock.seconds(),
            elapsedMilliseconds: MonotonicClock.milliseconds() - begin, loops: status,
            forecast: forecast, nameServers: options.nameServers.map(\.description),
            limits: (
                loops * limits.resolver.inFlightLimit, loops * limits.fetch.inFlightLimit,
                loops * limits.probe.inFlightLimit
            ))
    }

    /// Takes no more entries; what is in progress goes on.
    func stop() {
        channels.entries.finish()
        for shard in shards {
            Task(executorPreference: shard.loop) { await shard.stop() }
        }
    }

    /// Reads the blocklist again.
    func reloadBlocklist() {
        blocklist.readAgain(on: shards[0].loop) { [shards] list in
            for shard in shards { await shard.exclude(list) }
        }
    }

    /// How many entries had their record before this part of the scan.
    var finishedBefore: Int { resumed?.progress.finished.count ?? 0 }

    /// Whether all domains taken have their record, and standard output has it.
    var hasEnded: Bool {
        guard ended.load(ordering: .acquiring) else { return false }
        if case .stream = output { return writer.hasEnded }
        return true
    }

    /// Whether records wait for who takes them.
    var isWriting: Bool { writer.isWriting }

    /// The sum of what the loops report.
    var status: LoopStatus { channels.board.total }

    /// What the user of the results must know.
    var cautions: [String] {
        status.cautions(port: options.probe.port)
            + [totals.specialUseCaution(options)].compactMap(\.self)
    }

    /// The counts of all records written, those of before included.
    var totals: ScanTotals { writer.current.totals }

    /// How far the scan is, and how long it may still take.
    var forecast: Forecast {
        let (read, status, now) = (intake.current, status, MonotonicClock.milliseconds())
        var forecast = Forecast()
        forecast.size = read.size
        forecast.done = totals.domainCount
        forecast.underWay = status.domainsInFlight + status.deferred
        forecast.waiting = min(status.retries.count, status.deferred)
        forecast.elapsedMilliseconds = now - begin
        let (done, elapsed) = (forecast.done, forecast.elapsedMilliseconds)
        forecast.rate = finishing.withLock {
            $0.note(done, at: elapsed)
            return $0.recent(done, at: elapsed)
        }
        forecast.hasRetries = status.retries.begun > 0
        forecast.retriesOverIn = status.retries.count > 0 ? status.retries.overAt - now : nil
        forecast.retryMilliseconds = options.retryDelays.reduce(0, +)
        return forecast
    }

    /// The counts of the records that are on the disk for certain.
    var committedTally: ScanTotals { writer.current.committed.totals }

    /// Whether a list is corrupt.
    var hasDamagedList: Bool { intake.current.isDamaged }

    /// Lists that name no domain.
    var listRemarks: [String] { intake.current.remarks }

    /// The failures of the lists.
    var inputFailures: [String] { intake.current.failures }

    /// Which records rest on answers of name servers that proved not to be true; nil for none.
    var distrusted: StoredDistrust? { channels.distrusted.stored }

    /// Warnings about the trust store.
    var trustWarnings: [String] { context.trust.warnings }

    /// Seconds since the start.
    var elapsedSeconds: Double { Double(MonotonicClock.milliseconds() - begin) / 1000 }

    /// Ends the writer and the loops, and writes the manifest.
    func finish(after stop: ScanStop?) throws(ScanError) -> ScanEnd {
        if case .stream = output, stop != nil {
            endThreads(waitingForWriter: false)
        } else {
            endThreads(waitingForWriter: true)
        }
        let end = self.end(after: stop)
        try output.finish(manifest(end.state), end)
        return end
    }

    private func end(after stop: ScanStop?) -> ScanEnd {
        if let failure = writer.current.failure { return .outputFailed(failure) }
        let read = intake.current
        if let refusal = read.refusal { return .inputChanged(refusal) }
        let hasAll = read.isAtEnd && totals.domainCount == read.numbered
        if let stop, !hasAll { return stop.end }
        if let failure = read.failures.first { return .inputBroken(failure) }
        return foundVerdicts.map { .foundVerdicts($0) } ?? .complete
    }

    /// How many domains have which of the verdicts that were not to occur; nil where none has.
    private var foundVerdicts: String? {
        let counts = Verdict.allCases.filter(options.failingVerdicts.contains)
            .map { ($0, totals.verdicts[$0]) }.filter { $0.1 > 0 }
        guard !counts.isEmpty else { return nil }
        let words = counts.map { "\(counted($1, "domain")) \($0.rawValue)" }
        return "--fail-on: " + words.joined(separator: ", ")
    }

    private func manifest(_ state: ScanState) -> Manifest {
        var manifest = Manifest(
            options: options, context: context, state: state, startedAt: startedAt)
        let read = intake.current
        let written = writer.current.committed
        manifest.endedAt = WallClock.seconds()
        manifest.lists = read.identities
        manifest.problems = read.failures
        manifest.cautions = cautions
        manifest.sharing = status.sharing ?? ShareStats()
        manifest.blocklists = blocklist.history
        manifest.statistics = read.statistics
        manifest.totals = written.totals
        manifest.domainFiles = written.domainFiles
        manifest.hostFiles = written.hostFiles
        manifest.serverReports = status.servers
        manifest.distrusted = distrusted
        if options.indexRanges != nil || options.shard != nil {
            manifest.selected = read.numbered
        }
        return manifest
    }
}
