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

/// A domain with all that it is judged by.
struct CompletedDomain {
    let name: DomainName
    let seen: DomainObservation
    /// Where its mail goes.
    let targets: MXTargets
    /// Where the addresses of its policy host are; nil where that is not recorded.
    let policyNetworks: [AddressNetwork]?
}

/// How the facts of a domain record get the hosts, and perhaps the policy, that it is judged by.
protocol DomainCompletion: Sendable {
    /// The whole domain; nil where nothing was looked up.
    mutating func complete(_ domain: ObservedDomain) throws(ObservationError) -> CompletedDomain?

    /// Takes over what another thread's has noted.
    mutating func merge(_ other: Self)
}

/// The hosts that the record names by their observations.
struct RecordedHosts: DomainCompletion {
    let known: [ObservedDomain.HostReference: HostObservation]

    func complete(_ domain: ObservedDomain) throws(ObservationError) -> CompletedDomain? {
        guard let name = domain.entry.domain, let seen = try domain.observation(with: known) else {
            return nil
        }
        return CompletedDomain(
            name: name, seen: seen, targets: MXTargets(to: name, seen),
            policyNetworks: domain.policyNetworks)
    }

    func merge(_ other: RecordedHosts) {}
}

/// Judges domains anew and writes their records.
struct DomainRecordJudge<Completion: DomainCompletion>: RecordJudge {
    let trustsAD: Bool
    let preload: PreloadList?
    private(set) var completion: Completion
    /// When the first of the domains was scanned, seconds since 1970.
    private(set) var firstScannedAt = Int64.max
    private(set) var totals = ScanTotals()
    private(set) var changed = 0
    private(set) var verdictChanges: [VerdictChange: Int] = [:]
    private(set) var failure: (place: RecordPosition, message: String)?
    private let verdicts = EnumTable<Verdict>()
    private let encoder = LineEncoder(Schema.domain)
    /// Says where addresses are; nil for what is recorded of it.
    private var finder: NetworkFinder?

    init(
        trustsAD: Bool, preload: PreloadList?, networks: NetworkFiles?, completion: Completion
    ) {
        finder = networks.map { NetworkFinder($0) }
        self.trustsAD = trustsAD
        self.preload = preload
        self.completion = completion
    }

    mutating func add(_ record: StoredRecord, _ lines: inout [UInt8]) {
        do throws(ObservationError) {
            let domain = try ObservedDomain(record: record.value)
            let judged = try judge(domain)
            firstScannedAt = min(firstScannedAt, domain.scannedAt)
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
        let whole = try completion.complete(domain)
        let judgement = whole.map {
            Judgement(of: $0.name, $0.seen, along: $0.targets, trustsAD: trustsAD)
        }
        let seen = whole?.seen ?? domain.observation
        return DomainRecord(
            entry: domain.entry, scannedAt: domain.scannedAt, durationMS: domain.durationMS,
            observation: seen, judgement: judgement, preloadList: preload,
            policyNetworks: seen?.policy.flatMap { finder?.networks(of: $0.allAddresses) }
                ?? whole?.policyNetworks ?? domain.policyNetworks)
    }

    mutating func merge(_ other: DomainRecordJudge) {
        completion.merge(other.completion)
        firstScannedAt = min(firstScannedAt, other.firstScannedAt)
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
final class LineEncoder<Root>: @unchecked Sendable {
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
