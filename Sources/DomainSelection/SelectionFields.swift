internal import DNS
internal import Explanations
internal import Judgement
internal import MTASTS
public import Records

extension Schema where Root == SelectedDomain {
    /// The keys of a selected domain as JSON.
    public static let selection = Schema(
        name: "selection", version: schemaVersion,
        fields: [
            Field("domain", "The domain.", "stsurvey") { $0.name.text },
            Field("rank", "The rank, where the list has one.", "stsurvey") { $0.entry.rank },
            Field("list", "The columns of the list that --carry has kept.", "stsurvey") {
                $0.entry.columns
            },
            Field("verdict", "What becomes of mail.", "stsurvey") { $0.judgement.verdict.rawValue },
            Field("verdict_reason", "The reason for the verdict.", "stsurvey") {
                $0.judgement.reason.rawValue
            },
            Field("first_failure", "The first cause of the verdict.", "stsurvey") {
                $0.judgement.firstFailure?.text
            },
            Field("mode", "The mode of a valid policy.", "stsurvey") {
                $0.judgement.mode?.rawValue
            },
            Field("mx_provider", "Who runs the MX hosts.", "stsurvey") { $0.mxProvider },
            Field("policy_provider", "Who runs the policy host.", "stsurvey") {
                $0.policyProvider
            },
            Field("mx_hosts", "The MX hosts, in a sender's order.", "stsurvey") { domain in
                domain.judgement.hosts.map(\.host.text)
            },
            .object("diagnosis", "What is to be said to the owner.", "stsurvey", diagnosisFields) {
                $0.diagnosis
            },
            Field("verdict_before", "The verdict of the earlier scan.", "stsurvey") {
                $0.earlier?.verdict.rawValue
            },
            Field("reason_before", "The reason of that verdict.", "stsurvey") {
                $0.earlier?.reason.rawValue
            },
            Field("scanned_at", "When the domain was scanned.", "stsurvey") {
                Timestamp(epochSeconds: $0.scannedAt)
            },
            Field("folder", "The folder of the scan.", "stsurvey") { $0.folder },
        ])
}
