internal import DNS
internal import Judgement
internal import MTASTS
internal import Observations

/// The keys of a domain that people count.
let domainStatusFields: [Field<DomainRecord>] =
    Field.cached(scopeFields + verdictFields + mxCountFields + stsFields) {
        DomainStatus($0, $0.judgement)
    }

/// What a record says of a domain as statuses and numbers: all that those keys can show.
private struct DomainStatus: Equatable {
    // First, since it is what differs most often.
    var mxCount: Int?
    var status: DomainRecord.Status
    var invalidReason: NameRejection?
    var verdict: Verdict?
    var reason: VerdictReason?
    var senderVerdicts: SenderVerdicts?
    var dependsOnSender: Bool?
    var firstFailure: FirstFailure?
    var tlsrptResult: TLSRPTResult?
    var mx: MXStatus?
    var reachedCount: Int?
    var tlsCount: Int?
    var certificateOKCount: Int?
    var matchedCount: Int?
    var record: STSRecordStatus?
    var recordID: [UInt8]?
    var policyFetch: PolicyFetchStatus?
    var policySource: PolicySource?
    var policy: PolicyStatus?
    var mode: Mode?
    var maxAge: Int?
    var tlsrpt: TLSRPTStatus?
    var dane: DomainDANEStatus?

    /// That of a record; of what was found only where there is a judgement.
    init(_ record: borrowing DomainRecord, _ judgement: borrowing Judgement?) {
        status = record.status
        invalidReason = record.entry.invalidReason
        // Not by a guard: that would copy a judgement, which is large.
        switch judgement {
        case nil: break
        case let judgement?:
            verdict = judgement.verdict
            reason = judgement.reason
            senderVerdicts = judgement.senderVerdicts
            let counts = judgement.hostCounts
            dependsOnSender = judgement.dependsOnSender(counts)
            firstFailure = judgement.firstFailure
            tlsrptResult = judgement.tlsrptResult
            mx = judgement.mxStatus
            mxCount = judgement.hosts.count
            reachedCount = counts.reached
            tlsCount = counts.tls
            certificateOKCount = counts.certificateOK
            matchedCount = counts.matched
            self.record = judgement.record
            recordID = judgement.recordID
            policyFetch = judgement.policyFetch
            policySource = judgement.policySource
            policy = judgement.policyStatus
            mode = judgement.mode
            maxAge = judgement.maxAge
            tlsrpt = judgement.tlsrpt
            dane = judgement.dane
        }
    }
}

private let scopeFields: [Field<DomainStatus>] = [
    Field("status", "Whether the line was scanned.", "stsurvey") { $0.status },
    Field("invalid_reason", "Why the line is no domain name.", "RFC 1035 §2.3.4") {
        $0.invalidReason
    },
]

private let verdictFields: [Field<DomainStatus>] = [
    Field("verdict", "What becomes of mail from a compliant sender with no cache.", "judgement") {
        $0.verdict
    },
    Field("verdict_reason", "The one reason for the verdict.", "judgement") { $0.reason },
    Field("postfix_verdict", "That of `postfix_legacy_tlspol`, under its old key.", "judgement") {
        $0.senderVerdicts?[.postfix]
    },
    Field("depends_on_sender", "Whether the two differ, for the domain or a host.", "judgement") {
        $0.dependsOnSender
    },
    .object("verdicts", "The verdict for each sender.", "judgement", senderFields) {
        $0.senderVerdicts
    }.since(2),
    Field("first_failure", "The first cause of the verdict, in a sender's order.", "judgement") {
        $0.firstFailure
    },
    Field("tlsrpt_result", "The first result that senders would report.", "RFC 8460 §4.3") {
        $0.tlsrptResult
    },
]

private let senderFields: [Field<SenderVerdicts>] = Sender.allCases.map { sender in
    Field(sender.rawValue, sender.meaning, "judgement") { $0[sender] }
}

private let mxCountFields: [Field<DomainStatus>] = [
    Field("mx_status", "Where mail goes.", "RFC 5321 §5.1, RFC 7505") { $0.mx },
    Field("mx_count", "How many hosts mail goes to.", "RFC 5321 §5.1") { $0.mxCount },
    Field("mx_reached", "How many of them spoke SMTP.", "SMTP") { $0.reachedCount },
    Field("mx_tls", "How many negotiated TLS.", "RFC 3207") { $0.tlsCount },
    Field("mx_certificate_ok", "How many have a valid certificate.", "RFC 8461 §4.2") {
        $0.certificateOKCount
    },
    Field("mx_matched", "How many the policy allows.", "RFC 8461 §4.1") { $0.matchedCount },
]

private let stsFields: [Field<DomainStatus>] = [
    Field("sts_record_status", "Status of the MTA-STS record.", "RFC 8461 §3.1") {
        $0.record
    },
    Field("sts_id", "The id of a valid record.", "RFC 8461 §3.1") {
        $0.recordID.map { EscapedOctets(string: $0) }
    },
    Field("policy_fetch_status", "How the fetch of the policy ended.", "RFC 8461 §3.3") {
        $0.policyFetch
    },
    Field("policy_source", "Whether this scan fetched it.", "RFC 8461 §5.1") { $0.policySource },
    Field("policy_status", "Status of the policy.", "RFC 8461 §3.2") { $0.policy },
    Field("sts_mode", "The mode of a valid policy.", "RFC 8461 §5") { $0.mode },
    Field("sts_max_age", "The max_age of a valid policy, in seconds.", "RFC 8461 §3.2") {
        $0.maxAge
    },
    Field("tlsrpt_status", "Status of the TLSRPT record.", "RFC 8460 §3") { $0.tlsrpt },
    Field("dane_status", "What DANE says of the domain.", "RFC 7672") { $0.dane },
]

/// The keys of an MX host of a domain, its name and preference apart.
let hostStatusFields: [Field<HostJudgement>] =
    Field.cached(hostFields) { HostStatus($0) }

/// What a record says of an MX host of a domain: all that those keys can show.
private struct HostStatus: Equatable {
    var status: ProbeStatus
    package var certificate: CertificateStatus?
    var policyMatch: MXMatch?
    var nearMiss: NearMiss?
    var dane: HostDANEStatus
    var daneFailure: DANEFailure?
    var outcome: HostOutcome
    var postfixOutcome: HostOutcome
    var tlsrptResult: TLSRPTResult?

    init(_ host: borrowing HostJudgement) {
        status = host.status
        certificate = host.certificate
        policyMatch = host.policyMatch
        nearMiss = host.nearMiss
        dane = host.dane
        daneFailure = host.daneFailure
        outcome = host.outcome
        postfixOutcome = host.postfixOutcome
        tlsrptResult = host.tlsrptResult
    }
}

private let hostFields: [Field<HostStatus>] = [
    Field("status", "How the probe ended.", "SMTP") { $0.status },
    Field("certificate_status", "Status of the certificate.", "RFC 8461 §4.2") {
        $0.certificate
    },
    Field("policy_match", "How the mx patterns match.", "RFC 8461 §4.1") { $0.policyMatch },
    Field("near_miss", "How a host that none matches comes near.", "RFC 8461 §4.1") {
        $0.nearMiss
    },
    Field("dane_status", "What DANE says of the host.", "RFC 7672 §2.2") { $0.dane },
    Field("dane_failure", "Why its TLSA records are not met.", "RFC 7672") {
        $0.daneFailure
    }.since(2),
    Field("outcome", "What becomes of mail to the host.", "judgement") { $0.outcome },
    Field("postfix_outcome", "That for `postfix_legacy_tlspol`.", "judgement") {
        $0.postfixOutcome
    },
    Field("tlsrpt_result", "The result that senders would report.", "RFC 8460 §4.3") {
        $0.tlsrptResult
    },
]
