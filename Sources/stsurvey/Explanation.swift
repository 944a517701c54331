import Console
import DNS
import Judgement
import Lint
import MTASTS
import Observations
import Records
import SMTP
import Scan

/// The result for one domain, step by step, as text.
struct Explanation {
    private let checked: CheckedDomain
    private var lines: [String] = []

    init(_ checked: CheckedDomain) {
        self.checked = checked
        lines.append(checked.domain.text)
        explainMX()
        explainRecord()
        explainPolicy()
        for host in judged.hosts { explain(host) }
        explainReports()
        explainFindings()
        explainVerdict()
    }

    /// The explanation, safe for a terminal: whatever a peer sent is shown without control
    /// characters.
    var text: String {
        lines.map(Message.visible).joined(separator: "\n") + "\n"
    }

    private var seen: DomainObservation { checked.observation }
    private var judged: Judgement { checked.judgement }

    private mutating func say(_ title: String, _ text: String) {
        let padding = String(repeating: " ", count: max(1, 12 - title.count))
        lines.append("  \(title)\(padding)\(text)")
    }

    private mutating func add(_ text: String) { say("", text) }

    // MARK: Steps

    private mutating func explainMX() {
        let secure = seen.mx.isAuthenticated && checked.trustsAD ? ", authenticated by DNSSEC" : ""
        switch judged.mxStatus {
        case .hasMX, .nullMXPlus:
            let hosts = judged.hosts.map { "\($0.host.text) (\($0.preference))" }
            say("MX", "mail goes to \(hosts.joined(separator: ", "))\(secure)")
        case .implicit: say("MX", "none; mail goes to the domain's own address (implicit MX)")
        case .nullMX: say("MX", "null MX: the domain takes no mail (RFC 7505)")
        case .nxdomain: say("MX", "the domain does not exist")
        case .nodata: say("MX", "neither MX nor address: nothing takes mail")
        case .junk: say("MX", "no MX names a host that could take mail")
        case .servfail, .refused, .timeout, .unreachable, .dnsError:
            say("MX", "unknown: the question ended as \(judged.mxStatus.rawValue)")
        }
    }

    private mutating func explainRecord() {
        let texts = quoted(seen.record)
        switch judged.record {
        case .ok: say("record", "\(texts.joined(separator: " ")) is valid")
        case .absent: say("record", "none at _mta-sts.\(checked.domain.text): no MTA-STS")
        case .servfail, .refused, .timeout, .unreachable, .dnsError:
            say("record", "unknown: the question ended as \(judged.record.rawValue)")
        default:
            say("record", "not valid (\(judged.record.rawValue)): \(texts.joined(separator: " "))")
        }
    }

    private mutating func explainPolicy() {
        guard let policy = seen.policy else { return }
        let place =
            policy.address.map { address in
                " (\(address)\(self.place(of: address, in: checked.policyNetworks)))"
            } ?? ""
        if policy.status == .ok {
            say("policy", "fetched from \(policy.host.text)\(place)\(tls(policy.tls))")
        } else {
            let reason = policy.error.map { ": \($0)" } ?? ""
            say(
                "policy",
                "not fetched from \(policy.host.text)\(place): \(policy.status.rawValue)\(reason)")
        }
        guard let status = judged.policyStatus else { return }
        guard status == .ok, let mode = judged.mode, let maxAge = judged.maxAge else {
            return add("not valid: \(status.rawValue)")
        }
        let patterns = judged.patterns.isEmpty ? "none" : patternList
        add("mode \(mode.rawValue), max_age \(maxAge) (\(days(maxAge))), mx \(patterns)")
    }

    private mutating func explain(_ host: HostJudgement) {
        let observation = seen.hosts.first { $0.name == host.host }
        let session = host.isDANEInForce ? observation?.sessionByDANE : observation?.session
        say("host", host.host.text)
        if let address = session?.address {
            add("at \(address)\(place(of: address, in: checked.hostNetworks[host.host]))")
        }
        if host.status == .ok {
            add("STARTTLS\(tls(session?.tls))")
        } else {
            let reason = (session?.error ?? session?.lastWords).map { ": \($0)" } ?? ""
            add("no TLS: \(host.status.rawValue)\(reason)")
        }
        if let certificate = session?.tls?.certificate { explain(certificate) }
        switch host.policyMatch {
        case .literal: add("named by the policy")
        case .wildcard: add("allowed by a wildcard of the policy")
        case .some:
            add("not allowed by the policy\(host.nearMiss.map { " (\($0.rawValue))" } ?? "")")
        case nil: break
        }
        add("DANE: \(host.dane.rawValue); outcome: \(host.outcome.rawValue)")
    }

    private mutating func explain(_ certificate: CertificateObservation) {
        let names = certificate.names.prefix(4).joined(separator: ", ")
        let more = certificate.names.count > 4 ? ", and \(certificate.names.count - 4) more" : ""
        let end = Timestamp(epochSeconds: certificate.notAfter).text
        let errors = certificate.errors.map(\.rawValue).joined(separator: ", ")
        add(
            "certificate for \(names.isEmpty ? "no name" : names)\(more), until \(end)"
                + (errors.isEmpty ? ": valid" : ": \(errors)"))
    }

    private mutating func explainReports() {
        let texts = quoted(seen.tlsrpt)
        let shown = judged.tlsrpt == .absent ? "none" : texts.joined(separator: " ")
        say("TLSRPT", judged.tlsrpt == .ok ? shown : "\(judged.tlsrpt.rawValue): \(shown)")
    }

    private mutating func explainFindings() {
        for (place, finding) in judged.findings.enumerated() {
            say(
                place == 0 ? "findings" : "",
                "\(finding.message) (\(finding.code), \(finding.section))")
        }
    }

    private mutating func explainVerdict() {
        let failure = judged.firstFailure.map { "; first failure: \($0.text)" } ?? ""
        say("verdict", "\(judged.verdict.rawValue), because of \(judged.reason.rawValue)\(failure)")
        guard judged.senderVerdicts.differ else { return }
        for verdict in Verdict.allCases {
            let senders = Sender.allCases.filter { judged.senderVerdicts[$0] == verdict }
            guard !senders.isEmpty else { continue }
            add("\(verdict.rawValue) from \(senders.map(\.rawValue).joined(separator: ", "))")
        }
    }

    // MARK: Texts

    /// What the files of --asn-file say of an address; empty where nothing.
    private func place(of address: IPAddress, in networks: [AddressNetwork]?) -> String {
        guard let network = networks?.first(where: { $0.address == address }) else { return "" }
        let systems = network.systems.map { "AS\($0)" }.joined(separator: ", ")
        let known = [systems.isEmpty ? nil : systems, network.name, network.country]
            .compactMap(\.self)
        return known.isEmpty ? ", AS unknown" : ", " + known.joined(separator: " ")
    }

    private var patternList: String {
        judged.patterns.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
    }

    private func quoted(_ lookup: Lookup) -> [String] {
        lookup.texts.map { "\"\(String(decoding: $0.joined(), as: UTF8.self))\"" }
    }

    private func tls(_ tls: TLSObservation?) -> String {
        guard let tls, let version = tls.version else { return "" }
        return [version, tls.cipher, tls.group].compactMap(\.self).reduce("") { $0 + ", " + $1 }
    }

    private func days(_ seconds: Int) -> String {
        seconds % 86_400 == 0 ? "\(seconds / 86_400) days" : "\(seconds) seconds"
    }
}

extension SessionObservation {
    /// The alert, or before TLS the last reply on one line; nil after the handshake.
    fileprivate var lastWords: String? {
        if let alert = tls?.alert { return alert }
        guard tls == nil, let reply = replies.starttls ?? replies.ehlo ?? replies.greeting else {
            return nil
        }
        return String(decoding: reply.bytes, as: UTF8.self)
            .split(separator: "\n").joined(separator: " / ")
    }
}
