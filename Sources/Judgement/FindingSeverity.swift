internal import Findings
internal import MTASTS
internal import TLSRPT

extension SurveyFinding {
    /// A finding of a record at `_mta-sts.`: a fault leaves the domain without a policy.
    init(record finding: Findings.Finding) {
        let advice = STSRecordAdvice(rawValue: finding.code)
        self.init(.record, finding, advice?.severity ?? .error)
    }

    /// A finding of a policy's text: a fault leaves the domain without a policy.
    init(policy finding: Findings.Finding) {
        self.init(.policy, finding, PolicyAdvice(rawValue: finding.code)?.severity ?? .error)
    }

    /// A finding of the response that bore a policy.
    init(response finding: Findings.Finding) {
        self.init(.policyFetch, finding, PolicyAdvice(rawValue: finding.code)?.severity ?? .error)
    }

    /// A finding of a record at `_smtp._tls.`: a fault leaves the domain without reports.
    init(tlsrpt finding: Findings.Finding) {
        let advice = TLSRPTRecordAdvice(rawValue: finding.code)
        self.init(.tlsrpt, finding, advice?.severity ?? .error)
    }
}

extension STSRecordAdvice {
    fileprivate var severity: SurveyFinding.Severity {
        switch self {
        case .dupField, .versionDelimiter: .warning
        case .unknownField: .note
        }
    }
}

extension TLSRPTRecordAdvice {
    fileprivate var severity: SurveyFinding.Severity {
        switch self {
        case .dupField, .versionDelimiter, .unknownScheme: .warning
        case .unknownField: .note
        }
    }
}

extension PolicyAdvice {
    /// A warning where senders in the field differ, or the protection is weaker than it looks.
    fileprivate var severity: SurveyFinding.Severity {
        switch self {
        case .dupKey, .mixedLineEnds, .blankLine, .bom, .shortMaxAge, .contentType,
            .contentEncoding, .sendersDiffer:
            .warning
        case .unknownKey, .maxAgeDigits, .charset: .note
        }
    }
}
