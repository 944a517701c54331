internal import Blocklist
internal import ConnectionLimits
internal import Console
internal import EventLoop
internal import Logging
internal import MXProbe
internal import PolicyFetch
internal import Records
internal import Resolver
internal import ScanFolder
internal import Synchronization

/// The threads of a run of targets, and the queues between them.
final class TargetSession: Sendable {
    private static let loopEndMilliseconds = 10_000

    private let options: ScanOptions
    private let context: ScanContext
    private let kind: TargetKind
    private let channels: TargetChannels
    private let loops: [TargetLoop]
    private let reader: TargetReader
    private let writer: TargetWriter
    private let loopThreads = Mutex<[ThreadHandle]>([])
    private let writerThread = Mutex<ThreadHandle?>(nil)
    private let ended = Atomic(false)
    private let startedAt = WallClock.seconds()
    private let begin = MonotonicClock.milliseconds()
    private let blocklists: Mutex<BlocklistHistory>

    init(
        _ options: ScanOptions, _ context: ScanContext, of kind: TargetKind,
        reading inputs: [String], _ output: TargetWriter.Output
    ) throws(ScanError) {
        self.options = options
        self.context = context
        self.kind = kind
        let channels = TargetChannels(board: StatusBoard(loops: options.threads))
        self.channels = channels
        blocklists = Mutex(BlocklistHistory(context.blocklistFile))
        reader = try TargetReader(inputs, of: kind, into: channels.targets)
        writer = TargetWriter(
            output, from: channels.records, flushMilliseconds: options.flushMilliseconds)
        loops = try Self.makeLoops(options, context, channels)
    }

    private static func makeLoops(
        _ options: ScanOptions, _ context: ScanContext, _ channels: TargetChannels
    ) throws(ScanError) -> [TargetLoop] {
        do {
            let loops = try (0..<options.threads).map { _ in try EventLoop() }
            let limiter = ConnectionLimiter(options.limits, options.loopLimits, on: loops[0])
            let share = HandshakeShare(options.shareRule, on: loops[0])
            return try loops.enumerated().map { index, loop in
                try TargetLoop(
                    index: index, loop: loop, options: options, context: context,
                    limiter: limiter, share: share, channels: channels)
            }
        } catch let error as SystemShortage {
            throw .system("\(error)")
        } catch {
            throw .output("cannot set up the resolver: \(error)")
        }
    }

    /// Starts all threads; where the system allows too few, those that were started end again.
    func start() throws(ScanError) {
        do {
            for target in loops {
                let thread = try startThread("loop") { [loop = target.loop] in loop.run() }
                loopThreads.withLock { $0.append(thread) }
            }
            let writing = try startThread("writer") { [writer] in writer.run() }
            writerThread.withLock { $0 = writing }
            // It may be reading a pipe that brings nothing more.
            try startThread("intake") { [reader] in reader.run() }.detach()
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
    func endThreads() {
        channels.records.finish()
        for target in loops { target.loop.stop() }
        for thread in loopThreads.withLock({ $0 }) { thread.join(within: Self.loopEndMilliseconds) }
        writerThread.withLock { $0 }?.join()
    }

    /// Takes no more targets; those under way go on.
    func stop() { channels.targets.finish() }

    /// Reads the blocklist again; where it is not valid, the one in force stays.
    func reloadBlocklist() {
        guard let name = options.blocklistFile else {
            return options.log.notice("SIGHUP: there is no blocklist to read again")
        }
        do {
            let file = try BlocklistFile(name)
            blocklists.withLock { $0.add(file) }
            Task(executorPreference: loops[0].loop) { [loops, log = options.log] in
                for target in loops { await target.exclude(file.list) }
                log.notice(
                    "SIGHUP: the blocklist \(name) has \(grouped(file.list.count)) entries now")
            }
        } catch {
            options.log.error(
                "SIGHUP: \(error.description); the blocklist of before stays in force")
        }
    }

    // MARK: State

    /// Whether all targets taken have their record.
    var hasEnded: Bool { ended.load(ordering: .acquiring) }

    /// The sum of what the loops report.
    var status: LoopStatus { channels.board.total }

    /// How many records were made.
    private var made: Int { kind.count(in: status.totals) }

    /// How many were written.
    var written: Int { kind.count(in: writer.current.totals) }

    /// Whether records cannot be written.
    var hasFailed: Bool { writer.current.failure != nil }

    /// What the user of the results must know.
    var cautions: [String] {
        status.cautions(port: options.probe.port)
            + Set(channels.lies.withLock { $0 }).sorted().map {
                "\($0): records made meanwhile may rest on answers that are not true"
            }
    }

    /// Whether the run may be without activity.
    var mayWait: Bool {
        let isIdle = !reader.current.isAtEnd && reader.current.lines == made
        return isIdle || status.isPaused || !channels.records.isEmpty
    }

    /// What the status line says, the most important first.
    var progress: [String] {
        let (status, read) = (status, reader.current)
        let seconds = (MonotonicClock.milliseconds() - begin) / 1000
        let done = read.isAtEnd ? "of \(grouped(read.lines))" : "done"
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
        forecast.size = read.isAtEnd ? .exact(read.lines) : nil
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
            seconds: milliseconds / 1000, domainCount: reader.current.lines - made,
            status: status, loops: [], loopCount: loops.count)
    }

    /// How the run has ended.
    func end(after stop: ScanStop?) -> ScanEnd {
        if let failure = writer.current.failure { return .outputFailed(failure) }
        let read = reader.current
        if let stop, !read.isAtEnd || written < read.lines { return stop.end }
        if let failure = read.failure { return .inputBroken(failure) }
        return .complete
    }

    /// What the run was.
    func manifest(_ state: ScanState) -> Manifest {
        var manifest = Manifest(
            options: options, context: context, state: state, startedAt: startedAt)
        manifest.endedAt = WallClock.seconds()
        manifest.cautions = cautions
        manifest.sharing = status.sharing ?? ShareStats()
        manifest.blocklists = blocklists.withLock { $0 }
        manifest.serverReports = status.servers
        switch kind {
        case .hosts:
            manifest.hostFiles = writer.current.files
            manifest.totals = writer.current.totals
        case .policies: manifest.policyFiles = writer.current.files
        }
        return manifest
    }
}
