internal import DNS
internal import Judgement
internal import Observations

extension Schema where Root == DomainRecord {
    /// The record of a line of the list.
    public static let domain = Schema(
        name: "domain", version: schemaVersion,
        fields: entryFields + domainStatusFields + runFields + detailFields)
}

private let entryFields: [Field<DomainRecord>] = [
    .version,
    Field("index", "The position among the lines that carry an entry, from 0.", "list") {
        $0.entry.index
    },
    .cached("source", "The list's name as given.", "list") { $0.entry.source },
    Field("line", "The line in the list, from 1.", "list") { $0.entry.line },
    Field(
        "input",
        "The name as the list has it; with `--keep-input` the whole line. Null for what is no name "
            + "and may be about a person.", "list"
    ) { $0.entry.input.map { LossyUTF8($0) } },
    Field("rank", "The rank, where the list has one.", "list") { $0.entry.rank },
    Field("domain", "The domain as asked for: A-labels, lower case.", "list") { $0.entry.domain },
    Field("list", "The columns of the list that `--carry` names, each with its text.", "list") {
        $0.entry.columns
    }.since(2),
]

private let runFields: [Field<DomainRecord>] = [
    .cached("scanned_at", "When the scan of the domain began.", "clock") {
        Timestamp(epochSeconds: $0.scannedAt)
    },
    Field("duration_ms", "How long it took, in milliseconds.", "clock") { $0.durationMS },
    Field("rounds", "Attempts: 1, and one more for each retry of a transient failure.", "stsurvey")
    {
        $0.observation?.rounds
    },
]

private let detailFields: [Field<DomainRecord>] =
    [
        .objects("findings", "Everything worth knowing.", "judgement", findingFields) {
            $0.judgement?.findings ?? []
        },
        .object("dns", "The lookups of the domain.", "DNS", dnsFields) { $0.observation },
    ]
    + Field.usuallyNull(
        usuallyNullFields,
        where: {
            $0.observation?.policyFetchStatus == nil && $0.preload == nil
                && $0.observation?.previous == nil
        }) + [
        .objects("mx", "The hosts in the order a sender tries them.", "judgement", mxFields) {
            $0.judgement?.hosts ?? []
        }
    ]

private let usuallyNullFields: [Field<DomainRecord>] = [
    .object("policy", "The fetch of the policy.", "RFC 8461 §3.3", policyFields) {
        PolicyRecord(of: $0)
    },
    .object(
        "preload", "Where the domain stands with the list of --preload.", "STARTTLS Everywhere",
        preloadFields
    ) { $0.preload },
    .object(
        "previous", "What the scan of --previous knows of a domain with a record.", "stsurvey",
        previousFields
    ) { PreviousRecord(of: $0) },
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

private let dnsFields: [Field<DomainObservation>] =
    [.object("mx", "MX of the domain.", "RFC 5321 §5.1", mxLookupFields) { $0.mx }]
    + Field.cached(otherLookupFields) { OtherLookups(of: $0) }

/// The lookups of a domain apart from that of MX: nearly all of them are the same.
private struct OtherLookups: Equatable {
    let record: Lookup
    let tlsrpt: Lookup
    let draftTLSRPT: Lookup?
    let a: Lookup?
    let aaaa: Lookup?

    init(of seen: borrowing DomainObservation) {
        record = seen.record
        tlsrpt = seen.tlsrpt
        draftTLSRPT = seen.draftTLSRPT
        a = seen.addresses?.a
        aaaa = seen.addresses?.aaaa
    }
}

private let otherLookupFields: [Field<OtherLookups>] = [
    .object("mta_sts", "TXT of `_mta-sts.`", "RFC 8461 §3.1", txtLookupFields) { $0.record },
    .object("tlsrpt", "TXT of `_smtp._tls.`", "RFC 8460 §3", txtLookupFields) { $0.tlsrpt },
    .object(
        "tlsrpt_draft", "TXT of `_smtp-tlsrpt.`; asked without the above.", "drafts of RFC 8460",
        txtLookupFields
    ) { $0.draftTLSRPT }.since(2),
    .object("a", "A of the domain, asked without MX.", "RFC 5321 §5.1", addressLookupFields) {
        $0.a
    },
    .object("aaaa", "AAAA of the domain, asked without MX.", "RFC 5321 §5.1", addressLookupFields) {
        $0.aaaa
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

private let mxFields: [Field<HostJudgement>] =
    [
        Field("host", "The host; its record is among the hosts.", "RFC 5321 §5.1") { $0.host },
        Field("observation", "Which record of the host; null where it has none.", "stsurvey") {
            $0.observation
        },
        Field("preference", "The preference of the MX record.", "RFC 5321 §5.1") { $0.preference },
    ] + hostStatusFields
