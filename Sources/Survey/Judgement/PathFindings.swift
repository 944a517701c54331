internal import DNS
internal import MTASTS

extension Judgement {
    /// What is worth knowing of the way to the hosts: MX, the fetch, and each host that a policy
    /// or DANE has something to ask of.
    func pathFindings(_ seen: DomainObservation) -> [SurveyFinding] {
        mxFindings(seen) + fetchFindings(seen.policy) + hosts.flatMap { hostFindings($0) }
    }

    private func mxFindings(_ seen: DomainObservation) -> [SurveyFinding] {
        var findings: [SurveyFinding] = []
        if mxStatus == .nullMXPlus {
            findings.append(
                SurveyFinding(
                    .mx, mxStatus.rawValue, section: "RFC 7505 §3",
                    message: "A null MX stands beside other MX records."))
        }
        for exchange in seen.mx.exchanges {
            let target = MXTarget.classify(exchange.name)
            guard target.isJunk else { continue }
            findings.append(
                SurveyFinding(
                    .mx, target.rawValue, section: "RFC 5321 §5.1",
                    message: "The MX \(exchange.name.text) cannot be a host."))
        }
        return findings
    }

    private func fetchFindings(_ policy: PolicyObservation?) -> [SurveyFinding] {
        guard let policy else { return [] }
        var findings: [SurveyFinding] = []
        if policy.status != .ok {
            findings.append(
                SurveyFinding(
                    .policyFetch, policy.status.rawValue, section: "RFC 8461 §3.3",
                    message: policy.error ?? "The policy could not be fetched."))
        } else {
            findings += PolicyResponse.findings(contentType: policy.contentType).map {
                SurveyFinding(.policyFetch, $0)
            }
        }
        return findings
    }

    private func hostFindings(_ host: HostJudgement) -> [SurveyFinding] {
        guard host.isDANEInForce || host.policyMatch != nil else { return [] }
        var findings: [SurveyFinding] = []
        if host.isForbidden {
            let code = host.nearMiss ?? .other
            findings.append(
                SurveyFinding(
                    .mxMatch, code.rawValue, section: "RFC 8461 §4.1",
                    message: "No mx pattern matches \(host.host.text)."))
        }
        if let failure = host.failureFinding { findings.append(failure) }
        return findings
    }
}

extension HostJudgement {
    /// The host's failure as a finding.
    fileprivate var failureFinding: SurveyFinding? {
        switch failure {
        case .certificate(let status):
            SurveyFinding(
                .certificate, status.rawValue, section: "RFC 8461 §4.2",
                message: "The certificate of \(host.text) does not verify.")
        case .dane(let status):
            SurveyFinding(
                .dane, status.rawValue, section: "RFC 7672 §2.2",
                message: "The TLSA records of \(host.text) are not met.")
        case .smtp(let status):
            SurveyFinding(
                .smtp, status.rawValue, section: "RFC 3207 §4",
                message: "No TLS with \(host.text).")
        default: nil
        }
    }
}
