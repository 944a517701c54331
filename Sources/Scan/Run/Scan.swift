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
/// the event loops; a writer for each kind of record. Bounded queues lie between them.
public struct Scan {
    /// How long domains under way may take to end once the scan is stopped.
    private static let graceMilliseconds = 20_000

    private var options: ScanOptions
    private var signals = Signals()

    /// A scan with these options.
    public init(_ options: ScanOptions) { self.options = options }

    /// Runs the scan to its end.
    public mutating func run() throws(ScanError) -> ScanEnd {
        PolicyFetcher.prepareLibrary()
        try options.complete()
        let ground = try ScanGround.prepare(options)
        for warning in ground.warnings(options) { options.log.warning("\(warning)") }
        try OutputFolder.prepare(options.output)
        let session = try ScanSession(options, ground)
        try session.writeManifest(.running)
        session.start()
        let isStopped = wait(for: session)
        let end = try session.finish(isStopped: isStopped)
        tell(end, session)
        return end
    }

    /// Waits until the scan has ended, telling its progress; true where a signal stopped it.
    private mutating func wait(for session: ScanSession) -> Bool {
        var progress = Progress(isQuiet: options.isQuiet)
        var stopAt: Int?
        while !session.hasEnded {
            if case .stop = signals.wait(milliseconds: 500) {
                // The second signal: whole frames are on disk, the rest is given up.
                if stopAt != nil { _exit(130) }
                stopAt = MonotonicClock.milliseconds() + Self.graceMilliseconds
                session.stop()
                progress.end()
                options.log.notice(
                    "stopping: waiting for domains under way; once more to stop at once")
            }
            if let stopAt, MonotonicClock.milliseconds() > stopAt { break }
            progress.tell(session.status, fraction: session.fractionRead)
        }
        progress.end()
        return stopAt != nil
    }

    private func tell(_ end: ScanEnd, _ session: ScanSession) {
        for failure in session.inputFailures { options.log.error("\(failure)") }
        switch end {
        case .complete, .inputBroken: break
        case .outputFailed(let reason): options.log.error("\(reason)")
        case .nameServersSilent:
            let servers = options.nameServers.map(\.description).joined(separator: ", ")
            options.log.error("no name server answered a single question: \(servers)")
        case .stopped:
            options.log.notice("stopped: \(grouped(session.status.done)) records written")
        }
        guard !options.isQuiet else { return }
        Message.write(Summary(session.status, seconds: session.elapsedSeconds).text)
    }
}
