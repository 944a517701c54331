internal import Archive
internal import Blocklist
internal import ConnectionLimits
internal import Console
internal import DomainList
internal import EventLoop
import Glibc
internal import Logging
internal import PolicyFetch
internal import Records
internal import Resolver
public import ScanFolder
internal import Synchronization

/// A run that observes MX hosts or policies that it is given, one record for each line of its
/// input.
///
/// `scan` finds its hosts and policies itself; this is the part of it that contacts them, for those
/// who put the parts together otherwise. Threads: the caller's, which waits for signals and shows
/// the progress; a reader of the input; the event loops; a writer of the records. Bounded queues
/// connect them.
///
/// **What happens on failure.** Into a folder: checkpoints say what is committed, as those of a
/// scan do, and a run that was stopped or killed goes on from the last. To standard output:
/// SIGTERM, or that nobody reads any more, ends the program at once, since whoever has started it
/// has the same targets observed by another.
public struct TargetRun {
    /// How long targets under way may take to end once the run is stopped.
    private static let graceMilliseconds = 20_000
    private static let lookMilliseconds = 500

    private var options: ScanOptions
    private let given: GivenOptions
    private let kind: TargetKind
    private var signals = Signals()

    /// A run with these options, and which of them were given: a resumed one takes the others from
    /// its checkpoint.
    ///
    /// The lists of the options are files, pipes (`-`) and folders. Their output is a folder, or
    /// `-`.
    public init(_ options: ScanOptions, given: GivenOptions, of kind: TargetKind) {
        self.options = options
        self.given = given
        self.kind = kind
    }

    /// Runs to its end.
    public mutating func run() throws(ScanError) -> ScanEnd {
        PolicyFetcher.prepareLibrary()
        if options.isFilter { try given.checkWithoutFolder() }
        try options.readFiles()
        var resumption: Resumption?
        if let path = options.resumedFolder {
            resumption = try Resumption(path, of: kind, &options, given)
        }
        let stream = try options.openStream()
        if resumption == nil, stream == nil {
            try ScanError.rethrowing { () throws(FolderError) in
                try OutputFolder.requireUsable(options.output)
            }
        }
        try options.complete()
        let context = try ScanContext.prepare(options)
        for warning in context.warnings(options) { options.log.warning("\(warning)") }
        let checkpoint = resumption?.checkpoint
        let startedAt = checkpoint?.progress.startedAt ?? WallClock.seconds()
        let reporter = try StatusReporter(options)
        let output: ScanOutput
        if let resumption {
            try resumption.requireTrust(context.trust)
            output = .folder(resumption.folder)
            try takeUp(resumption, context, output)
        } else if let stream {
            output = .stream(stream, manifest: nil)
        } else {
            output = .folder(try options.makeFolder(of: kind, context, startedAt: startedAt))
        }
        let session: TargetSession
        do throws(ScanError) {
            session = try TargetSession(
                options, context, of: kind, output: output, resuming: checkpoint,
                startedAt: startedAt)
            try session.start()
        } catch {
            if resumption == nil { output.discard() }
            throw error
        }
        do throws(SystemShortage) {
            try reporter.start { session.snapshot($0) }
        } catch {
            throw .system("\(error)")
        }
        let stop = wait(for: session)
        let end = try session.finish(after: stop)
        reporter.stop(end.state)
        tell(end, session)
        return end
    }

    private func takeUp(
        _ resumption: Resumption, _ context: ScanContext, _ output: ScanOutput
    ) throws(ScanError) {
        let checkpoint = resumption.checkpoint
        options.log.notice("going on after \(grouped(checkpoint.progress.finished.count)) records")
        let manifest = Manifest(options: options, context: context, resuming: checkpoint)
        try ScanError.rethrowing { () throws(FolderError) in try output.write(manifest) }
    }

    /// Waits until the run has ended, and shows its progress; returns what stopped it, if anything
    /// did.
    private mutating func wait(for session: TargetSession) -> ScanStop? {
        var line = StatusLine(isQuiet: options.isQuiet, at: MonotonicClock.milliseconds())
        var outage = OutageWatch(options)
        var watchdog = Watchdog(options)
        var reach = ReachWatch(options)
        var stoppedAt: Int?
        defer { line.remove() }
        while !session.hasEnded {
            let event = signals.wait(milliseconds: Self.lookMilliseconds)
            let now = MonotonicClock.milliseconds()
            let status = session.status
            switch event {
            case .woken, .none: break
            case .reload:
                line.remove()
                session.reloadBlocklist()
            case .stop:
                line.remove()
                if options.isFilter { _exit(75) }
                if let stoppedAt, now - stoppedAt < Signals.oneStopMilliseconds { break }
                if stoppedAt != nil {
                    options.log.notice("stopped at once: \(wayOn(session))")
                    _exit(130)
                }
                stoppedAt = now
                session.stop()
                options.log.notice(
                    "stopping: waiting for \(kind.words) under way; once more to stop at once")
            }
            outage.look(status, at: now) { line.remove() }
            reach.look(status) { line.remove() }
            if let reason = outage.lies(status) { return .lies(reason) }
            if session.hasFailed { return .signal }
            if let stoppedAt, now - stoppedAt > Self.graceMilliseconds { return .signal }
            if outage.isTooLong(at: now) { return .outage }
            let activity = ScanActivity(of: status)
            if watchdog.isStalled(activity, mayWait: session.mayWait, at: now) {
                return .standstill(session.standstill(after: watchdog.limitMilliseconds))
            }
            if line.isDue(at: now) { line.show(session.progress, at: now) }
        }
        return stoppedAt == nil ? nil : .signal
    }

    private func tell(_ end: ScanEnd, _ session: TargetSession) {
        for caution in session.cautions { options.log.warning("\(caution)") }
        switch end {
        case .complete, .foundVerdicts:
            guard !options.isQuiet else { return }
            options.log.notice("\(written(session))")
        case .inputChanged(let reason): options.log.error("\(reason)")
        case .stopped: options.log.notice("stopped: \(wayOn(session))")
        case .nameServersDown:
            options.log.error("no name server answered for too long: \(wayOn(session))")
        case .inputBroken(let reason), .outputFailed(let reason), .nameServersLie(let reason),
            .stalled(let reason):
            options.log.error("\(reason); \(wayOn(session))")
        }
    }

    private func written(_ session: TargetSession) -> String {
        "\(grouped(session.written)) records written"
    }

    private func wayOn(_ session: TargetSession) -> String {
        guard !options.isFilter else { return written(session) }
        let feeding =
            options.lists.contains { $0.path == "-" }
            ? ", feeding the same to its input from the start" : ""
        return """
            \(written(session)); go on with 'stsurvey \(kind.rawValue) --resume \
            \(options.output)'\(feeding)
            """
    }
}
