internal import DomainList
internal import EventLoop
internal import Resolver
internal import Survey
internal import Synchronization

/// The threads of a scan that is under way, and the queues between them.
final class ScanSession: Sendable {
    private let options: ScanOptions
    private let ground: ScanGround
    private let channels: ScanChannels
    private let shards: [Shard]
    private let intake: IntakeThread
    private let domainWriter: RecordWriter
    private let hostWriter: RecordWriter
    private let threads = Mutex<[ThreadHandle]>([])
    private let writers = Mutex<[ThreadHandle]>([])
    private let ended = Atomic(false)
    private let startedAt = WallClock.seconds()
    private let begin = MonotonicClock.milliseconds()

    init(_ options: ScanOptions, _ ground: ScanGround) throws(ScanError) {
        self.options = options
        self.ground = ground
        channels = ScanChannels(board: StatusBoard(loops: options.threads))
        var shards: [Shard] = []
        for index in 0..<options.threads {
            do {
                shards.append(
                    try Shard(
                        index: index, loop: EventLoop(), options: options, ground: ground,
                        channels: channels))
            } catch {
                throw .output("cannot set up the resolver: \(error)")
            }
        }
        self.shards = shards
        intake = IntakeThread(
            lists: options.lists, unique: options.unique, into: channels.entries)
        domainWriter = RecordWriter(
            directory: options.output, stem: "domains", from: channels.domains,
            every: options.flushMilliseconds)
        hostWriter = RecordWriter(
            directory: options.output, stem: "hosts", from: channels.hosts,
            every: options.flushMilliseconds)
    }

    /// Starts all threads.
    func start() {
        writers.withLock {
            $0 = [
                startThread("domains") { [domainWriter] in domainWriter.run() },
                startThread("hosts") { [hostWriter] in hostWriter.run() },
            ]
        }
        threads.withLock {
            $0 = shards.map { shard in
                startThread("loop") { [loop = shard.loop] in loop.run() }
            }
        }
        _ = startThread("intake") { [intake] in intake.run() }
        Task { await scan() }
    }

    private func scan() async {
        await withTaskGroup(of: Void.self) { [shards] group in
            for shard in shards {
                group.addTask(executorPreference: shard.loop) { await shard.run(among: shards) }
            }
        }
        for shard in shards { await shard.finish() }
        ended.store(true, ordering: .releasing)
        Signals.wake()
    }

    /// Takes no more entries; what is under way goes on.
    func stop() {
        channels.entries.finish()
        for shard in shards {
            Task(executorPreference: shard.loop) { await shard.stop() }
        }
    }

    /// Whether all domains taken have their record.
    var hasEnded: Bool { ended.load(ordering: .acquiring) }

    /// The sum of what the loops tell.
    var status: LoopStatus { channels.board.total }

    /// How much of the lists has been read; nil where their size is not known.
    var fractionRead: Double? {
        guard let progress = intake.current.progress, let total = progress.bytesTotal, total > 0
        else { return nil }
        return Double(progress.bytesRead) / Double(total)
    }

    /// What went wrong with the lists.
    var inputFailures: [String] { intake.current.failures }

    /// Seconds since the start.
    var elapsedSeconds: Double { Double(MonotonicClock.milliseconds() - begin) / 1000 }

    /// Ends the writers and loops, and writes the manifest.
    func finish(isStopped: Bool) throws(ScanError) -> ScanEnd {
        channels.domains.finish()
        channels.hosts.finish()
        for writer in writers.withLock({ $0 }) { writer.join() }
        for shard in shards { shard.loop.stop() }
        for thread in threads.withLock({ $0 }) { thread.join() }
        let end = self.end(isStopped: isStopped)
        try writeManifest(end.state)
        return end
    }

    private func end(isStopped: Bool) -> ScanEnd {
        if let failure = domainWriter.current.failure ?? hostWriter.current.failure {
            return .outputFailed(failure)
        }
        let read = intake.current
        let hasAll = read.isAtEnd && status.done == read.statistics.entries
        if isStopped, !hasAll { return .stopped }
        if let failure = read.failures.first { return .inputBroken(failure) }
        let isSilent = status.answered == 0 && status.tally.statuses[.scanned] > 0
        return isSilent ? .nameServersSilent : .complete
    }

    /// Writes `manifest.json` anew, whole or not at all.
    func writeManifest(_ state: ScanState) throws(ScanError) {
        var manifest = Manifest(
            options: options, ground: ground, state: state, startedAt: startedAt)
        let read = intake.current
        manifest.endedAt = state == .running ? nil : WallClock.seconds()
        manifest.lists = read.digests
        manifest.problems = read.failures
        manifest.statistics = read.statistics
        manifest.status = status
        manifest.domainFiles = domainWriter.current.files
        manifest.hostFiles = hostWriter.current.files
        try manifest.write(into: options.output)
    }
}
