internal import Judgement
internal import Observations

extension Schema where Root == PolicyRecord {
    /// The record of a policy that was fetched without its domain.
    public static let policy = Schema(
        name: "policy", version: schemaVersion,
        fields: [
            .version,
            Field("policy_fetch_status", "How the fetch ended.", "RFC 8461 §3.3") {
                $0.seen.status
            },
            Field(
                "rounds", "Attempts: 1, and one more for each retry of a transient failure.",
                "stsurvey"
            ) { $0.rounds },
        ] + policyFields)
}
