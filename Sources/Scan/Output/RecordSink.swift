internal import EventLoop
internal import Survey

/// Encoded records on their way to the writer's thread.
///
/// Host records go ahead of the domain records that refer to them: both take the same queue, and of
/// a batch the hosts are written first.
struct RecordBatch: Sendable {
    var hostLines: [UInt8] = []
    var domainLines: [UInt8] = []
    /// The numbers of the entries whose records these are.
    var finished: [Int] = []
    /// The counts of these records.
    var tally = Tally()
}

/// Collects one loop's records and hands them over in batches.
final class RecordSink {
    private static let batchBytes = 128 << 10
    private let handoff: Handoff<RecordBatch>
    /// Whether other loops refer to this one's hosts: then a host's record cannot wait.
    private let sharesHosts: Bool
    private let domainEncoder = RecordEncoder(Schema.domain)
    private let hostEncoder = RecordEncoder(Schema.host)
    private var batch = RecordBatch()
    /// The counts of what was handed over.
    private var handedOver = Tally()
    /// The lines of the batch, until it is handed over.
    private var domainLines = LineBuffer(capacity: 2 * batchBytes)
    private var hostLines = LineBuffer()
    /// Batches go one after the other: a host's must not be overtaken.
    private let turn = Gate(limit: 1)
    private var isHandingOver = false

    init(to handoff: Handoff<RecordBatch>, sharesHosts: Bool) {
        self.handoff = handoff
        self.sharesHosts = sharesHosts
    }

    /// Takes the record of an entry; where `isFull` then, it is to be handed over.
    func take(_ record: DomainRecord, of entry: Int) {
        domainEncoder.appendLine(record, to: &domainLines)
        batch.finished.append(entry)
        batch.tally.add(record)
    }

    /// Takes the record of a host, before anybody learns what the host has shown.
    func append(_ record: HostRecord) async -> Bool {
        hostEncoder.appendLine(record, to: &hostLines)
        batch.tally.add(record)
        return await handOver { sharesHosts || isFull }
    }

    /// Hands over a full batch; false where the writer has failed.
    ///
    /// Suspends while the writer is behind.
    func handOverFull() async -> Bool { await handOver { isFull } }

    /// Hands over what is there, waiting for room.
    func flush() async { _ = await handOver { true } }

    /// Hands over what is there if the writer has room: so that slow scans show results too.
    func offer() {
        guard !isEmpty, !isHandingOver, handoff.offer(whole) else { return }
        empty()
    }

    /// The counts of all records taken.
    var tally: Tally {
        var sum = handedOver
        sum.merge(batch.tally)
        return sum
    }

    /// Whether there is enough to be handed over.
    var isFull: Bool { domainLines.count + hostLines.count >= Self.batchBytes }
    private var isEmpty: Bool { domainLines.count + hostLines.count == 0 }

    /// Hands the batch over where it `must` be; another task may do so while this one waits.
    private func handOver(_ must: () -> Bool) async -> Bool {
        guard must() else { return true }
        return await turn.withPermit {
            guard must(), !isEmpty else { return true }
            isHandingOver = true
            defer { isHandingOver = false }
            let whole = whole
            empty()
            return await handoff.put(whole)
        }
    }

    /// The batch with its lines.
    private var whole: RecordBatch {
        var batch = batch
        batch.domainLines = domainLines.array
        batch.hostLines = hostLines.array
        return batch
    }

    private func empty() {
        handedOver.merge(batch.tally)
        batch = RecordBatch()
        domainLines.removeAll()
        hostLines.removeAll()
    }
}

extension LineBuffer {
    fileprivate var array: [UInt8] { withOctets { $0.withUnsafeBufferPointer { Array($0) } } }
}
