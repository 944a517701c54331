internal import DNS
internal import Judgement
internal import MTASTS
internal import Observations
internal import RecordReading
internal import Records
internal import Synchronization

/// Reads from a domain record what a later scan wants to know.
struct PriorStateReader: Sendable {
    private let recordWords = EnumTable<STSRecordStatus>()
    private let policyWords = EnumTable<PolicyStatus>()

    /// The domain, its position in the list and its prior state; nil for a line without an MTA-STS
    /// record.
    func progress(
        _ record: StoredRecord, _ shared: inout SharedHosts
    ) -> (domain: String, place: Int, progress: PriorState)? {
        var fields = record.object
        guard let place = fields["index"]?.int, let domain = fields["domain"]?.string,
            let status = recordWords[fields["sts_record_status"]], status.callsForFetch
        else { return nil }
        let id = unsafe status == .ok ? fields["sts_id"]?.utf8.map { unsafe Array($0) } : nil
        let isValid = policyWords[fields["policy_status"]] == .ok
        let maxAge = fields["sts_max_age"]?.int
        let scannedAt = unsafe fields["scanned_at"]?.utf8.flatMap { unsafe Timestamp($0) }
        var policy: PriorState.KnownPolicy?
        if isValid, let id, let maxAge, let scannedAt, let seen = fields["policy"] {
            policy = known(seen, id, maxAge, scannedAt)
        }
        let before = fields["previous"]?["mx"]?.elements.compactMap { $0.string } ?? []
        let now = fields["mx"]?.elements.compactMap { $0["host"]?.string } ?? []
        return (domain, place, PriorState(policy: policy, hosts: shared.hosts(now, before)))
    }

    /// A valid policy; nil where its text is not whole.
    private func known(
        _ policy: JSONValue, _ id: [UInt8], _ maxAge: Int, _ scannedAt: Timestamp
    ) -> PriorState.KnownPolicy? {
        var fields = policy.object
        let fetchedAt =
            unsafe fields?["fetched_at"]?.utf8.flatMap { unsafe Timestamp($0) } ?? scannedAt
        // A valid policy is UTF-8, so the text has all its octets unless it was cut.
        guard let body = unsafe fields?["body"]?.utf8.map({ unsafe Array($0) }),
            body.count == fields?["body_bytes"]?.int
        else { return nil }
        return PriorState.KnownPolicy(
            id: id, body: body, fetchedAt: fetchedAt.epochSeconds, maxAge: maxAge)
    }
}

/// Lists of MX hosts that many domains have in common, each kept once.
struct SharedHosts: Sendable {
    private static let limit = 1 << 16

    private var lists: [[String]: [DomainName]] = [:]

    /// The hosts of a scan, then those of the scans before it that it names no more.
    mutating func hosts(_ now: [String], _ before: [String]) -> [DomainName] {
        let names = Array(
            (now + before.filter { !now.contains($0) }).prefix(PriorState.hostLimit))
        if let known = lists[names] { return known }
        let hosts = names.map { DomainName(canonical: $0) }
        if lists.count < Self.limit { lists[names] = hosts }
        return hosts
    }
}

/// Prior states of domains, added by all threads that read.
final class PriorStateStore: Sendable {
    private let known = Mutex<[String: (place: Int, progress: PriorState)]>([:])

    /// Keeps a state; of a domain that is listed more than once the first entry counts.
    func keep(_ progress: PriorState, of domain: String, at place: Int) {
        known.withLock {
            if let other = $0[domain], other.place < place { return }
            $0[domain] = (place, progress)
        }
    }

    /// All that were kept.
    var tasks: [String: PriorState] { known.withLock { $0.mapValues(\.progress) } }
}
