internal import DNS
internal import Findings
internal import MTASTS

/// What is worth knowing of a null MX beside the status.
enum NullMXAdvice: String, FindingCode {
    case preference = "null_mx_preference"

    var section: String { "RFC 7505 §3" }

    var message: String { "a null MX has the preference 0" }
}

extension Judgement {
    /// Adds what is worth knowing of the way to the hosts: MX, the fetch, and the hosts.
    ///
    /// Where a policy or DANE asks something of a host, each of its failures is a finding. Hosts
    /// that nothing is asked of are told by one warning for each kind of failure, whatever their
    /// number: their record, and the counts of the domain, hold the rest.
    mutating func addPathFindings(_ seen: borrowing DomainObservation, _ route: MailRoute) {
        if route.hasOthers { findings.add(mxFindings(seen.mx.records)) }
        if policyFetch != nil { findings.add(fetchFindings(seen.policy)) }
        // Hosts are large, so that they are looked at where they stand.
        for place in hosts.indices where hosts[place].isAskedSomething {
            findings.add(hostFindings(hosts[place]))
        }
        for place in hosts.indices where hosts[place].failsUnasked {
            findings.add(plainFindings)
            break
        }
    }

    private func mxFindings(_ records: [RecordData]) -> [SurveyFinding] {
        var findings: [SurveyFinding] = []
        if mxStatus == .nullMXPlus {
            findings.append(
                SurveyFinding(
                    .mx, mxStatus.rawValue, .warning, section: "RFC 7505 §3",
                    message: "A null MX stands beside other MX records."))
        }
        for case .mx(let preference, let exchange) in records {
            let target = MXTarget.classify(exchange)
            if target == .null, preference != 0 {
                findings.append(
                    SurveyFinding(
                        .mx, NullMXAdvice.preference.rawValue, .note, section: "RFC 7505 §3",
                        message: "A null MX has the preference 0."))
            }
            guard target.isJunk else { continue }
            findings.append(
                SurveyFinding(
                    .mx, target.rawValue, mxStatus == .junk ? .error : .warning,
                    section: "RFC 5321 §5.1",
                    message: "The MX \(exchange.text) cannot be a host."))
        }
        return findings
    }

    private func fetchFindings(_ policy: PolicyObservation?) -> [SurveyFinding] {
        // What was carried over has no response.
        guard let policy, policy.source == .fetched else { return [] }
        guard policy.status != .ok else {
            return PolicyResponse.findings(contentType: policy.contentType).map {
                SurveyFinding(response: $0)
            }
        }
        // RFC 8461 §3.1: behind a record that is not valid, no sender would have fetched.
        let isLeftAlone = policy.status == .notContacted || policy.status == .blocked
        let isAskedFor = record == .ok && !isLeftAlone
        return [
            SurveyFinding(
                .policyFetch, policy.status.rawValue, isAskedFor ? .error : .warning,
                section: "RFC 8461 §3.3",
                message: policy.error ?? "The policy could not be fetched.")
        ]
    }

    private func hostFindings(_ host: HostJudgement) -> [SurveyFinding] {
        // RFC 8461 §5: testing refuses nothing.
        let severity: SurveyFinding.Severity =
            host.isDANEInForce || mode == .enforce ? .error : .warning
        var findings: [SurveyFinding] = []
        if host.isForbidden {
            let code = host.nearMiss ?? .other
            findings.append(
                SurveyFinding(
                    .mxMatch, code.rawValue, severity, section: "RFC 8461 §4.1",
                    message: "No mx pattern matches \(host.host.text)."))
        }
        if let failure = host.failure?.finding(severity, of: host.host.text) {
            findings.append(failure)
        }
        return findings
    }

    private var plainFindings: [SurveyFinding] {
        var kinds: [(failure: FirstFailure, first: DomainName, count: Int)] = []
        for place in hosts.indices where hosts[place].failsUnasked {
            guard let failure = hosts[place].failure else { continue }
            if let kind = kinds.firstIndex(where: { $0.failure == failure }) {
                kinds[kind].count += 1
            } else {
                kinds.append((failure, hosts[place].host, 1))
            }
        }
        return kinds.compactMap { failure, first, count in
            let others = count > 1 ? " and \(count - 1) more" : ""
            return failure.finding(.warning, of: first.text + others)
        }
    }
}

extension HostJudgement {
    /// Whether a policy or DANE asks something of the host.
    fileprivate var isAskedSomething: Bool { isDANEInForce || policyMatch != nil }

    /// Whether something fails at a host that was reached, and that nothing is asked of.
    fileprivate var failsUnasked: Bool {
        !isAskedSomething && status.isReached && failure != nil
    }
}

extension [SurveyFinding] {
    /// Appends findings; most often there are none, and then no memory is asked for.
    mutating func add(_ others: [SurveyFinding]) {
        if isEmpty { self = others } else if !others.isEmpty { self += others }
    }
}

extension FirstFailure {
    /// A host's failure as a finding; nil where it is none of a host.
    fileprivate func finding(
        _ severity: SurveyFinding.Severity, of host: String
    ) -> SurveyFinding? {
        switch self {
        case .certificate(let status):
            SurveyFinding(
                .certificate, status.rawValue, severity, section: "RFC 8461 §4.2",
                message: "The certificate of \(host) does not verify.")
        case .dane(let status):
            SurveyFinding(
                .dane, status.rawValue, severity, section: "RFC 7672 §2.2",
                message: "\(status.complaint) \(host).")
        case .smtp(let status):
            // A host that was not reached says nothing of its TLS.
            SurveyFinding(
                .smtp, status.rawValue, status.isReached ? severity : .warning,
                section: "RFC 3207 §4", message: "No TLS with \(host).")
        default: nil
        }
    }
}

extension HostDANEStatus {
    fileprivate var complaint: String {
        switch self {
        case .tempfail: "The lookup failed for the TLSA records of"
        case .unusable: "No sender can use the TLSA records of"
        default: "The certificate does not meet the TLSA records of"
        }
    }
}
