internal import DNS
internal import DomainList
internal import EventLoop
internal import Records

/// Encoded records on their way to the writer's thread.
///
/// Host records go ahead of the domain records that refer to them: both take the same queue, and of
/// a batch the hosts are written first.
///
/// `@unchecked Sendable`: once it is handed over nobody changes it.
final class RecordBatch: @unchecked Sendable {
    /// How many octets are enough to be handed over.
    fileprivate static let fullBytes = 128 << 10
    /// All that it holds, as one value: each access to a variable of an object is watched.
    fileprivate(set) var content: Content

    /// An empty batch with room for about as many lines as the one before holds.
    fileprivate init(after last: Int = 0) { content = Content(room: last + last / 8) }

    struct Content: ~Copyable {
        fileprivate(set) var domainLines: LineBuffer
        fileprivate(set) var hostLines = LineBuffer()
        /// The numbers of the entries whose records these are.
        fileprivate(set) var finished: [Int] = []
        /// The counts of these records.
        fileprivate(set) var totals = ScanTotals()

        fileprivate init(room: Int) { domainLines = LineBuffer(capacity: room) }

        fileprivate var count: Int { domainLines.count + hostLines.count }

        fileprivate mutating func add(
            _ record: DomainRecord, of entry: Int, by encoder: RecordEncoder<DomainRecord>
        ) {
            encoder.appendLine(record, to: &domainLines)
            finished.append(entry)
            totals.add(record)
        }

        fileprivate mutating func add(_ record: HostRecord, by encoder: RecordEncoder<HostRecord>) {
            encoder.appendLine(record, to: &hostLines)
            totals.add(record)
        }
    }
}

/// Collects one loop's records and hands them over in batches.
final class RecordSink {
    private let queue: BoundedQueue<RecordBatch>
    /// Whether other loops refer to this one's hosts: then a host's record cannot wait.
    private let sharesHosts: Bool
    private let domainEncoder = RecordEncoder(Schema.domain)
    private let hostEncoder = RecordEncoder(Schema.host)
    private var batch = RecordBatch()
    /// The counts of what was handed over.
    private var handedOver = ScanTotals()
    /// Batches go one after the other: a host's must not be overtaken.
    private let turn = AsyncSemaphore(limit: 1)
    private var isHandingOver = false

    init(to queue: BoundedQueue<RecordBatch>, sharesHosts: Bool) {
        self.queue = queue
        self.sharesHosts = sharesHosts
    }

    /// Takes the record of an entry; where `isFull` then, it is to be handed over.
    func take(_ record: DomainRecord, of entry: Int) {
        batch.content.add(record, of: entry, by: domainEncoder)
    }

    /// Takes the record of a host, before anybody learns what the host has shown.
    func append(_ record: HostRecord) async -> Bool {
        batch.content.add(record, by: hostEncoder)
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
        guard !isEmpty, !isHandingOver, queue.offer(batch) else { return }
        renew()
    }

    /// The counts of all records taken.
    var totals: ScanTotals {
        var sum = handedOver
        sum.merge(batch.content.totals)
        return sum
    }

    /// Whether there is enough to be handed over.
    var isFull: Bool { batch.content.count >= RecordBatch.fullBytes }
    private var isEmpty: Bool { batch.content.count == 0 }

    /// Hands the batch over where it `must` be; another task may do so while this one waits.
    private func handOver(_ must: () -> Bool) async -> Bool {
        guard must() else { return true }
        return await turn.withPermit {
            guard must(), !isEmpty else { return true }
            isHandingOver = true
            defer { isHandingOver = false }
            let full = batch
            renew()
            return await queue.put(full)
        }
    }

    private func renew() {
        handedOver.merge(batch.content.totals)
        batch = RecordBatch(after: batch.content.domainLines.count)
    }
}

extension DomainRecord.Entry {
    /// What the record says of the line it comes from.
    init(_ entry: ListEntry) {
        var domain: DomainName?
        var reason: NameRejection?
        switch entry.name {
        case .success(let name): domain = name
        case .failure(let invalid): reason = invalid.reason
        }
        self.init(
            index: entry.index, source: entry.source, line: entry.line,
            input: entry.input.map { Array($0.utf8) }, rank: entry.rank, domain: domain,
            invalidReason: reason,
            columns: entry.carried.map { ListColumns(names: $0.names, values: $0.values) })
    }
}
