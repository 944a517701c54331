package import DNS
public import Findings
internal import Observations
internal import TLSRPT

/// The status of the TXT records at `_smtp._tls.` and the domain (RFC 8460 §3).
public enum TLSRPTStatus: String, DocumentedValue {
    case absent
    case unrelated
    case ok
    case multiple
    case badVersion = "bad_version"
    case missingRUA = "missing_rua"
    case badRUA = "bad_rua"
    case badExtension = "bad_extension"
    case servfail
    case refused
    case timeout
    case unreachable
    case dnsError = "dns_error"

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .absent: "There is no TXT record at the name (RFC 8460 §3)."
        case .unrelated: "TXT is there, and none of it resembles a record (RFC 8460 §3)."
        case .ok: "Exactly one record, and it is valid (RFC 8460 §3)."
        case .multiple: TLSRPTRecordSyntax.multiple.sentence
        case .badVersion: TLSRPTRecordSyntax.badVersion.sentence
        case .missingRUA: TLSRPTRecordSyntax.missingRUA.sentence
        case .badRUA: TLSRPTRecordSyntax.badRUA.sentence
        case .badExtension: TLSRPTRecordSyntax.badExtension.sentence
        case .servfail: LookupFailure.servfail.meaning
        case .refused: LookupFailure.refused.meaning
        case .timeout: LookupFailure.timeout.meaning
        case .unreachable: LookupFailure.unreachable.meaning
        case .dnsError: LookupFailure.dnsError.meaning
        }
    }
}

extension TLSRPTStatus: TXTRecordStatus {}

/// Findings about TLSRPT beside the record at its name.
package enum ReportingAdvice: String, FindingCode {
    case draftName = "draft_name"

    package var section: String { "RFC 8460 §3" }

    package var message: String {
        "the record stands at `_smtp-tlsrpt`, the name of drafts: move it to `_smtp._tls`"
    }
}

extension DomainObservation {
    /// The finding that a TLSRPT record stands at the name that drafts had, where no sender looks.
    ///
    /// A wildcard answers at every name: what stands at `_mta-sts.` as well is not meant for it.
    var draftNameFindings: [SurveyFinding] {
        guard let draft = draftTLSRPT, case let found = draft.texts, !found.isEmpty,
            !Set(found).isSubset(of: Set(record.texts)),
            [.ok, .missingRUA, .badRUA, .badExtension].contains(TLSRPTStatus(of: draft))
        else { return [] }
        return [
            SurveyFinding(
                .tlsrpt, ReportingAdvice.draftName.rawValue, .warning,
                section: ReportingAdvice.draftName.section,
                message: """
                    A TLSRPT record stands at `_smtp-tlsrpt`, the name that drafts had, where no \
                    sender looks: move it to `_smtp._tls`.
                    """)
        ]
    }
}

/// The result of the lookup at `_smtp._tls.`.
struct ReportingJudgement {
    var status: TLSRPTStatus
    var findings: [SurveyFinding] = []

    init(of lookup: Lookup) {
        if let status = TLSRPTStatus(withoutRecords: lookup.status) {
            self.status = status
            return
        }
        let evaluation = TLSRPTRecordEvaluation(records: lookup.texts)
        status = TLSRPTStatus(evaluation.status)
        findings = evaluation.findings.map { SurveyFinding(tlsrpt: $0) }
    }
}

extension TLSRPTStatus {
    /// The status of what a lookup at `_smtp._tls.` has found.
    package init(of lookup: Lookup) { self = ReportingJudgement(of: lookup).status }

    /// The status for records that were found.
    fileprivate init(_ status: TLSRPTRecordSyntax) {
        switch status {
        case .absent: self = .absent
        case .unrelated: self = .unrelated
        case .ok: self = .ok
        case .multiple: self = .multiple
        case .badVersion: self = .badVersion
        case .missingRUA: self = .missingRUA
        case .badRUA: self = .badRUA
        case .badExtension: self = .badExtension
        }
    }
}
