internal import Archive
internal import DNS
internal import EventLoop
import Glibc
internal import Logging
internal import PolicyFetch
internal import Resolver
internal import Survey
internal import TLS

/// A scan as a whole: sets up, runs, drains, and tells how it ended.
///
/// Threads: the caller's, which waits for signals and tells the progress; a reader of the lists;
/// the event loops; a writer of the records. Bounded queues lie between them.
public struct Scan {
    /// How long domains under way may take to end once the scan is stopped.
    private static let graceMilliseconds = 20_000
    /// The same while no name server answers: they would wait for it.
    private static let pausedGraceMilliseconds = 1000

    private var options: ScanOptions
    private var signals = Signals()

    /// A scan with these options.
    public init(_ options: ScanOptions) { self.options = options }

    /// Runs the scan to its end.
    public mutating func run() throws(ScanError) -> ScanEnd {
        PolicyFetcher.prepareLibrary()
        let resumption = try takeUp()
        let resumed = resumption?.checkpoint
        try options.complete()
        let ground = try ScanGround.prepare(options)
        for warning in ground.warnings(options) { options.log.warning("\(warning)") }
        if let previous = options.previous {
            options.log.notice(
                """
                \(previous.folder) knows \(grouped(previous.recordCount)) domains with a record \
                and \(grouped(previous.policyCount)) policies
                """)
        }
        let startedAt = resumed?.startedAt ?? WallClock.seconds()
        let reporter = try StatusReporter(options)
        var known: [HostObservation] = []
        let folder: OutputFolder
        if let resumption {
            folder = resumption.folder
            known = try knownHosts(resumption.checkpoint, ground, folder)
            try Manifest(options: options, ground: ground, resuming: resumption.checkpoint)
                .write(into: folder.path)
        } else {
            folder = try makeFolder(ground, startedAt)
        }
        let session = try ScanSession(
            options, ground, folder: folder, resuming: resumed, startedAt: startedAt)
        session.start(knowing: known)
        reporter.start(telling: session)
        let stop = wait(for: session)
        let end = try session.finish(after: stop)
        reporter.stop(end.state)
        tell(end, session)
        return end
    }

    /// A scan to go on with: its folder, locked, and how far it had come.
    private struct Resumption {
        let folder: OutputFolder
        let checkpoint: Checkpoint
    }

    /// The scan to go on with, whose options are taken over; nil for a new one.
    private mutating func takeUp() throws(ScanError) -> Resumption? {
        guard let path = options.resumedFolder else { return nil }
        let folder = try OutputFolder(path)
        let checkpoint = try Checkpoint.read(from: path)
        var stored = checkpoint.options.options(output: path, now: options)
        try stored.resume(with: options)
        stored.preload = try checkpoint.options.preload(given: options.preload)
        stored.previous = try checkpoint.options.previous(given: options.previous)
        options = stored
        return Resumption(folder: folder, checkpoint: checkpoint)
    }

    private func makeFolder(
        _ ground: ScanGround, _ startedAt: Int64
    ) throws(ScanError) -> OutputFolder {
        let manifest = Manifest(
            options: options, ground: ground, state: .running, startedAt: startedAt)
        let stored = StoredOptions(options, trustSHA256: ground.trust.sha256)
        let checkpoint = Checkpoint(
            startedAt: startedAt, options: stored, lists: [], lowWater: 0, finishedAbove: [],
            domainFiles: [], hostFiles: [], totals: Tally().table)
        return try OutputFolder.create(options.output) { (path) throws(ScanError) in
            try manifest.write(into: path)
            do {
                try checkpoint.write(into: path)
            } catch {
                throw .output("\(error)")
            }
        }
    }

    /// What hosts have shown before, from the files as they were committed.
    private func knownHosts(
        _ resumed: Checkpoint, _ ground: ScanGround, _ folder: OutputFolder
    ) throws(ScanError) -> [HostObservation] {
        guard resumed.options.trustSHA256 == ground.trust.sha256 else {
            throw .usage(
                "the trust store \(ground.trust.source) was \(resumed.options.trustSHA256) in this "
                    + "scan and is \(ground.trust.sha256) now")
        }
        options.log.notice(
            """
            going on after \(grouped(resumed.finished.count)) records and \
            \(grouped(resumed.hostRecords)) hosts
            """)
        return try HostRestore.hosts(
            in: folder.path, files: resumed.hostFiles, limit: options.hostCacheLimit)
    }

    /// Waits until the scan has ended, telling its progress; what stopped it, if anything did.
    private mutating func wait(for session: ScanSession) -> ScanStop? {
        var progress = Progress(isQuiet: options.isQuiet)
        var outage = OutageWatch(options)
        var stoppedAt: Int?
        while !session.hasEnded {
            let event = signals.wait(milliseconds: 500)
            let now = MonotonicClock.milliseconds()
            let status = session.status
            switch event {
            case .woken, .none: break
            case .reload:
                progress.end()
                session.reloadBlocklist()
            case .stop:
                // The second signal: whole frames are on disk, the rest is given up.
                if stoppedAt != nil { _exit(130) }
                stoppedAt = now
                session.stop()
                progress.end()
                options.log.notice(
                    "stopping: waiting for domains under way; once more to stop at once")
            }
            outage.look(status, at: now, progress.end)
            let grace = status.isPaused ? Self.pausedGraceMilliseconds : Self.graceMilliseconds
            if let stoppedAt, now - stoppedAt > grace { return .signal }
            if outage.isTooLong(at: now) {
                session.stop()
                return .outage
            }
            progress.tell(status, fraction: session.fractionDone)
        }
        progress.end()
        return stoppedAt == nil ? nil : .signal
    }

    private func tell(_ end: ScanEnd, _ session: ScanSession) {
        for failure in session.inputFailures { options.log.error("\(failure)") }
        for warning in session.trustWarnings { options.log.warning("\(warning)") }
        switch end {
        case .complete, .inputBroken: break
        case .inputChanged(let reason): options.log.error("\(reason)")
        case .outputFailed(let reason):
            options.log.error("\(reason)")
            options.log.notice("once that is mended: \(wayOn(session))")
        case .nameServersDown:
            options.log.error("no name server answered for too long; \(wayOn(session))")
        case .stopped: options.log.notice("stopped: \(wayOn(session))")
        }
        guard !options.isQuiet else { return }
        Message.write(
            Summary(
                session.tally, done: session.status.done, seconds: session.elapsedSeconds
            ).text)
    }

    private func wayOn(_ session: ScanSession) -> String {
        let feeding =
            options.lists.contains("-") ? ", feeding the same list to its input from the start" : ""
        return """
            \(grouped(session.tally.domainCount)) records written; go on with \
            'stsurvey scan --resume \(options.output)'\(feeding)
            """
    }
}
