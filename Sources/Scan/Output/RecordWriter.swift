internal import Archive
internal import EventLoop
internal import Records
internal import ScanFolder
internal import Synchronization

/// Writes records on a thread of its own.
///
/// To standard output they go as they come. Into a folder they go compressed, and checkpoints are
/// committed: frames end at the flush interval at the latest, so that what is on disk can be read
/// while the scan goes on. At the checkpoint interval both archives are brought to the disk and
/// what is finished is written down: a scan that is broken off goes on from there.
final class RecordWriter: Sendable {
    /// What has been written, and what went wrong.
    struct State: Sendable {
        var domainFiles: [CommittedFile] = []
        var hostFiles: [CommittedFile] = []
        var totals = ScanTotals()
        /// What is on the disk for certain, so that a resumed scan goes on after it.
        var committed = Committed()
        var failure: String?
    }

    /// What the last checkpoint says is on the disk.
    struct Committed: Sendable {
        var domainFiles: [CommittedFile] = []
        var hostFiles: [CommittedFile] = []
        var totals = ScanTotals()
    }

    private let output: ScanOutput
    private let queue: BoundedQueue<RecordBatch>
    private let pace: WritingPace
    private let rotateBytes: Int
    private let state = Mutex(State())
    private let ended = Atomic(false)
    private let writing = Atomic(false)
    /// Makes the checkpoint of what is committed; called on the writer's thread.
    private let checkpoint: @Sendable (State, FinishedSet) -> Checkpoint

    init(
        _ options: ScanOptions, output: ScanOutput, from queue: BoundedQueue<RecordBatch>,
        checkpoint: @escaping @Sendable (State, FinishedSet) -> Checkpoint
    ) {
        self.output = output
        self.queue = queue
        self.checkpoint = checkpoint
        pace = WritingPace(options)
        rotateBytes = options.rotateBytes
    }

    /// The state so far.
    var current: State { state.withLock { $0 } }

    /// Whether all is written, or nothing more can be.
    var hasEnded: Bool { ended.load(ordering: .acquiring) }

    /// Whether it waits for who takes the records.
    var isWriting: Bool { writing.load(ordering: .relaxed) }

    /// Writes until the queue is finished, going on after `resumed` where there is one.
    ///
    /// A failure finishes the queue, so that those who put learn of it.
    func run(after resumed: Checkpoint?) {
        do throws(ArchiveError) {
            switch output {
            case .folder(let folder): try write(into: folder, after: resumed)
            case .stream(let stream, _): try write(to: stream)
            }
        } catch {
            if case .stream = output, error.hasNoReader { endProgramUnread() }
            state.withLock { $0.failure = "\(error)" }
            queue.finish()
        }
        ended.store(true, ordering: .releasing)
        Signals.wake()
    }

    /// Writes each batch at once: a loop hands it over when it is large, or some time old.
    private func write(to stream: LineStream) throws(ArchiveError) {
        while true {
            switch queue.takeBlocking(milliseconds: pace.flush) {
            case .element(let batch):
                writing.store(true, ordering: .relaxed)
                try stream.write(batch.content.hostLines)
                try stream.write(batch.content.domainLines)
                writing.store(false, ordering: .relaxed)
                state.withLock {
                    $0.totals.merge(batch.content.totals)
                    $0.committed.totals = $0.totals
                }
            case .timedOut: break
            case .finished: return try stream.finish()
            }
        }
    }

    private func write(
        into folder: OutputFolder, after resumed: Checkpoint?
    ) throws(ArchiveError) {
        if let resumed = resumed?.progress {
            let totals = ScanTotals(table: resumed.totals)
            state.withLock {
                $0.committed = Committed(
                    domainFiles: resumed.domainFiles, hostFiles: resumed.hostFiles, totals: totals)
            }
        }
        let archives = try Archives(
            folder.path, rotateBytes: rotateBytes, after: resumed?.progress)
        note(archives)
        try pace.write(
            from: queue, append: archives.append,
            flush: { () throws(ArchiveError) in
                try archives.flush()
                note(archives)
            }, commit: { () throws(ArchiveError) in try commit(archives, in: folder) })
        try archives.close()
        note(archives)
        try commit(archives, in: folder)
    }

    /// Brings both archives to the disk, then writes down what they hold.
    private func commit(_ archives: Archives, in folder: OutputFolder) throws(ArchiveError) {
        try archives.sync()
        let written = current
        try checkpoint(written, archives.finished).write(into: folder.path)
        state.withLock {
            $0.committed = Committed(
                domainFiles: written.domainFiles, hostFiles: written.hostFiles,
                totals: written.totals)
        }
    }

    private func note(_ archives: Archives) {
        state.withLock {
            $0.domainFiles = archives.domains.committed
            $0.hostFiles = archives.hosts.committed
            $0.totals = archives.totals
        }
    }
}

/// The two archives of a scan, and what they hold.
private final class Archives {
    let domains: ArchiveWriter
    let hosts: ArchiveWriter
    private(set) var finished: FinishedSet
    private(set) var totals: ScanTotals

    init(_ path: String, rotateBytes: Int, after resumed: CommittedProgress?) throws(ArchiveError) {
        domains = try ArchiveWriter(
            directory: path, stem: "domains", rotateBytes: rotateBytes,
            continuing: resumed?.domainFiles, digest: fileDigest)
        hosts = try ArchiveWriter(
            directory: path, stem: "hosts", rotateBytes: rotateBytes,
            continuing: resumed?.hostFiles, digest: fileDigest)
        finished = resumed?.finished ?? FinishedSet()
        totals = resumed.map { ScanTotals(table: $0.totals) } ?? ScanTotals()
    }

    func append(_ batch: RecordBatch) throws(ArchiveError) {
        try hosts.append(batch.content.hostLines)
        try domains.append(batch.content.domainLines)
        for number in batch.content.finished { finished.insert(number) }
        totals.merge(batch.content.totals)
    }

    /// Hosts first: no domain record is ever on disk without the hosts that it refers to.
    func flush() throws(ArchiveError) {
        try hosts.flush()
        try domains.flush()
    }

    func sync() throws(ArchiveError) {
        try hosts.sync()
        try domains.sync()
    }

    func close() throws(ArchiveError) {
        try hosts.close()
        try domains.close()
    }
}

extension LineStream {
    fileprivate func write(_ lines: borrowing LineBuffer) throws(ArchiveError) {
        try lines.withOctets { (octets) throws(ArchiveError) in
            try unsafe octets.withUnsafeBytes { (bytes) throws(ArchiveError) in
                try unsafe write(bytes)
            }
        }
    }
}

extension ArchiveWriter {
    fileprivate func append(_ lines: borrowing LineBuffer) throws(ArchiveError) {
        try lines.withOctets { (octets) throws(ArchiveError) in
            try unsafe octets.withUnsafeBytes { (bytes) throws(ArchiveError) in
                try unsafe append(bytes)
            }
        }
    }
}
