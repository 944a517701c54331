internal import Judgement
internal import Observations

/// What an earlier scan knows, beside what became of it.
struct PreviousRecord {
    var previous: PriorState
    var isPolicyChanged: Bool?
    /// Whether the policy of the record is the earlier one.
    var isCarriedOver: Bool

    /// What a record's domain had before; nil where nothing is known.
    init?(of record: DomainRecord) {
        guard let previous = record.observation?.previous else { return nil }
        self.previous = previous
        isPolicyChanged = record.judgement?.isPolicyChanged
        isCarriedOver = record.observation?.policy?.source == .carriedOver
    }
}

/// The keys of what an earlier scan knows.
let previousFields: [Field<PreviousRecord>] = [
    Field("sts_id", "The id behind which a valid policy stood.", "RFC 8461 §3.1") {
        $0.previous.policy.map { EscapedOctets(string: $0.id) }
    },
    Field("fetched_at", "When that policy was fetched.", "clock") {
        $0.previous.policy.map { Timestamp(epochSeconds: $0.fetchedAt) }
    },
    Field("max_age", "Its max_age, in seconds.", "RFC 8461 §3.2") { $0.previous.policy?.maxAge },
    Field("body", "Its text, where it was not carried over.", "HTTP") {
        $0.isCarriedOver
            ? nil
            : $0.previous.policy.map {
                LossyUTF8($0.body, limit: LossyUTF8.bodyLimit)
            }
    },
    Field("policy_changed", "Whether the policy fetched now is another.", "judgement") {
        $0.isPolicyChanged
    },
    Field("mx", "The MX hosts of that scan, then of those before it.", "RFC 5321 §5.1") {
        $0.previous.hosts
    },
]
