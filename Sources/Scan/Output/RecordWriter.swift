internal import Archive
internal import EventLoop
internal import Synchronization

/// Compresses and writes the records of one kind on a thread of its own.
///
/// Frames end at `flushMilliseconds` at the latest, so that what is on disk can be read while the
/// scan goes on.
final class RecordWriter: Sendable {
    /// What has been written, and what went wrong.
    struct State: Sendable {
        var files: [CommittedFile] = []
        var failure: String?
    }

    private let directory: String
    private let stem: String
    private let handoff: Handoff<RecordBatch>
    private let flushMilliseconds: Int
    private let state = Mutex(State())

    init(directory: String, stem: String, from handoff: Handoff<RecordBatch>, every: Int) {
        self.directory = directory
        self.stem = stem
        self.handoff = handoff
        flushMilliseconds = every
    }

    /// The state so far.
    var current: State { state.withLock { $0 } }

    /// Writes until the queue is finished.
    ///
    /// A failure finishes the queue, so that those who put learn of it.
    func run() {
        do {
            let archive = try ArchiveWriter(directory: directory, stem: stem)
            try write(to: archive)
            try archive.close()
            note(archive)
        } catch {
            state.withLock { $0.failure = "\(error)" }
            handoff.finish()
            Signals.wake()
        }
    }

    private func write(to archive: ArchiveWriter) throws(ArchiveError) {
        var nextFlush = MonotonicClock.milliseconds() + flushMilliseconds
        while true {
            let wait = max(0, nextFlush - MonotonicClock.milliseconds())
            switch handoff.takeBlocking(milliseconds: wait) {
            case .element(let batch): try archive.append(batch.lines)
            case .finished: return
            case .timedOut: break
            }
            guard MonotonicClock.milliseconds() >= nextFlush else { continue }
            try archive.flush()
            note(archive)
            nextFlush = MonotonicClock.milliseconds() + flushMilliseconds
        }
    }

    private func note(_ archive: ArchiveWriter) {
        state.withLock { $0.files = archive.committed }
    }
}
