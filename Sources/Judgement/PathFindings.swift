internal import DNS
internal import Findings
internal import MTASTS
internal import Observations
internal import SMTP

/// Findings about the MX records beside the status.
package enum MXAdvice: String, FindingCode {
    case nullPreference = "null_mx_preference"
    case hostSkipped = "host_skipped"

    var section: String {
        switch self {
        case .nullPreference: "RFC 7505 §3"
        case .hostSkipped: "RFC 8461 §5"
        }
    }

    var message: String {
        switch self {
        case .nullPreference: "a null MX has the preference 0"
        case .hostSkipped: "senders skip a host that fails and deliver to others, protected"
        }
    }
}

/// Findings about a host's certificate beside its status.
package enum CertificateAdvice: String, FindingCode {
    case weakKey = "weak_key"
    case expiresSoon = "expires_soon"

    var section: String {
        switch self {
        case .weakKey: "RFC 9325 §4.5"
        case .expiresSoon: "RFC 5280 §4.1.2.5"
        }
    }

    var message: String {
        switch self {
        case .weakKey: "contested: a key of the chain has less than 112 bits of strength"
        case .expiresSoon: "less than a tenth of the certificate's lifetime is left"
        }
    }

    /// Of keys, Postfix accepts 80 bits, others require 112.
    var isContested: Bool { self == .weakKey }

    /// The strength that RFC 9325 §4.5 requires of keys, in bits.
    static let strengthMin = 112

    /// What must be left of a lifetime, in percent.
    ///
    /// ACME clients renew when a third is left: 9 of 90 days, or 14 hours of 6 days, say that the
    /// renewal has failed for long.
    static let percentLeftMin = 10
}

/// Findings about the sessions with a host beside the status and the form of its replies.
package enum SessionAdvice: String, FindingCode {
    case addressFails = "address_fails"

    var section: String { "RFC 5321 §5.1" }

    var message: String { "an address of a host fails, and senders use another that does not" }
}

extension Judgement {
    /// Adds the findings about the way to the hosts: MX, the fetch, and the hosts.
    ///
    /// Where a policy or DANE requires something of a host, each of its failures is a finding. For
    /// hosts of which nothing is required there is one warning for each kind of failure, whatever
    /// their number; their own records and the counts of the domain have the rest.
    mutating func addPathFindings(_ seen: borrowing DomainObservation, _ route: MXTargets) {
        if route.hasOthers { findings.add(mxFindings(seen.mx.records)) }
        if policyFetch != nil { findings.add(fetchFindings(seen.policy)) }
        if verdict == .protectedDANE || verdict == .protectedSTS {
            findings.add(skippedFindings)
        }
        // Hosts are large, so they are read in place.
        for place in hosts.indices where hosts[place].isAskedSomething {
            findings.add(hostFindings(hosts[place]))
        }
        for place in hosts.indices where hosts[place].failsUnasked {
            findings.add(plainFindings)
            break
        }
        for place in hosts.indices where hosts[place].daysLeftLast != nil {
            findings.add(expiryFindings)
            break
        }
        for place in hosts.indices where !hosts[place].failingAddresses.isEmpty {
            findings.add(addressFindings(hosts[place]))
        }
        for place in hosts.indices where !hosts[place].deviations.isEmpty {
            findings.add(replyFindings)
            break
        }
    }

    /// The addresses at which a host fails that is good at another, in one finding.
    private func addressFindings(_ host: HostJudgement) -> [SurveyFinding] {
        let addresses = host.failingAddresses.map { "\($0.address) (\($0.failure))" }
        let severity: SurveyFinding.Severity = host.isAskedSomething ? .warning : .note
        return [
            SurveyFinding(
                .smtp, SessionAdvice.addressFails.rawValue, severity,
                section: SessionAdvice.addressFails.section,
                message: """
                    \(host.host.text) fails at \(addresses.joined(separator: ", ")); senders use \
                    another of its addresses.
                    """)
        ]
    }

    /// The hosts whose valid certificates are near their end, in one finding.
    private var expiryFindings: [SurveyFinding] {
        let late = hosts.filter { $0.daysLeftLast != nil }
        guard let first = late.first, let days = first.daysLeftLast else { return [] }
        let others = late.count > 1 ? " and \(late.count - 1) more" : ""
        return [
            SurveyFinding(
                .certificate, CertificateAdvice.expiresSoon.rawValue,
                late.contains(where: \.isAskedSomething) ? .warning : .note,
                section: CertificateAdvice.expiresSoon.section,
                message: """
                    The certificate of \(first.host.text)\(others) ends in \(days) days: less than \
                    a tenth of its lifetime is left.
                    """)
        ]
    }

    /// How replies of hosts differ from the grammar, one finding for each way.
    private var replyFindings: [SurveyFinding] {
        ReplyDeviation.allCases.compactMap { deviation in
            let hosts = hosts.filter { $0.deviations.contains(deviation) }
            guard let first = hosts.first else { return nil }
            let others = hosts.count > 1 ? " and \(hosts.count - 1) more" : ""
            return SurveyFinding(
                .smtp, deviation.rawValue, .note, section: deviation.section,
                message: "\(first.host.text)\(others): \(deviation.message).")
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
                        .mx, MXAdvice.nullPreference.rawValue, .note, section: "RFC 7505 §3",
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

    /// The hosts that senders skip, as the mail goes to others that are protected.
    private var skippedFindings: [SurveyFinding] {
        hosts.lazy.filter { $0.outcome == .refused }.map { host in
            SurveyFinding(
                .mx, MXAdvice.hostSkipped.rawValue, .warning,
                section: host.isDANEInForce ? "RFC 7672 §2.2" : MXAdvice.hostSkipped.section,
                message: "Senders skip \(host.host.text), which fails, and deliver to others.")
        }
    }

    private func fetchFindings(_ policy: PolicyObservation?) -> [SurveyFinding] {
        // What was carried over has no response.
        guard let policy, policy.source == .fetched, policy.status != .notFetched else { return [] }
        let coding = policy.isCodedUnasked ? [PolicyAdvice.contentEncoding.at(0)] : []
        guard policy.status != .ok else {
            return (PolicyResponse.findings(contentType: policy.contentType) + coding).map {
                SurveyFinding(response: $0)
            }
        }
        // RFC 8461 §3.1: after a record that is not valid, no sender would have fetched.
        let isLeftAlone = policy.status == .notContacted || policy.status == .blocked
        let isAskedFor = record == .ok && !isLeftAlone
        return [
            SurveyFinding(
                .policyFetch, policy.status.rawValue, isAskedFor ? .error : .warning,
                section: "RFC 8461 §3.3",
                message: policy.error ?? "The policy could not be fetched.")
        ] + coding.map { SurveyFinding(response: $0) }
    }

    private func hostFindings(_ host: HostJudgement) -> [SurveyFinding] {
        // RFC 8461 §5: testing refuses nothing.
        let severity: SurveyFinding.Severity =
            host.isDANEInForce || mode == .enforce ? .error : .warning
        var findings: [SurveyFinding] = []
        if host.isForbidden { findings.append(mxMatchFinding(host, severity)) }
        if var failure = host.failure?.finding(severity, of: host.host.text) {
            if failure.layer == .dane, let reason = host.daneFailure {
                failure.message += " " + reason.meaning
            }
            findings.append(failure)
        }
        if let failure = host.failureWithoutDANE { findings += policyFindings(host, failure) }
        if host.isDANELeftToPolicy {
            findings.append(
                SurveyFinding(
                    .dane, host.dane.rawValue, .warning, section: "RFC 8461 §2, RFC 7672 §2.2",
                    message: "contested: no sender can use the TLSA records of \(host.host.text); "
                        + "for some TLS is then mandatory, for others the policy decides.",
                    isContested: true))
        }
        if host.hasWeakKey {
            findings.append(
                SurveyFinding(
                    .certificate, CertificateAdvice.weakKey.rawValue, .warning,
                    section: CertificateAdvice.weakKey.section,
                    message: "A key in the chain of \(host.host.text) is weak: senders differ.",
                    isContested: CertificateAdvice.weakKey.isContested))
        }
        return findings
    }

    private func mxMatchFinding(
        _ host: HostJudgement, _ severity: SurveyFinding.Severity
    ) -> SurveyFinding {
        SurveyFinding(
            .mxMatch, (host.nearMiss ?? .other).rawValue, severity, section: "RFC 8461 §4.1",
            message: "No mx pattern matches \(host.host.text).")
    }

    /// What the policy refuses of a host for which DANE decides: not all senders validate DANE.
    private func policyFindings(
        _ host: HostJudgement, _ failure: FirstFailure
    ) -> [SurveyFinding] {
        let found =
            failure == .mxMatch
            ? mxMatchFinding(host, .warning) : failure.finding(.warning, of: host.host.text)
        guard var found else { return [] }
        found.message += " Senders that do not use DANE go by the policy."
        return [found]
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
    /// Whether a policy or DANE requires something of the host.
    fileprivate var isAskedSomething: Bool { isDANEInForce || policyMatch != nil }

    /// Whether something fails at a host that was reached, and of which nothing is required.
    fileprivate var failsUnasked: Bool {
        !isAskedSomething && status.isReached && failure != nil
    }
}

extension PolicyObservation {
    /// Whether a content coding was applied that was not asked for.
    fileprivate var isCodedUnasked: Bool {
        guard let coding = contentEncoding else { return false }
        return !coding.isEmpty && !coding[...].spells(ignoringCase: "identity")
    }
}

extension [SurveyFinding] {
    /// Appends findings; most often there are none, and then no memory is allocated.
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
                section: status.isRefusal ? "RFC 5321 §4.2.1" : "RFC 3207 §4",
                message: status.complaint(of: host), isContested: status == .starttls2xx)
        default: nil
        }
    }
}

extension ProbeStatus {
    /// Whether the host refuses the client, or the moment.
    fileprivate var isRefusal: Bool {
        switch self {
        case .greeting4xx, .greeting5xx, .ehlo4xx, .ehlo5xx, .ehloRejected, .starttls4xx: true
        default: false
        }
    }

    fileprivate func complaint(of host: String) -> String {
        switch self {
        case .starttls2xx:
            "\(host) answers STARTTLS by another code than 220: contested, senders differ."
        case _ where isRefusal:
            "\(host) refuses this client, or does so now: of its TLS nothing is known."
        case .tlsOldVersion: "\(host) has no TLS of version 1.2 or later."
        default: "No TLS with \(host)."
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
