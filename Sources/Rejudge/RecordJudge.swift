internal import DNS
internal import Judgement
internal import Networks
internal import Observations
internal import RecordReading
internal import Records

/// What a thread makes of records.
protocol RecordJudge: Sendable {
    /// The first record whose facts could not be read back, and why.
    var failure: (place: RecordPosition, message: String)? { get }
}

/// Writes host records anew, and keeps what domains are judged by.
struct HostRecordJudge: RecordJudge {
    let trustsAD: Bool
    private(set) var known: [ObservedDomain.HostReference: HostObservation] = [:]
    private(set) var totals = ScanTotals()
    private(set) var changed = 0
    private(set) var failure: (place: RecordPosition, message: String)?
    private let encoder = LineEncoder(Schema.host)
    /// Says where addresses are; nil for what is recorded of it.
    private var finder: NetworkFinder?

    init(trustsAD: Bool, networks: NetworkFiles?) {
        self.trustsAD = trustsAD
        finder = networks.map { NetworkFinder($0) }
    }

    mutating func add(_ record: StoredRecord, _ lines: inout [UInt8]) {
        do throws(ObservationError) {
            let seen = try HostObservation(record: record.value)
            let recorded = try AddressNetwork.all(in: record.value)
            let judged = HostRecord(
                seen, trustsAD: trustsAD,
                networks: finder?.networks(of: seen.allAddresses) ?? recorded,
                vantage: record.value["vantage"]?.string)
            totals.add(judged)
            if unsafe !encoder.append(judged, to: &lines, equals: record.text) { changed += 1 }
            known[ObservedDomain.HostReference(name: seen.name, number: seen.number)] =
                seen.forJudging
        } catch {
            failure = failure ?? (record.place, "\(error)")
        }
    }

    mutating func merge(_ other: HostRecordJudge) {
        known.merge(other.known) { first, _ in first }
        totals.merge(other.totals)
        changed += other.changed
    }
}

/// Judges domains anew and writes their records.
struct DomainRecordJudge: RecordJudge {
    let trustsAD: Bool
    let preload: PreloadList?
    let hosts: [ObservedDomain.HostReference: HostObservation]
    private(set) var totals = ScanTotals()
    private(set) var changed = 0
    private(set) var verdictChanges: [VerdictChange: Int] = [:]
    private(set) var failure: (place: RecordPosition, message: String)?
    private let verdicts = EnumTable<Verdict>()
    private let encoder = LineEncoder(Schema.domain)
    /// Says where addresses are; nil for what is recorded of it.
    private var finder: NetworkFinder?

    init(
        trustsAD: Bool, preload: PreloadList?, networks: NetworkFiles?,
        hosts: [ObservedDomain.HostReference: HostObservation]
    ) {
        finder = networks.map { NetworkFinder($0) }
        self.trustsAD = trustsAD
        self.preload = preload
        self.hosts = hosts
    }

    mutating func add(_ record: StoredRecord, _ lines: inout [UInt8]) {
        do throws(ObservationError) {
            let domain = try ObservedDomain(record: record.value)
            let judged = try judge(domain)
            totals.add(judged)
            if unsafe !encoder.append(judged, to: &lines, equals: record.text) { changed += 1 }
            let change = VerdictChange(
                old: verdicts[record.value["verdict"]], new: judged.judgement?.verdict)
            if change.old != change.new { verdictChanges[change, default: 0] += 1 }
        } catch {
            failure = failure ?? (record.place, "\(error)")
        }
    }

    private mutating func judge(_ domain: ObservedDomain) throws(ObservationError) -> DomainRecord {
        var seen = domain.observation
        var judgement: Judgement?
        if let name = domain.entry.domain, let observation = try domain.observation(with: hosts) {
            judgement = Judgement(of: name, observation, trustsAD: trustsAD)
            seen = observation
        }
        return DomainRecord(
            entry: domain.entry, scannedAt: domain.scannedAt, durationMS: domain.durationMS,
            observation: seen, judgement: judgement, preloadList: preload,
            policyNetworks: seen?.policy.flatMap { finder?.networks(of: $0.allAddresses) }
                ?? domain.policyNetworks)
    }

    mutating func merge(_ other: DomainRecordJudge) {
        totals.merge(other.totals)
        changed += other.changed
        verdictChanges.merge(other.verdictChanges, uniquingKeysWith: +)
    }
}

/// A verdict before and after; nil where nothing was judged.
struct VerdictChange: Hashable, Sendable {
    let old: Verdict?
    let new: Verdict?
}

/// Writes lines for one thread.
///
/// `@unchecked Sendable`: a thread makes its own, and at its end hands it on unused.
private final class LineEncoder<Root>: @unchecked Sendable {
    private let encoder: RecordEncoder<Root>
    private var line = LineBuffer(capacity: 16 << 10)

    init(_ schema: Schema<Root>) { encoder = RecordEncoder(schema) }

    /// Appends a record's line with its line feed; whether it is the same as before.
    func append(
        _ root: Root, to lines: inout [UInt8], equals before: UnsafeRawBufferPointer
    ) -> Bool {
        line.removeAll()
        encoder.appendLine(root, to: &line)
        return line.withOctets { octets in
            unsafe octets.withUnsafeBufferPointer {
                unsafe lines += $0
                return unsafe $0.dropLast().elementsEqual(before)
            }
        }
    }
}
