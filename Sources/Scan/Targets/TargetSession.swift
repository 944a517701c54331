internal import Console
internal import EventLoop
internal import Logging
internal import MXProbe
internal import PolicyFetch
internal import Records
internal import Resolver
internal import ScanFolder
internal import Synchronization
internal import TLS

/// The threads of a run of targets, and the queues between them.
final class TargetSession: Sendable {
    private let options: ScanOptions
    private let context: ScanContext
    private let kind: TargetKind
    private let channels: TargetChannels
    private let loops: [TargetLoop]
    private let reader: TargetReader
    private let writer: TargetWriter
    private let threads: RunThreads
    private let ended = Atomic(false)
    private let output: ScanOutput
    private let resumed: Checkpoint?
    private let startedAt: Int64
    private let begin = MonotonicClock.milliseconds()
    private let blocklist: BlocklistReload

    init(
        _ options: ScanOptions, _ context: ScanContext, of kind: TargetKind,
        output: ScanOutput, resuming resumed: Checkpoint?, startedAt: Int64
    ) throws(ScanError) {
        self.output = output
        self.resumed = resumed
        self.startedAt = startedAt
        self.options = options
        self.context = context
        self.kind = kind
        let channels = TargetChannels(board: StatusBoard(loops: options.threads))
        self.channels = channels
        blocklist = BlocklistReload(options, context)
        let reader = try TargetReader(
            options.lists, of: kind, into: channels.targets, after: resumed)
        self.reader = reader
        let stored = StoredOptions(options, trustSHA256: context.trust.sha256)
        let lies = { @Sendable in Self.lies(channels, resumed) }
        writer = TargetWriter(options, output: output, of: kind, from: channels.records) {
            written, finished in
            let read = reader.current
            var checkpoint = Checkpoint(
                CommittedProgress(
                    of: kind, startedAt: startedAt, finished: finished,
                    hostFiles: kind == .hosts ? written.files : [],
                    policyFiles: kind == .policies ? written.files : nil,
                    totals: written.totals.table),
                options: stored,
                // Until a resumed run has caught up, what was read before is what counts.
                lists: read.identities.isEmpty ? resumed?.lists ?? [] : read.identities,
                expectedEntries: read.isAtEnd ? read.numbered : nil)
            checkpoint.lies = lies()
            return checkpoint
        }
        loops = try LoopSetup.onEachLoop(options, context) { (setup) throws(ResolverError) in
            try TargetLoop(setup, channels: channels)
        }
        threads = RunThreads(loops.map(\.loop))
    }

    /// Starts all threads; where the system allows too few, those that were started end again.
    func start() throws(ScanError) {
        do throws(SystemShortage) {
            try threads.start(
                writer: { [writer, resumed] in writer.run(after: resumed) },
                reader: { [reader] in reader.run() })
        } catch {
            endThreads()
            throw .system("\(error)")
        }
        Task(executorPreference: loops[0].loop) { await self.observe() }
    }

    private func observe() async {
        await withTaskGroup(of: Void.self) { [loops] group in
            for target in loops {
                group.addTask(executorPreference: target.loop) { await target.run() }
            }
        }
        ended.store(true, ordering: .releasing)
        Signals.wake()
    }

    /// Ends the loops, and the writer once it has written what there is.
    private func endThreads() {
        channels.records.finish()
        threads.end()
    }

    /// Takes no more targets; those under way go on.
    func stop() { channels.targets.finish() }

    /// Reads the blocklist again.
    func reloadBlocklist() {
        blocklist.readAgain(on: loops[0].loop) { [loops] list in
            for target in loops { await target.exclude(list) }
        }
    }

    // MARK: State

    /// Whether all targets taken have their record.
    var hasEnded: Bool { ended.load(ordering: .acquiring) }

    /// The sum of what the loops report.
    var status: LoopStatus { channels.board.total }

    /// How many records were made, those of before included.
    private var made: Int { reader.finishedBefore + kind.count(in: status.totals) }

    /// How many were written, those of before included.
    var written: Int { kind.count(in: writer.current.committed.totals) }

    /// What name servers proved to have answered falsely, in this run and before.
    private static func lies(_ channels: TargetChannels, _ resumed: Checkpoint?) -> [String] {
        Set(channels.lies.withLock { $0 } + (resumed?.lies ?? [])).sorted()
    }

    /// Whether records cannot be written.
    var hasFailed: Bool { writer.current.failure != nil }

    /// What the user of the results must know.
    var cautions: [String] {
        status.cautions(port: options.probe.port)
            + Self.lies(channels, resumed).map {
                "\($0): records made meanwhile may rest on answers that are not true"
            }
    }

    /// Whether the run may be without activity.
    var mayWait: Bool {
        let (read, done) = (reader.current, kind.count(in: status.totals))
        let isIdle = !read.isAtEnd && read.handedOver == done
        return isIdle || status.isPaused || !channels.records.isEmpty
    }

    /// What the status line says, the most important first.
    var progress: [String] {
        let (status, read) = (status, reader.current)
        let seconds = (MonotonicClock.milliseconds() - begin) / 1000
        let done = read.isAtEnd ? "of \(grouped(read.numbered))" : "done"
        return (status.isPaused ? ["waiting for a name server"] : []) + [
            "\(grouped(made)) \(done)", duration(seconds),
            "in flight \(grouped(status.domainsInFlight + status.deferred)) (dns "
                + "\(grouped(status.queriesInFlight)), https \(status.fetchesInFlight), smtp "
                + "\(status.probesInFlight))",
        ]
    }

    /// Where the run is.
    func snapshot(_ state: ScanState) -> StatusSnapshot {
        let (read, loops) = (reader.current, options.threads)
        var forecast = Forecast()
        forecast.size = read.isAtEnd ? .exact(read.numbered) : nil
        forecast.done = made
        forecast.elapsedMilliseconds = MonotonicClock.milliseconds() - begin
        return StatusSnapshot(
            state: state, time: WallClock.seconds(),
            elapsedMilliseconds: forecast.elapsedMilliseconds, loops: status, forecast: forecast,
            nameServers: options.nameServers.map(\.description),
            limits: (
                loops * options.resolver.inFlightLimit, loops * options.fetch.inFlightLimit,
                loops * options.probe.inFlightLimit
            ))
    }

    /// What the run waits for after so long without activity.
    func standstill(after milliseconds: Int) -> StallReport {
        StallReport(
            seconds: milliseconds / 1000, domainCount: max(0, reader.current.numbered - made),
            status: status, loops: [], loopCount: loops.count)
    }

    /// Ends the threads, and writes the manifest.
    func finish(after stop: ScanStop?) throws(ScanError) -> ScanEnd {
        endThreads()
        let end = self.end(after: stop)
        try output.finish(manifest(end.state), end)
        return end
    }

    private func end(after stop: ScanStop?) -> ScanEnd {
        if let failure = writer.current.failure { return .outputFailed(failure) }
        let read = reader.current
        if let refusal = read.refusal { return .inputChanged(refusal) }
        if let stop, !read.isAtEnd || written < read.numbered { return stop.end }
        if let failure = read.failure { return .inputBroken(failure) }
        return .complete
    }

    private func manifest(_ state: ScanState) -> Manifest {
        let (read, written) = (reader.current, writer.current.committed)
        var manifest = Manifest(
            options: options, context: context, state: state, startedAt: startedAt)
        manifest.endedAt = WallClock.seconds()
        manifest.cautions = cautions
        manifest.sharing = status.sharing ?? ShareStats()
        manifest.blocklists = blocklist.history
        manifest.serverReports = status.servers
        manifest.targets = kind
        manifest.targetCount = read.numbered
        manifest.lists = read.identities.isEmpty ? resumed?.lists ?? [] : read.identities
        manifest.problems = [read.failure].compactMap(\.self)
        manifest.totals = written.totals
        switch kind {
        case .hosts: manifest.hostFiles = written.files
        case .policies: manifest.policyFiles = written.files
        }
        return manifest
    }
}
