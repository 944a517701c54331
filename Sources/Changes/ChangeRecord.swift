internal import MTASTS
public import Records

/// A domain that is otherwise in a later scan: the root of a change record.
public struct ChangeRecord: Sendable {
    /// The domain.
    public let domain: String
    /// The columns of the list that its records carry: of the later scan, where it has them.
    public let columns: ListColumns?
    /// What has changed.
    public let changes: [Change]
    /// What the earlier scan knows; nil where it has no record of the domain.
    public let old: DomainState?
    /// What the later scan knows; nil where it has no record of the domain.
    public let new: DomainState?

    /// A record of the change between two states; nil where there is none.
    public init?(
        of domain: String, from old: DomainState?, to new: DomainState?,
        columns: ListColumns? = nil
    ) {
        self.columns = columns
        changes = Change.all(from: old, to: new)
        guard !changes.isEmpty else { return nil }
        self.domain = domain
        self.old = old
        self.new = new
    }
}

extension ChangeRecord {
    /// The state of the earlier or later scan with the domain's name, for texts.
    fileprivate func named(_ state: DomainState?) -> NamedState? {
        state.map { NamedState(domain: domain, state: $0) }
    }
}

private struct NamedState {
    let domain: String
    let state: DomainState
}

extension Schema where Root == ChangeRecord {
    /// The record of a domain that has changed between two scans.
    public static let change = Schema(
        name: "change", version: schemaVersion,
        fields: [
            .version,
            Field("domain", "The domain.", "list") { $0.domain },
            Field("changes", "What has changed.", "judgement") { $0.changes },
            .object("old", "What the earlier scan knows.", "stsurvey", stateFields) {
                $0.named($0.old)
            },
            .object("new", "What the later scan knows.", "stsurvey", stateFields) {
                $0.named($0.new)
            },
            Field("list", "The columns of the list that --carry names.", "list") { $0.columns }
                .since(2),
        ])
}

private let stateFields: [Field<NamedState>] = [
    Field("scanned_at", "When the scan of the domain began.", "clock") {
        Timestamp(epochSeconds: $0.state.scannedAt)
    },
    Field("verdict", "What becomes of mail to the domain.", "judgement") { $0.state.verdict },
    Field("verdict_reason", "The reason for the verdict.", "judgement") { $0.state.reason }
        .since(2),
    Field("first_failure", "The first cause of the verdict.", "judgement") { $0.state.failure }
        .since(2),
    Field("result", "The verdict in words.", "judgement") { $0.state.result(for: $0.domain) }
        .since(2),
    Field("cause", "The first cause in words.", "judgement") { $0.state.cause(for: $0.domain) }
        .since(2),
    Field("record", "Whether there is a record.", "RFC 8461 §3.1") { $0.state.record },
    Field("sts_id", "The id of a valid record.", "RFC 8461 §3.1") { $0.state.id },
    Field("policy", "What came of the fetch of the policy.", "RFC 8461 §3.3") { $0.state.policy },
    Field("sts_mode", "The mode of a valid policy.", "RFC 8461 §5") { $0.state.terms?.mode },
    Field("sts_max_age", "The max_age of a valid policy, in seconds.", "RFC 8461 §3.2") {
        $0.state.terms?.maxAge
    },
    Field("tlsrpt", "Whether there is a TLSRPT record.", "RFC 8460 §3") { $0.state.tlsrpt }
        .since(2),
    Field("dane_status", "What DANE says of the domain.", "RFC 7672") { $0.state.dane }.since(2),
    Field(
        "certificate", "`ok`, or the first error of the MX hosts' certificates.",
        "RFC 8461 §4.2"
    ) { $0.state.certificate }.since(2),
    Field("mx_providers", "The registrable domains of the MX hosts.", "Public Suffix List") {
        $0.state.mxProviders.map { $0.split(separator: " ").map(String.init) }
    },
    Field("policy_provider", "That of the policy host's alias.", "Public Suffix List") {
        $0.state.policyProvider.flatMap { $0.isEmpty ? nil : $0 }
    },
]
