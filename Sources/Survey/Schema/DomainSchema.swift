internal import DNS

extension Schema where Root == DomainRecord {
    /// The record of a line of the list.
    public static let domain = Schema(
        name: "domain", version: schemaVersion,
        fields: entryFields + verdictFields + mxCountFields + stsFields + runFields + detailFields)
}

private let entryFields: [Field<DomainRecord>] = [
    Field("schema_version", "The version of this schema.", "stsurvey") { _ in schemaVersion },
    Field("index", "The position among the lines that carry an entry, from 0.", "list") {
        $0.entry.index
    },
    Field("source", "The list's name as given.", "list") { $0.entry.source },
    Field("line", "The line in the list, from 1.", "list") { $0.entry.line },
    Field("input", "The line as read.", "list") { RepairedText($0.entry.input) },
    Field("rank", "The rank, where the list has one.", "list") { $0.entry.rank },
    Field("domain", "The domain as asked for: A-labels, lower case.", "list") { $0.entry.domain },
    Field("status", "Whether the line was scanned.", "stsurvey") { $0.status },
    Field("invalid_reason", "Why the line is no domain name.", "RFC 1035 §2.3.4") {
        $0.entry.invalidReason
    },
]

private let verdictFields: [Field<DomainRecord>] = [
    Field("verdict", "What becomes of mail from a compliant sender with no cache.", "judgement") {
        $0.judgement?.verdict
    },
    Field("verdict_reason", "The one reason for the verdict.", "judgement") {
        $0.judgement?.reason
    },
    Field("postfix_verdict", "The same from Postfix, fed by the resolvers in use.", "judgement") {
        $0.judgement?.postfixVerdict
    },
    Field("depends_on_sender", "Whether the two differ, for the domain or a host.", "judgement") {
        $0.judgement?.dependsOnSender
    },
    Field("first_failure", "The first failure in the order a sender goes.", "judgement") {
        $0.judgement?.firstFailure
    },
    Field("tlsrpt_result", "The first result that senders would report.", "RFC 8460 §4.3") {
        $0.judgement?.tlsrptResult
    },
]

private let mxCountFields: [Field<DomainRecord>] = [
    Field("mx_status", "Where mail goes.", "RFC 5321 §5.1, RFC 7505") {
        $0.judgement?.mxStatus
    },
    Field("mx_count", "How many hosts mail goes to.", "RFC 5321 §5.1") {
        $0.judgement?.hosts.count
    },
    Field("mx_reached", "How many of them spoke SMTP.", "SMTP") { $0.judgement?.reachedCount },
    Field("mx_tls", "How many negotiated TLS.", "RFC 3207") { $0.judgement?.tlsCount },
    Field("mx_certificate_ok", "How many have a valid certificate.", "RFC 8461 §4.2") {
        $0.judgement?.certificateOKCount
    },
    Field("mx_matched", "How many the policy allows.", "RFC 8461 §4.1") {
        $0.judgement?.matchedCount
    },
]

private let stsFields: [Field<DomainRecord>] = [
    Field("sts_record_status", "What the MTA-STS record is worth.", "RFC 8461 §3.1") {
        $0.judgement?.record
    },
    Field("sts_id", "The id of a valid record.", "RFC 8461 §3.1") {
        $0.judgement?.recordID.map { OctetText(string: $0) }
    },
    Field("policy_fetch_status", "How the fetch of the policy ended.", "RFC 8461 §3.3") {
        $0.judgement?.policyFetch
    },
    Field("policy_status", "What the policy is worth.", "RFC 8461 §3.2") {
        $0.judgement?.policyStatus
    },
    Field("sts_mode", "The mode of a valid policy.", "RFC 8461 §5") { $0.judgement?.mode },
    Field("sts_max_age", "The max_age of a valid policy, in seconds.", "RFC 8461 §3.2") {
        $0.judgement?.maxAge
    },
    Field("tlsrpt_status", "What the TLSRPT record is worth.", "RFC 8460 §3") {
        $0.judgement?.tlsrpt
    },
    Field("dane_status", "What DANE says of the domain.", "RFC 7672") { $0.judgement?.dane },
]

private let runFields: [Field<DomainRecord>] = [
    Field("scanned_at", "When the scan of the domain began.", "clock") {
        Timestamp(epochSeconds: $0.scannedAt)
    },
    Field("duration_ms", "How long it took, in milliseconds.", "clock") { $0.durationMS },
    Field("rounds", "1, and one more each time a passing failure was asked again.", "stsurvey") {
        $0.observation?.rounds
    },
]

private let detailFields: [Field<DomainRecord>] = [
    .objects("findings", "Everything worth knowing.", "judgement", findingFields) {
        $0.judgement?.findings ?? []
    },
    .group("dns", "The lookups of the domain.", "DNS", dnsFields) { $0.observation != nil },
    .object("policy", "The fetch of the policy.", "RFC 8461 §3.3", policyFields) {
        PolicyRecord(of: $0)
    },
    .object(
        "preload", "Where the domain stands with the list of --preload.", "STARTTLS Everywhere",
        preloadFields
    ) { $0.preload },
    .objects("mx", "The hosts in the order a sender tries them.", "judgement", mxFields) {
        $0.judgement?.hosts ?? []
    },
]

private let findingFields: [Field<SurveyFinding>] = [
    Field("layer", "The part of the pipeline.", "judgement") { $0.layer },
    Field("code", "The stable name of what was found.", "judgement") { $0.code },
    Field("severity", "How much it weighs.", "judgement") { $0.severity },
    Field("section", "The clause of the RFC.", "judgement") { $0.section },
    Field("offset", "The octet of the record or policy, from 0.", "judgement") { $0.offset },
    Field("message", "The finding in words.", "judgement") { $0.message },
    Field("is_contested", "Whether readers of the RFC differ.", "errata") { $0.isContested },
]

private let dnsFields: [Field<DomainRecord>] = [
    .object("mx", "MX of the domain.", "RFC 5321 §5.1", mxLookupFields) { $0.observation?.mx },
    .object("mta_sts", "TXT of `_mta-sts.`", "RFC 8461 §3.1", txtLookupFields) {
        $0.observation?.record
    },
    .object("tlsrpt", "TXT of `_smtp._tls.`", "RFC 8460 §3", txtLookupFields) {
        $0.observation?.tlsrpt
    },
    .object("a", "A of the domain, asked without MX.", "RFC 5321 §5.1", addressLookupFields) {
        $0.observation?.addresses?.a
    },
    .object("aaaa", "AAAA of the domain, asked without MX.", "RFC 5321 §5.1", addressLookupFields) {
        $0.observation?.addresses?.aaaa
    },
]

private let preloadFields: [Field<PreloadJudgement>] = [
    Field("listed", "Whether the list has it.", "STARTTLS Everywhere") { $0.isListed },
    Field("mode", "The mode of its entry, aliases resolved.", "STARTTLS Everywhere") { $0.mode },
    Field("mx_match", "Whether every MX host meets the entry.", "STARTTLS Everywhere") {
        $0.mxMatch
    },
    Field("certificate_match", "Whether every certificate seen does.", "STARTTLS Everywhere") {
        $0.certificateMatch
    },
    Field("eligible", "Whether its own policy is valid for 18 weeks or longer.", "judgement") {
        $0.isEligible
    },
    Field("hint_eligible", "Whether it is enforced, for a week or longer.", "judgement") {
        $0.isHintEligible
    },
]

private let mxFields: [Field<HostJudgement>] = [
    Field("host", "The host; its record is among the hosts.", "RFC 5321 §5.1") { $0.host },
    Field("observation", "Which record of the host; null where it has none.", "stsurvey") {
        $0.observation
    },
    Field("preference", "The preference of the MX record.", "RFC 5321 §5.1") { $0.preference },
    Field("status", "How the probe ended.", "SMTP") { $0.status },
    Field("certificate_status", "What the certificate is worth.", "RFC 8461 §4.2") {
        $0.certificate
    },
    Field("policy_match", "How the mx patterns match.", "RFC 8461 §4.1") { $0.policyMatch },
    Field("near_miss", "How a host that none matches comes near.", "RFC 8461 §4.1") {
        $0.nearMiss
    },
    Field("dane_status", "What DANE says of the host.", "RFC 7672 §2.2") { $0.dane },
    Field("outcome", "What becomes of mail to the host.", "judgement") { $0.outcome },
    Field("postfix_outcome", "The same from Postfix, fed by the resolvers in use.", "judgement") {
        $0.postfixOutcome
    },
    Field("tlsrpt_result", "The result that senders would report.", "RFC 8460 §4.3") {
        $0.tlsrptResult
    },
]
