public import Judgement
public import MTASTS
public import Observations

/// What a scan has found so far: the counts that are needed most often.
public struct ScanTotals: Sendable {
    /// Lines that carry an entry.
    public internal(set) var domainCount = 0
    /// Hosts probed.
    public internal(set) var hostCount = 0
    /// Policies fetched without their domains.
    public internal(set) var fetchCount = 0
    /// By whether the line was scanned.
    public internal(set) var statuses = EnumCounts<DomainRecord.Status>()
    /// By verdict.
    public internal(set) var verdicts = EnumCounts<Verdict>()
    /// By the reason of the verdict.
    public internal(set) var reasons = EnumCounts<VerdictReason>()
    /// By where mail goes.
    public internal(set) var mx = EnumCounts<MXStatus>()
    /// By MTA-STS record.
    public internal(set) var records = EnumCounts<STSRecordStatus>()
    /// By the end of the policy's fetch.
    public internal(set) var fetches = EnumCounts<PolicyFetchStatus>()
    /// By the source of the policy.
    public internal(set) var sources = EnumCounts<PolicySource>()
    /// By policy.
    public internal(set) var policies = EnumCounts<PolicyStatus>()
    /// By the mode of the policy.
    public internal(set) var modes = EnumCounts<Mode>()
    /// By TLSRPT record.
    public internal(set) var tlsrpt = EnumCounts<TLSRPTStatus>()
    /// By DANE.
    public internal(set) var dane = EnumCounts<DomainDANEStatus>()
    /// Hosts by the end of the probe.
    public internal(set) var hosts = EnumCounts<ProbeStatus>()

    /// Nothing counted yet.
    public init() {}

    /// Counts a domain record.
    public mutating func add(_ record: DomainRecord) {
        let judgement = record.judgement
        domainCount += 1
        statuses.add(record.status)
        verdicts.add(judgement?.verdict)
        reasons.add(judgement?.reason)
        mx.add(judgement?.mxStatus)
        records.add(judgement?.record)
        fetches.add(judgement?.policyFetch)
        sources.add(judgement?.policySource)
        policies.add(judgement?.policyStatus)
        modes.add(judgement?.mode)
        tlsrpt.add(judgement?.tlsrpt)
        dane.add(judgement?.dane)
    }

    /// Counts a host record.
    public mutating func add(_ host: HostRecord) {
        hostCount += 1
        hosts.add(host.observation.status)
    }

    /// Counts a policy that was fetched without its domain.
    public mutating func add(_ policy: PolicyRecord) {
        fetchCount += 1
        fetches.add(policy.seen.status)
    }

    /// Adds the counts of another part of the scan.
    public mutating func merge(_ other: ScanTotals) {
        domainCount += other.domainCount
        hostCount += other.hostCount
        fetchCount += other.fetchCount
        statuses.merge(other.statuses)
        verdicts.merge(other.verdicts)
        reasons.merge(other.reasons)
        mx.merge(other.mx)
        records.merge(other.records)
        fetches.merge(other.fetches)
        sources.merge(other.sources)
        policies.merge(other.policies)
        modes.merge(other.modes)
        tlsrpt.merge(other.tlsrpt)
        dane.merge(other.dane)
        hosts.merge(other.hosts)
    }

    /// The counts as a JSON object for the manifest, under the names of the record's keys.
    ///
    /// `policies` are those fetched without their domains, and not there where none was.
    public var document: JSONDocument {
        var members = [
            (key: "domains", value: JSONDocument.integer(domainCount)),
            (key: "hosts", value: .integer(hostCount)),
        ]
        if fetchCount > 0 { members.append(("policies", .integer(fetchCount))) }
        return .object(members + words)
    }

    private var words: [(key: String, value: JSONDocument)] {
        [
            ("status", statuses.document), ("verdict", verdicts.document),
            ("verdict_reason", reasons.document), ("mx_status", mx.document),
            ("sts_record_status", records.document), ("policy_fetch_status", fetches.document),
            ("policy_source", sources.document), ("policy_status", policies.document),
            ("sts_mode", modes.document),
            ("tlsrpt_status", tlsrpt.document), ("dane_status", dane.document),
            ("host_status", hosts.document),
        ]
    }
}
