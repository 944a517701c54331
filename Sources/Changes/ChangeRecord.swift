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

extension Schema where Root == ChangeRecord {
    /// The record of a domain that has changed between two scans.
    public static let change = Schema(
        name: "change", version: schemaVersion,
        fields: [
            .version,
            Field("domain", "The domain.", "list") { $0.domain },
            Field("changes", "What has changed.", "judgement") { $0.changes },
            .object("old", "What the earlier scan knows.", "stsurvey", stateFields) { $0.old },
            .object("new", "What the later scan knows.", "stsurvey", stateFields) { $0.new },
            Field("list", "The columns of the list that --carry names.", "list") { $0.columns }
                .since(2),
        ])
}

private let stateFields: [Field<DomainState>] = [
    Field("scanned_at", "When the scan of the domain began.", "clock") {
        Timestamp(epochSeconds: $0.scannedAt)
    },
    Field("verdict", "What becomes of mail to the domain.", "judgement") { $0.verdict },
    Field("record", "Whether there is a record.", "RFC 8461 §3.1") { $0.record },
    Field("sts_id", "The id of a valid record.", "RFC 8461 §3.1") { $0.id },
    Field("policy", "What came of the fetch of the policy.", "RFC 8461 §3.3") { $0.policy },
    Field("sts_mode", "The mode of a valid policy.", "RFC 8461 §5") { $0.terms?.mode },
    Field("sts_max_age", "The max_age of a valid policy, in seconds.", "RFC 8461 §3.2") {
        $0.terms?.maxAge
    },
    Field("mx_providers", "The registrable domains of the MX hosts.", "Public Suffix List") {
        $0.mxProviders.map { $0.split(separator: " ").map(String.init) }
    },
    Field("policy_provider", "That of the policy host's alias.", "Public Suffix List") {
        $0.policyProvider.flatMap { $0.isEmpty ? nil : $0 }
    },
]
