public import Archive
internal import EventLoop
internal import Glibc
internal import Synchronization

/// A kind of record, by the stem of its files' names.
public enum RecordKind: String, Sendable, CaseIterable {
    case domain = "domains"
    case host = "hosts"
    case policy = "policies"
}

/// A scan's files of one kind of record, to be read at the speed of all cores.
///
/// Frames are taken by a thread for each core and decompressed and parsed there, so memory grows
/// with the threads (some 10 MB each), not with the files. A scan may still be running: bytes after
/// the last whole frame are not read, and reported as a torn tail.
///
///     let files = try RecordFiles(directory: "results/first", kind: .domain)
///     let verdicts = EnumTable<Verdict>()
///     let reading = files.read(into: { [Verdict: Int]() }) { counts, record in
///         var fields = record.object
///         if let verdict = verdicts[fields["verdict"]] { counts[verdict, default: 0] += 1 }
///     }
///     let counts = reading.merged { $0.merge($1, uniquingKeysWith: +) }
@safe public struct RecordFiles: Sendable {
    /// The files in the order of writing.
    public let files: [ArchiveFile]

    /// Sees each frame before it is read.
    private let onFrame: FrameObserver?
    private let checksVersion: Bool

    /// All files of a kind in a scan's folder.
    public init(directory: String, kind: RecordKind) throws(ArchiveError) {
        unsafe self.init(try ArchiveFile.files(in: directory, stem: kind.rawValue))
    }

    /// Files in the given order; `onFrame` sees each frame before it is read.
    ///
    /// With `checksVersion` a record of another schema version than this program's is a fault.
    public init(
        _ files: [ArchiveFile], checksVersion: Bool = false, onFrame: FrameObserver? = nil
    ) {
        self.files = files
        self.checksVersion = checksVersion
        unsafe self.onFrame = onFrame
    }

    /// The default number of threads: the processors that this process may use.
    public static var threadsByDefault: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// Reads every record, each by one of the threads, and returns when all are read.
    ///
    /// Each thread has a state of its own and passes it with each record to `body`. Records of a
    /// frame come in order, frames in any order. One thread reads everything in the order of
    /// writing. Lines that are no JSON object, and frames and files that cannot be read, are among
    /// the reading's faults, and reading goes on after them.
    public func read<State: Sendable>(
        threads: Int = threadsByDefault, into makeState: @escaping @Sendable () -> State,
        _ body: @escaping @Sendable (inout State, StoredRecord) -> Void
    ) -> Reading<State> {
        let queue = unsafe FrameQueue(files, onFrame: onFrame)
        let parts = SharedParts<State>()
        let work = { @Sendable in
            var state = makeState()
            let reader = RecordReader(queue, checksVersion: checksVersion)
            reader.readAll { body(&state, $0) }
            parts.add(state, reader.counts, reader.faults)
        }
        let others = startReaders("read", threads, work)
        work()
        for thread in others { thread.join() }
        return parts.reading(files: files, tornTails: queue.tornTails)
    }
}

extension RecordFiles {
    /// Makes new lines of all records, on all threads, and writes them in the order of reading, a
    /// frame at a time; one call of `write` at a time.
    ///
    /// A thread appends the new lines of each record. Unreadable input, or a failure of `write`,
    /// ends all threads: then the reading has faults, or the failure is thrown.
    public func rewrite<State: Sendable>(
        threads: Int = threadsByDefault, into makeState: @escaping @Sendable () -> State,
        _ body: @escaping @Sendable (inout State, StoredRecord, inout [UInt8]) -> Void,
        write: @escaping ([UInt8]) throws(ArchiveError) -> Void
    ) throws(ArchiveError) -> Reading<State> {
        let queue = unsafe FrameQueue(files, onFrame: onFrame)
        let parts = SharedParts<State>()
        let turns = OrderedWriter(write)
        let work = { @Sendable in
            var state = makeState()
            var lines: [UInt8] = []
            let reader = RecordReader(queue, checksVersion: checksVersion)
            reader.onFrameEnd = { place in
                // The turn after a frame that could not be read never comes.
                if reader.faults.count > 0 { turns.end() }
                turns.take(place.sequence, lines)
                lines.removeAll(keepingCapacity: true)
            }
            while !turns.hasEnded, let record = reader.next() { body(&state, record, &lines) }
            reader.onFrameEnd = nil
            if reader.faults.count > 0 { turns.end() }
            parts.add(state, reader.counts, reader.faults)
        }
        let others = startReaders("rewrite", threads, work)
        work()
        for thread in others { thread.join() }
        if let failure = turns.failure { throw failure }
        return parts.reading(files: files, tornTails: queue.tornTails)
    }
}

/// Starts so many readers but for the caller, who is one of them; fewer where the system gives
/// fewer threads, since each does whatever the others leave.
private func startReaders(
    _ name: String, _ count: Int, _ work: @escaping @Sendable () -> Void
) -> [ThreadHandle] {
    (1..<max(1, count)).compactMap { try? startThread("\(name)-\($0)", work) }
}

/// What the threads have read, merged.
private final class SharedParts<State: Sendable>: Sendable {
    private let parts = Mutex<(states: [State], counts: [FrameCount], faults: Faults)>(
        ([], [], Faults()))

    func add(_ state: State, _ counts: [FrameCount], _ faults: Faults) {
        parts.withLock {
            $0.states.append(state)
            $0.counts += counts
            $0.faults.merge(faults)
        }
    }

    func reading(files: [ArchiveFile], tornTails: [TornTail]) -> Reading<State> {
        parts.withLock {
            Reading(
                states: $0.states, files: files, tornTails: tornTails, counts: $0.counts,
                faults: $0.faults)
        }
    }
}
