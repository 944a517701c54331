internal import Archive
internal import Console
internal import DNS
internal import DomainList
internal import EventLoop
import Glibc
internal import Logging
internal import Observations
internal import PolicyFetch
internal import Records
internal import Resolver
internal import ScanFolder
internal import TLS

/// A scan as a whole: sets up, runs, drains, and reports how it ended.
///
/// Threads: the caller's, which waits for signals and shows the progress; a reader of the lists;
/// the event loops; a writer of the records. Bounded queues connect them.
public struct Scan {
    /// How long domains in progress may take to end once the scan is stopped.
    private static let graceMilliseconds = 20_000
    /// The same while no name server answers: they would wait for it.
    private static let pausedGraceMilliseconds = 1000

    /// How often a running scan is looked at, unless a signal comes.
    private static let lookMilliseconds = 500

    private var options: ScanOptions
    private let given: GivenOptions
    private var signals = Signals()

    /// A scan with these options, and which of them were given: a resumed scan takes the others
    /// from its checkpoint.
    public init(_ options: ScanOptions, given: GivenOptions) {
        self.options = options
        self.given = given
    }

    /// Runs the scan to its end.
    public mutating func run() throws(ScanError) -> ScanEnd {
        PolicyFetcher.prepareLibrary()
        let resumption = try takeOptions()
        try given.check(outputOf: options)
        options.listReading.takesIndexes = options.isFilter
        let stream = try options.openStream()
        let resumed = resumption?.checkpoint
        let lists = try openLists()
        guard try examine(lists, isNew: resumption == nil) else { return .stopped }
        if resumption == nil, stream == nil {
            try ScanError.rethrowing { () throws(FolderError) in
                try OutputFolder.requireUsable(options.output)
            }
        }
        try options.complete()
        try requireThreads()
        let context = try ScanContext.prepare(
            options, sampling: lists, found: resumed?.foundQuestions ?? [])
        for (list, format) in zip(lists, options.listFormats) {
            if let format { options.tellLayout(of: list, format) }
        }
        for warning in context.warnings(options) { options.log.warning("\(warning)") }
        if let notice = options.limitsNotice { options.log.notice("\(notice)") }
        if let previous = options.previous {
            options.log.notice(
                """
                \(previous.folder) knows \(grouped(previous.recordCount)) domains with a record \
                and \(grouped(previous.policyCount)) policies
                """)
            for caution in previous.cautions { options.log.warning("\(caution)") }
        }
        let startedAt = resumed?.progress.startedAt ?? WallClock.seconds()
        let reporter = try StatusReporter(options)
        var known: [HostObservation] = []
        let output: ScanOutput
        if let resumption {
            output = .folder(resumption.folder)
            try resumption.requireTrust(context.trust)
            known = try knownHosts(resumption)
            let manifest = Manifest(
                options: options, context: context, resuming: resumption.checkpoint)
            try ScanError.rethrowing { () throws(FolderError) in try output.write(manifest) }
        } else if let stream {
            output = .stream(stream, manifest: options.manifestFile)
            let manifest = Manifest(
                options: options, context: context, state: .running, startedAt: startedAt)
            try ScanError.rethrowing { () throws(FolderError) in try output.write(manifest) }
        } else {
            output = .folder(try options.makeFolder(context, startedAt: startedAt))
        }
        let session: ScanSession
        do throws(ScanError) {
            session = try ScanSession(
                options, context, reading: lists, output: output, resuming: resumed,
                startedAt: startedAt)
            try session.start(knowing: known)
        } catch {
            if resumption == nil { output.discard() }
            throw error
        }
        do {
            try reporter.start(reporting: session)
        } catch {
            throw .system("\(error)")
        }
        let stop = wait(for: session)
        let end = try session.finish(after: stop)
        reporter.stop(end.state)
        tell(end, session)
        return end
    }

    /// Has a scan that gets too few threads fail before anything is made.
    private func requireThreads() throws(ScanError) {
        let others = (options.statusFile == nil ? 0 : 1) + (options.metricsAddress == nil ? 0 : 1)
        let count = ScanSession.threadCount(options) + others
        do {
            try ThreadHandle.require(count)
        } catch {
            throw .system(
                "\(error); with --threads \(options.threads) a scan needs \(count) besides its own")
        }
    }

    /// Takes over the options of the scan that this one resumes or repeats; returns the scan to
    /// resume.
    private mutating func takeOptions() throws(ScanError) -> Resumption? {
        try options.readFiles()
        if let path = options.resumedFolder {
            return try Resumption(path, of: nil, &options, given)
        }
        if let path = options.rescanFolder { try takeOverDistrusted(path) }
        return nil
    }

    /// Opens all lists, before anything is written or looked up.
    private func openLists() throws(ScanError) -> [OpenedList] {
        let lists: [OpenedList]
        do throws(ListError) {
            lists = try OpenedList.open(
                options.lists, as: options.listReading, formats: options.listFormats)
        } catch {
            throw refusal(of: error)
        }
        for list in lists {
            guard let appearance = list.appearance else { continue }
            options.log.warning(
                """
                the list \(list.location.name) seems to be \(appearance), not a list of domain \
                names
                """
            )
        }
        return lists
    }

    /// Finds how the lists are laid out, and refuses those that a new scan had better not
    /// begin with; false where a signal stopped that.
    ///
    /// Of a pipe that brings nothing yet, the reader of the lists does this.
    private mutating func examine(
        _ lists: [OpenedList], isNew: Bool
    ) throws(ScanError) -> Bool {
        options.listFormats = []
        options.checksLists = isNew && !options.acceptsInvalid
        for list in lists {
            var isStopped = false
            var signals = self.signals
            do throws(ListError) {
                let format = try list.examineNow {
                    isStopped = isStopped || signals.wait(milliseconds: 0) == .stop
                    return isStopped
                }
                options.listFormats.append(format)
            } catch {
                throw refusal(of: error)
            }
            guard !isStopped else {
                options.log.notice("stopped before the scan began")
                return false
            }
            if options.listFormats.last != .some(nil),
                let objection = try options.objection(to: list)
            {
                throw .input("\(objection); no scan was begun")
            }
        }
        return true
    }

    /// The path that was tried, where it is not the list's name.
    private func place(of error: ListError) -> String {
        let list = options.lists.first { $0.name == error.source && $0.path != $0.name }
        return list.map { "it was looked for at \($0.path); " } ?? ""
    }

    private func refusal(of error: ListError) -> ScanError {
        let advice =
            if let folder = options.resumedFolder {
                "\(place(of: error))nothing was changed; where a list lies elsewhere now, name "
                    + "each list anew: 'stsurvey scan --resume \(folder) NEWPATH'"
            } else {
                "no scan was begun"
            }
        let message = "\(error); \(advice)"
        return switch error.kind {
        case .unavailable: .missingInput(message)
        case .damaged, .brokenOff: .input(message)
        case .misused: .usage(message)
        }
    }

    /// Takes over lists and options of a scan whose distrusted records are to be scanned again.
    private mutating func takeOverDistrusted(_ path: String) throws(ScanError) {
        let again = try RescanSelection(of: path)
        options = try again.options.options(now: options, given: given, output: options.output)
        options.shard = again.shard
        options.indexRanges = again.indexRanges
        options.expectedLists = again.lists
    }

    /// What hosts have shown before, from the files as they were committed.
    private func knownHosts(_ resumed: Resumption) throws(ScanError) -> [HostObservation] {
        let progress = resumed.checkpoint.progress
        options.log.notice(
            """
            going on after \(grouped(progress.finished.count)) records and \
            \(grouped(progress.hostRecords)) hosts
            """)
        return try HostRestore.hosts(
            in: resumed.folder.path, files: progress.hostFiles, limit: options.hostCacheLimit)
    }

    /// Waits until the scan has ended, and shows its progress; returns what stopped it, if anything
    /// did.
    private mutating func wait(for session: ScanSession) -> ScanStop? {
        var progress = Progress(options)
        var outage = OutageWatch(options)
        var watchdog = Watchdog(options)
        var reach = ReachWatch(options)
        var stoppedAt: Int?
        var lies: (at: Int, reason: String)?
        while !session.hasEnded {
            let event = signals.wait(milliseconds: Self.lookMilliseconds)
            let now = MonotonicClock.milliseconds()
            let status = session.status
            switch event {
            case .woken, .none: break
            case .reload:
                progress.end()
                session.reloadBlocklist()
            case .stop:
                if let stoppedAt, now - stoppedAt < Signals.oneStopMilliseconds { break }
                // The second signal: whole frames are on disk, the rest is given up.
                if stoppedAt != nil {
                    progress.end()
                    options.log.notice("stopped at once: \(wayOn(session))")
                    _exit(130)
                }
                stoppedAt = now
                session.stop()
                progress.end()
                // Who has stopped it has the names scanned again by another.
                if options.isFilter { return .signal }
                options.log.notice(
                    "stopping: waiting for domains under way; once more to stop at once")
            }
            outage.look(status, at: now, progress.end)
            reach.look(status, progress.end)
            if lies == nil, let reason = outage.lies(status) {
                lies = (now, reason)
                session.stop()
            }
            // Until every loop has said which records it concerns.
            if let lies, now - lies.at > Self.pausedGraceMilliseconds { return .lies(lies.reason) }
            let grace = status.isPaused ? Self.pausedGraceMilliseconds : Self.graceMilliseconds
            if let stoppedAt, now - stoppedAt > grace { return .signal }
            if outage.isTooLong(at: now) {
                session.stop()
                return .outage
            }
            let activity = ScanActivity(of: status)
            if watchdog.isStalled(activity, mayWait: session.mayWait, at: now) {
                progress.end()
                let standstill = session.standstill(after: watchdog.limitMilliseconds)
                session.stop()
                return .standstill(standstill)
            }
            progress.show(status, session.forecast)
        }
        progress.end()
        reach.look(session.status, {})
        if let lies { return .lies(lies.reason) }
        return stoppedAt == nil ? nil : .signal
    }

    private func tell(_ end: ScanEnd, _ session: ScanSession) {
        for failure in session.inputFailures { options.log.error("\(failure)") }
        for remark in session.listRemarks { options.log.warning("\(remark)") }
        for warning in session.trustWarnings { options.log.warning("\(warning)") }
        switch end {
        case .complete: break
        case .foundVerdicts(let text): options.log.error("\(text)")
        case .inputBroken:
            options.log.notice("\(afterBroken(session))")
        case .inputChanged(let reason): options.log.error("\(reason)")
        case .outputFailed(let reason):
            options.log.error("\(reason)")
            options.log.notice("once that is mended: \(wayOn(session))")
        case .nameServersDown:
            options.log.error("no name server answered for too long; \(wayOn(session))")
        case .nameServersLie(let reason):
            options.log.error("\(reason)")
            options.log.notice(
                """
                \(wayOn(session)) and another resolver by --name-servers, or with \
                --trust-resolver-answers
                """)
        case .stopped: options.log.notice("stopped: \(wayOn(session))")
        case .stalled(let reason):
            options.log.error("\(reason)")
            options.log.notice("stopped: \(wayOn(session))")
        }
        if let distrusted = session.distrusted {
            let wayOn =
                options.isFilter
                ? "scan them again"
                : "ask again with 'stsurvey scan --ask-again \(options.output) --output NEW'"
            options.log.warning(
                """
                \(grouped(distrusted.count)) records may rest on answers that are not true (see \
                'distrusted' in the manifest): \(wayOn)
                """)
        }
        guard !options.isQuiet else { return }
        Message.write(
            Summary(
                session.committedTally, done: session.status.done,
                seconds: session.elapsedSeconds, cautions: session.cautions,
                lists: session.intake.current.statistics
            ).text)
    }

    private func afterBroken(_ session: ScanSession) -> String {
        guard session.hasDamagedList else { return "once the list is whole: \(wayOn(session))" }
        return """
            \(written(session)); the last of them may be of names that the damage has altered: \
            mend the list and scan it into another folder
            """
    }

    private func written(_ session: ScanSession) -> String {
        "\(grouped(session.committedTally.domainCount)) records written "
            + (options.isFilter ? "to standard output" : "to disk")
    }

    private func wayOn(_ session: ScanSession) -> String {
        guard !options.isFilter else { return "\(written(session)); scan the other names again" }
        let feeding =
            options.lists.contains { $0.path == "-" }
            ? ", feeding the same list to its input from the start" : ""
        return """
            \(written(session)); go on with \
            'stsurvey scan --resume \(options.output)'\(feeding)
            """
    }
}
