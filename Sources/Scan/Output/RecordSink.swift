internal import EventLoop
internal import Survey

/// Encoded records on their way to the writer's thread.
///
/// Host records go ahead of the domain records that refer to them: both take the same queue, and a
/// host's record is in it before anybody learns what the host has shown.
struct RecordBatch: Sendable {
    var hostLines: [UInt8] = []
    var domainLines: [UInt8] = []
    /// The numbers of the entries whose records these are.
    var finished: [Int] = []
    /// The counts of these records.
    var tally = Tally()
}

/// Collects one loop's domain records and hands them over in batches.
final class RecordSink {
    private static let batchBytes = 64 << 10
    private let handoff: Handoff<RecordBatch>
    private let domainEncoder = RecordEncoder(Schema.domain)
    private let hostEncoder = RecordEncoder(Schema.host)
    private var batch = RecordBatch()
    /// The lines of the batch, until it is handed over.
    private var lines = LineBuffer(capacity: 2 * batchBytes)

    init(to handoff: Handoff<RecordBatch>) { self.handoff = handoff }

    /// Takes the record of an entry.
    ///
    /// Suspends while the writer is behind; false where it has failed.
    func append(_ record: DomainRecord, of entry: Int) async -> Bool {
        domainEncoder.appendLine(record, to: &lines)
        batch.finished.append(entry)
        batch.tally.add(record)
        guard lines.count >= Self.batchBytes else { return true }
        return await handoff.put(take())
    }

    /// Hands a host's record over at once.
    func append(_ record: HostRecord) async -> Bool {
        var line = LineBuffer(capacity: 4096)
        hostEncoder.appendLine(record, to: &line)
        var single = RecordBatch()
        single.hostLines = line.array
        single.tally.add(record)
        return await handoff.put(single)
    }

    /// Hands over what is there, waiting for room.
    func flush() async {
        guard !batch.finished.isEmpty else { return }
        _ = await handoff.put(take())
    }

    /// Hands over what is there if the writer has room: so that slow scans show results too.
    func offer() {
        guard !batch.finished.isEmpty, handoff.offer(whole) else { return }
        empty()
    }

    private func take() -> RecordBatch {
        defer { empty() }
        return whole
    }

    /// The batch with its lines.
    private var whole: RecordBatch {
        var batch = batch
        batch.domainLines = lines.array
        return batch
    }

    private func empty() {
        batch = RecordBatch()
        lines.removeAll()
    }
}

extension LineBuffer {
    fileprivate var array: [UInt8] { withOctets { $0.withUnsafeBufferPointer { Array($0) } } }
}
