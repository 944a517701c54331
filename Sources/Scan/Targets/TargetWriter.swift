internal import Archive
internal import EventLoop
internal import Records
internal import ScanFolder
internal import Synchronization

/// Writes the records of a run of targets on a thread of its own: to standard output as they come,
/// or compressed into a folder.
final class TargetWriter: Sendable {
    /// Where the records go.
    enum Output: Sendable {
        case stream(LineStream)
        case folder(String, stem: String)
    }

    private let output: Output
    private let queue: BoundedQueue<TargetBatch>
    private let flushMilliseconds: Int
    private let state = Mutex(State())

    /// What was written, and why no more could be.
    struct State: Sendable {
        /// Whole once `run` has returned.
        var files: [CommittedFile] = []
        var totals = ScanTotals()
        var failure: String?
    }

    init(_ output: Output, from queue: BoundedQueue<TargetBatch>, flushMilliseconds: Int) {
        self.output = output
        self.queue = queue
        self.flushMilliseconds = flushMilliseconds
    }

    /// The state so far.
    var current: State { state.withLock { $0 } }

    /// Writes until the queue is finished; a failure finishes it, so that nothing waits for room.
    func run() {
        do throws(ArchiveError) {
            switch output {
            case .stream(let stream): try write(to: stream)
            case .folder(let path, let stem):
                try write(
                    to: try ArchiveWriter(directory: path, stem: stem, digest: fileDigest))
            }
        } catch {
            if case .stream = output, error.hasNoReader { endProgramUnread() }
            state.withLock { $0.failure = "\(error)" }
            queue.finish()
            Signals.wake()
        }
    }

    private func write(to stream: LineStream) throws(ArchiveError) {
        while true {
            switch queue.takeBlocking(milliseconds: flushMilliseconds) {
            case .element(let batch):
                try unsafe batch.lines.withUnsafeBufferPointer { (lines) throws(ArchiveError) in
                    try unsafe stream.write(UnsafeRawBufferPointer(lines))
                }
                note(batch)
            case .timedOut: break
            case .finished: return try stream.finish()
            }
        }
    }

    private func note(_ batch: TargetBatch) {
        state.withLock { $0.totals.merge(batch.totals) }
    }

    private func write(to archive: ArchiveWriter) throws(ArchiveError) {
        var nextFlush = MonotonicClock.milliseconds() + flushMilliseconds
        while true {
            let wait = max(0, nextFlush - MonotonicClock.milliseconds())
            switch queue.takeBlocking(milliseconds: wait) {
            case .element(let batch):
                try archive.append(batch.lines)
                note(batch)
            case .timedOut: break
            case .finished:
                try archive.close()
                return state.withLock { $0.files = archive.committed }
            }
            guard MonotonicClock.milliseconds() >= nextFlush else { continue }
            try archive.flush()
            nextFlush = MonotonicClock.milliseconds() + flushMilliseconds
        }
    }
}
