internal import DomainList
internal import EventLoop
internal import Records
internal import ScanFolder
internal import Synchronization

/// An entry of the lists and its number: they are numbered as they are read, without gaps.
struct NumberedEntry: Sendable {
    let number: Int
    let entry: ListEntry
}

/// Reads the lists on a thread of its own and passes their entries on in batches.
///
/// A resumed scan reads them from the start again, and leaves out what is finished. Entries are
/// held back until the bytes read before have proved to be the same. Few are held, since a
/// checkpoint is never far behind the reading.
final class IntakeThread: Sendable {
    private static let batchEntries = 256

    /// The progress of reading, and its failures.
    struct State: Sendable {
        var progress: ListProgress?
        var statistics = ListStatistics()
        var failures: [String] = []
        /// Whether a list is corrupt, so that names before the fault may have been read wrongly.
        var isDamaged = false
        /// Lists that were read to their end and name no domain.
        var remarks: [String] = []
        /// Each list as far as it was read.
        var identities: [FileIdentity] = []
        /// Entries handed over, those finished before included.
        var numbered = 0
        var isAtEnd = false
        /// Why the lists are not those that the scan began with.
        var refusal: String?

        /// How many entries there are; nil where the size of the lists is not known, as with pipes.
        var size: Forecast.Size? {
            if isAtEnd { return .exact(numbered) }
            guard let progress, let total = progress.bytesTotal, progress.bytesRead > 0 else {
                return nil
            }
            let share = Double(progress.bytesRead) / Double(total)
            return .estimated(Int(Double(numbered) / min(1, share)))
        }
    }

    private let options: ScanOptions
    private let lists: [OpenedList]
    private let unique: Bool
    /// The indexes of the entries that are handed over; nil for all.
    private let only: IndexRanges?
    /// The shard of the lists whose entries are handed over; nil for all.
    private let shard: ListShard?
    /// What the lists must be.
    private let expected: [FileIdentity]
    private let shuffle: Shuffle
    private let queue: BoundedQueue<[NumberedEntry]>
    private let resumed: Checkpoint?
    private let state = Mutex(State())

    init(
        _ options: ScanOptions, lists: [OpenedList], unique: Bool, only: IndexRanges?,
        expecting expected: [FileIdentity],
        shuffle: Shuffle,
        into queue: BoundedQueue<[NumberedEntry]>, resuming resumed: Checkpoint?
    ) {
        self.options = options
        self.shuffle = shuffle
        self.lists = lists
        self.unique = unique
        self.only = only
        shard = options.shard
        self.expected = expected
        self.queue = queue
        self.resumed = resumed
    }

    /// The state so far.
    var current: State { state.withLock { $0 } }

    /// Reads until the end of the last list, or until entries are no longer accepted.
    ///
    /// A list that breaks off ends the reading; the entries before are passed on.
    func run() {
        defer { queue.finish() }
        let reader = ListReader(lists, unique: unique)
        let digests = ListDigests(lists.map(\.location.name), expecting: expected)
        unsafe reader.onRawBytes = digests.update
        reader.onBegin = introduce
        var numbering = Numbering(after: resumed?.progress.finished ?? FinishedSet())
        while readOn(reader, digests, &numbering) {}
    }

    /// Says how a list is laid out that had brought nothing when the scan began; false where it had
    /// better not be read.
    private func introduce(_ place: Int) -> Bool {
        guard options.listFormats.indices.contains(place), options.listFormats[place] == nil else {
            return true
        }
        do throws(ScanError) {
            if let refusal = try options.objection(to: lists[place]) {
                state.withLock { $0.refusal = refusal }
                return false
            }
            if let format = try? lists[place].examine() {
                options.tellLayout(of: lists[place], format)
            }
            return true
        } catch {
            state.withLock { $0.failures.append("\(error)") }
        }
        return false
    }

    /// Reads and passes on the next batch; false at the end.
    private func readOn(
        _ reader: ListReader, _ digests: ListDigests, _ numbering: inout Numbering
    ) -> Bool {
        var isAtEnd = false
        var hasFailed = false
        // Entries of a pipe are not held back until more arrive, so their order stays.
        let isPipe = reader.progress.bytesTotal == nil
        let size = isPipe ? 1 : shuffle.window > 1 ? shuffle.window : Self.batchEntries
        while numbering.batch.count < size || digests.isPending {
            do throws(ListError) {
                guard let entry = try reader.next() else {
                    isAtEnd = current.refusal == nil && current.failures.isEmpty
                    hasFailed = !isAtEnd
                    break
                }
                if isWanted(entry.index) { numbering.add(entry) }
            } catch {
                state.withLock {
                    $0.failures.append("\(error)")
                    $0.isDamaged = error.kind == .damaged
                }
                hasFailed = true
                break
            }
            if digests.isPending, numbering.hasHeldTooMany { break }
        }
        if let refusal = digests.refusal(isAtEnd: isAtEnd) {
            state.withLock { $0.refusal = refusal }
            return false
        }
        // What was read has not proved to be what was read before: nothing of it is used.
        if hasFailed, digests.isPending { return false }
        note(reader, digests, numbering, isAtEnd)
        return handOver(numbering.takeBatch()) && !isAtEnd && !hasFailed
    }

    private func isWanted(_ index: Int) -> Bool {
        shard?.contains(index) != false && only?.contains(index) != false
    }

    /// Passes a block on in batches; false where they are no longer accepted.
    private func handOver(_ block: [NumberedEntry]) -> Bool {
        guard let first = block.first else { return true }
        var left = shuffle.order(block, from: first.number)[...]
        while !left.isEmpty {
            guard queue.putBlocking(Array(left.prefix(Self.batchEntries))) else { return false }
            left = left.dropFirst(Self.batchEntries)
        }
        return true
    }

    private func note(
        _ reader: ListReader, _ digests: ListDigests, _ numbering: Numbering, _ isAtEnd: Bool
    ) {
        let identities = digests.identities
        state.withLock {
            $0.progress = reader.progress
            $0.statistics = reader.statistics
            $0.remarks = reader.remarks
            $0.identities = identities
            $0.numbered = numbering.next
            $0.isAtEnd = isAtEnd
        }
    }
}

/// Numbers entries and leaves out those that are finished.
private struct Numbering {
    private let finished: FinishedSet
    private(set) var next = 0
    private(set) var batch: [NumberedEntry] = []

    init(after finished: FinishedSet) { self.finished = finished }

    /// A bound for the entries held back, far beyond what can be unfinished at a checkpoint.
    var hasHeldTooMany: Bool { batch.count > 10_000_000 }

    mutating func add(_ entry: ListEntry) {
        if !finished.contains(next) { batch.append(NumberedEntry(number: next, entry: entry)) }
        next += 1
    }

    mutating func takeBatch() -> [NumberedEntry] {
        defer { batch = [] }
        return batch
    }
}
