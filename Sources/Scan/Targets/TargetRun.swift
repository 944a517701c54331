internal import Archive
internal import Blocklist
internal import ConnectionLimits
internal import Console
internal import EventLoop
import Glibc
internal import Logging
internal import PolicyFetch
internal import Records
internal import Resolver
internal import ScanFolder
internal import Synchronization

/// A run that observes MX hosts or policies that it is given, one record for each line of its
/// input.
///
/// `scan` finds its hosts and policies itself; this is the part of it that contacts them, for those
/// who put the parts together otherwise. Threads: the caller's, which waits for signals and shows
/// the progress; a reader of the input; the event loops; a writer of the records. Bounded queues
/// connect them.
///
/// **What happens on failure.** Into a folder: it is there only once the run has ended, complete or
/// stopped, and its manifest says which. To standard output: SIGTERM, or that nobody reads any
/// more, ends the program at once, since whoever has started it has the same targets observed by
/// another.
public struct TargetRun {
    /// How long targets under way may take to end once the run is stopped.
    private static let graceMilliseconds = 20_000
    private static let lookMilliseconds = 500

    private var options: ScanOptions
    private let kind: TargetKind
    private let inputs: [String]
    private var signals = Signals()

    /// A run with these options over inputs.
    ///
    /// `inputs` are files, pipes (`-`) and folders. The output of the options is a folder, or `-`.
    public init(_ options: ScanOptions, of kind: TargetKind, reading inputs: [String]) {
        self.options = options
        self.kind = kind
        self.inputs = inputs
    }

    private var isStream: Bool { options.output == "-" }

    /// Runs to its end.
    public mutating func run() throws(ScanError) -> ScanEnd {
        PolicyFetcher.prepareLibrary()
        if isStream {
            do throws(SystemShortage) {
                try LineStream.standardOutput.endProgramWhenUnread()
            } catch {
                throw .system("\(error)")
            }
        } else {
            let path = options.output
            try ScanError.rethrowing { () throws(FolderError) in
                try OutputFolder.requireUsable(path)
            }
        }
        try options.readFiles()
        try options.complete()
        let context = try ScanContext.prepare(options)
        for warning in context.warnings(options) { options.log.warning("\(warning)") }
        guard !isStream else {
            return try observe(context, into: .stream(LineStream.standardOutput)) { _, _ in }
        }
        return try observeIntoFolder(context)
    }

    private mutating func observeIntoFolder(_ context: ScanContext) throws(ScanError) -> ScanEnd {
        var end: ScanEnd?
        var failure: ScanError?
        var run = self
        do throws(FolderError) {
            _ = try OutputFolder.create(options.output) { (folder) throws(FolderError) in
                do throws(ScanError) {
                    let output = TargetWriter.Output.folder(folder, stem: run.kind.stem)
                    end = try run.observe(context, into: output) {
                        (manifest, _) throws(ScanError) in
                        try ScanError.rethrowing { () throws(FolderError) in
                            try manifest.write(into: folder)
                        }
                    }
                } catch {
                    failure = error
                    throw .unwritable("\(error)")
                }
            }
        } catch {
            throw failure ?? ScanError(error)
        }
        guard let end else { preconditionFailure("a folder that is made was filled") }
        return end
    }

    /// Observes all targets; `finish` gets the manifest once all records are written.
    private mutating func observe(
        _ context: ScanContext, into output: TargetWriter.Output,
        _ finish: (Manifest, ScanEnd) throws(ScanError) -> Void
    ) throws(ScanError) -> ScanEnd {
        let reporter = try StatusReporter(options)
        let session = try TargetSession(options, context, of: kind, reading: inputs, output)
        try session.start()
        do throws(SystemShortage) {
            try reporter.start { session.snapshot($0) }
        } catch {
            throw .system("\(error)")
        }
        let stop = wait(for: session)
        session.endThreads()
        let end = session.end(after: stop)
        reporter.stop(end.state)
        tell(end, session)
        try finish(session.manifest(end.state), end)
        return end
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
                if isStream { _exit(75) }
                if stoppedAt != nil { _exit(130) }
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
        let written = "\(grouped(session.written)) records written"
        switch end {
        case .complete, .foundVerdicts:
            guard !options.isQuiet else { return }
            options.log.notice("\(written)")
        case .stopped: options.log.notice("stopped: \(written)")
        case .nameServersDown:
            options.log.error("no name server answered for too long: \(written)")
        case .inputBroken(let reason), .inputChanged(let reason), .outputFailed(let reason),
            .nameServersLie(let reason), .stalled(let reason):
            options.log.error("\(reason); \(written)")
        }
    }
}
