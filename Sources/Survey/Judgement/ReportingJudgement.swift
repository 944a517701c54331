internal import DNS
internal import TLSRPT

/// What the TXT records at `_smtp._tls.` and the domain are worth (RFC 8460 §3).
public enum TLSRPTStatus: String, EnumValues {
    case absent
    /// TXT is there, and none of it resembles a TLSRPT record.
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
}

extension TLSRPTStatus: JudgedLookup {}

/// What the lookup at `_smtp._tls.` comes to.
struct ReportingJudgement {
    var status: TLSRPTStatus
    var findings: [SurveyFinding] = []

    init(of lookup: Lookup) {
        if let status = TLSRPTStatus(withoutRecords: lookup.status) {
            self.status = status
            return
        }
        let evaluation = RecordEvaluation(records: lookup.texts)
        status = TLSRPTStatus(evaluation.status)
        findings = evaluation.findings.map { SurveyFinding(tlsrpt: $0) }
    }
}

extension TLSRPTStatus {
    /// The status that records found come to.
    fileprivate init(_ status: RecordStatus) {
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
