internal import Archive
internal import EventLoop
internal import RecordReading
internal import Records
internal import ScanFolder
internal import Synchronization

/// Writes the records of a run of targets on a thread of its own: to standard output as they come,
/// or compressed into a folder, with checkpoints as a scan has them (`RecordWriter`).
final class TargetWriter: Sendable {
    private let output: ScanOutput
    private let kind: TargetKind
    private let queue: BoundedQueue<TargetBatch>
    private let pace: WritingPace
    private let rotateBytes: Int
    private let state = Mutex(State())
    /// Makes the checkpoint of what is written; called on the writer's thread.
    private let checkpoint: @Sendable (Written, FinishedSet) -> Checkpoint

    /// Records and their files.
    struct Written: Sendable {
        var files: [CommittedFile] = []
        var totals = ScanTotals()
    }

    /// What was written, and why no more could be.
    struct State: Sendable {
        /// What has been written or will be with the next flush.
        var totals = ScanTotals()
        /// What is on the disk for certain, or was taken from standard output.
        var committed = Written()
        var failure: String?
    }

    init(
        _ options: ScanOptions, output: ScanOutput, of kind: TargetKind,
        from queue: BoundedQueue<TargetBatch>,
        checkpoint: @escaping @Sendable (Written, FinishedSet) -> Checkpoint
    ) {
        self.output = output
        self.kind = kind
        self.queue = queue
        self.checkpoint = checkpoint
        pace = WritingPace(options)
        rotateBytes = options.rotateBytes
    }

    /// The state so far.
    var current: State { state.withLock { $0 } }

    /// Writes until the queue is finished, going on after `resumed` where there is one.
    ///
    /// A failure finishes the queue, so that nothing waits for room.
    func run(after resumed: Checkpoint?) {
        do throws(ArchiveError) {
            switch output {
            case .stream(let stream, _): try write(to: stream)
            case .folder(let folder): try write(into: folder, after: resumed?.progress)
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
            switch queue.takeBlocking(milliseconds: pace.flush) {
            case .element(let batch):
                try unsafe batch.lines.withUnsafeBufferPointer { (lines) throws(ArchiveError) in
                    try unsafe stream.write(UnsafeRawBufferPointer(lines))
                }
                state.withLock {
                    $0.totals.merge(batch.totals)
                    $0.committed.totals = $0.totals
                }
            case .timedOut: break
            case .finished: return try stream.finish()
            }
        }
    }

    private func write(
        into folder: OutputFolder, after resumed: CommittedProgress?
    ) throws(ArchiveError) {
        var finished = resumed?.finished ?? FinishedSet()
        if let resumed {
            let written = Written(
                files: resumed.files(kind.record), totals: ScanTotals(table: resumed.totals))
            state.withLock { ($0.totals, $0.committed) = (written.totals, written) }
        }
        let archive = try ArchiveWriter(
            directory: folder.path, stem: kind.record.rawValue, rotateBytes: rotateBytes,
            continuing: resumed?.files(kind.record), digest: fileDigest)
        try pace.write(
            from: queue,
            append: { (batch) throws(ArchiveError) in
                try archive.append(batch.lines)
                for number in batch.finished { finished.insert(number) }
                state.withLock { $0.totals.merge(batch.totals) }
            }, flush: archive.flush,
            commit: { () throws(ArchiveError) in try commit(archive, finished, in: folder) })
        try archive.close()
        try commit(archive, finished, in: folder)
    }

    /// Brings what was flushed to the disk, then writes down what that is.
    private func commit(
        _ archive: ArchiveWriter, _ finished: FinishedSet, in folder: OutputFolder
    ) throws(ArchiveError) {
        try archive.sync()
        let written = Written(files: archive.committed, totals: current.totals)
        try checkpoint(written, finished).write(into: folder.path)
        state.withLock { $0.committed = written }
    }
}
