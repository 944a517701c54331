internal import DomainList
internal import EventLoop
internal import Survey
internal import Synchronization
internal import TLS

/// Reads the lists on a thread of its own and hands their entries over in batches.
final class IntakeThread: Sendable {
    private static let batchEntries = 64

    /// How far the reading has come, and what went wrong.
    struct State: Sendable {
        var progress: ListProgress?
        var statistics = ListStatistics()
        var failures: [String] = []
        var digests: [ListIdentity] = []
        var isAtEnd = false
    }

    private let lists: [String]
    private let unique: Bool
    private let handoff: Handoff<[ListEntry]>
    private let state = Mutex(State())

    init(lists: [String], unique: Bool, into handoff: Handoff<[ListEntry]>) {
        self.lists = lists
        self.unique = unique
        self.handoff = handoff
    }

    /// The state so far.
    var current: State { state.withLock { $0 } }

    /// Reads until the end of the last list, or until nobody takes entries any more.
    ///
    /// A list that breaks off is told and the next one begun.
    func run() {
        defer { handoff.finish() }
        do {
            let reader = try ListReader(lists, unique: unique)
            let digests = ListDigests(lists)
            reader.onRawBytes = digests.update
            while readOn(reader) {}
            note(reader)
            let identities = digests.finish()
            state.withLock { $0.digests = identities }
        } catch {
            state.withLock { $0.failures.append("\(error)") }
        }
    }

    /// Hands over the next batch; false at the end.
    private func readOn(_ reader: ListReader) -> Bool {
        var batch: [ListEntry] = []
        batch.reserveCapacity(Self.batchEntries)
        do throws(ListError) {
            while batch.count < Self.batchEntries {
                guard let entry = try reader.next() else {
                    state.withLock { $0.isAtEnd = true }
                    break
                }
                batch.append(entry)
            }
        } catch {
            state.withLock { $0.failures.append("\(error)") }
        }
        note(reader)
        let isAtEnd = current.isAtEnd
        if !batch.isEmpty, !handoff.putBlocking(batch) { return false }
        return !isAtEnd
    }

    private func note(_ reader: ListReader) {
        state.withLock {
            $0.progress = reader.progress
            $0.statistics = reader.statistics
        }
    }
}

/// The digests of lists as they are read.
private final class ListDigests {
    private let names: [String]
    private var digests: [String: SHA256Digest] = [:]
    private var bytes: [String: Int] = [:]

    init(_ names: [String]) { self.names = names }

    func update(_ name: String, _ chunk: UnsafeRawBufferPointer) {
        let digest = digests[name] ?? SHA256Digest()
        digests[name] = digest
        digest.update(chunk)
        bytes[name, default: 0] += chunk.count
    }

    func finish() -> [ListIdentity] {
        names.map { name in
            ListIdentity(
                name: name, bytes: bytes[name] ?? 0,
                sha256: (digests.removeValue(forKey: name) ?? SHA256Digest()).finish())
        }
    }
}
