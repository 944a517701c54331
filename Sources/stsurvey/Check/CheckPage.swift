import Console
import DNS
import Explanations
import Judgement
import MTASTS
import Observations
import Records
import SMTP
import Scan

/// The result for one domain, laid out for people: what becomes of mail, what is wrong and how it
/// is mended, then the facts.
struct CheckPage {
    private let checked: CheckedDomain
    private let diagnosis: Diagnosis
    private var page: Page

    /// Where facts begin beside their titles.
    private static let column = 12
    /// How many hosts are shown, and how many records.
    private static let hostsMax = 16
    private static let recordsMax = 6

    init(_ checked: CheckedDomain, _ style: PageStyle) {
        self.checked = checked
        diagnosis = checked.diagnosis
        page = Page(style)
        page.add(diagnosis, isProtected: judged.verdict.isProtected)
        page.addGap()
        page.add("Facts about \(checked.domain.text)", .strong)
        addMX()
        addRecord()
        addPolicy()
        for host in judged.hosts.prefix(Self.hostsMax) { add(host) }
        let left = judged.hosts.count - Self.hostsMax
        if left > 0 { say("host", "\(left) more, which --json shows") }
        addReports()
        addSenders()
        addCodes()
    }

    /// The page as text, safe for a terminal.
    var text: String { page.text }

    private var seen: DomainObservation { checked.observation }
    private var judged: Judgement { checked.judgement }

    private mutating func say(_ title: String, _ text: String) {
        page.add(text, titled: title, indent: 2, column: Self.column)
    }

    private mutating func add(_ text: String) { say("", text) }

    // MARK: Facts

    private mutating func addMX() {
        let isSecure = seen.mx.isAuthenticated && checked.trustsAD
        switch judged.mxStatus {
        case .hasMX, .nullMXPlus:
            let hosts = judged.hosts.map { "\($0.host.text) (\($0.preference))" }
            say("MX", "mail goes to \(listed(hosts, Self.hostsMax, separator: ", "))")
            if isSecure { add("authenticated by DNSSEC") }
        case .implicit: say("MX", "none; mail goes to the domain's own address (implicit MX)")
        case .nullMX: say("MX", "null MX: the domain takes no mail (RFC 7505)")
        case .nxdomain: say("MX", "the domain does not exist")
        case .nodata: say("MX", "neither MX nor address: nothing takes mail")
        case .junk: say("MX", "no MX names a host that could take mail")
        case .servfail, .refused, .timeout, .unreachable, .dnsError:
            say("MX", "not known, because the lookup failed")
        }
    }

    private mutating func addRecord() {
        let texts = quoted(seen.record, like: "v=sts")
        switch judged.record {
        case .ok: say("record", "\(texts) is valid")
        case .absent: say("record", "none at _mta-sts.\(checked.domain.text)")
        case .unrelated: say("record", "none for MTA-STS, but: \(texts)")
        case .servfail, .refused, .timeout, .unreachable, .dnsError:
            say("record", "not known, because the lookup failed")
        case .multiple, .badVersion, .missingID, .badID, .badExtension, .badField, .nonASCII:
            say("record", "\(texts) is not valid")
        }
    }

    private mutating func addPolicy() {
        guard let policy = seen.policy else { return }
        let place =
            policy.address.map { " (\($0)\(self.place(of: $0, in: checked.policyNetworks)))" } ?? ""
        let result = policy.status == .ok ? "fetched from" : "could not be fetched from"
        say("policy", "\(result) \(policy.host.text)\(place)\(tls(policy.tls))")
        if let certificate = policy.tls?.certificate { add(certificate) }
        guard let status = judged.policyStatus else { return }
        guard status == .ok, let mode = judged.mode, let maxAge = judged.maxAge else {
            return add("the policy is not valid")
        }
        let patterns = judged.patterns.isEmpty ? "none" : patternList
        add("mode \(mode.rawValue), max_age \(maxAge)\(days(maxAge)), mx \(patterns)")
    }

    private mutating func add(_ host: HostJudgement) {
        let observation = seen.hosts.first { $0.name == host.host }
        let session = host.isDANEInForce ? observation?.sessionByDANE : observation?.session
        say("host", host.host.text)
        if let address = session?.address {
            add("at \(address)\(place(of: address, in: checked.hostNetworks[host.host]))")
        }
        if session?.tls?.version != nil {
            add("STARTTLS\(tls(session?.tls))")
        } else {
            add(host.status == .notProbed ? "not contacted" : "no TLS was negotiated")
        }
        if host.status != .ok { addFailure(of: host) }
        if let certificate = session?.tls?.certificate {
            add(certificate)
            if host.isDANEInForce, host.dane == .ok, !certificate.errors.isEmpty {
                add("that does not matter, because the TLSA records are about its key")
            }
        }
        switch host.policyMatch {
        case .literal: add("named by the policy")
        case .wildcard: add("allowed by a wildcard of the policy")
        case .some: add("not allowed by the policy")
        case nil: break
        }
        for case .tlsa(let record) in observation?.tlsa?.records ?? [] {
            add("TLSA \(record.presentation)")
        }
        add(host.dane.label)
        if host.dane.isAboutRecords, judged.dane == .hostOnly {
            add("senders do not rely on it: the MX records are not signed by DNSSEC")
        }
        add("mail: \(host.outcome.label)")
    }

    /// Why a host fails, where that was not said above.
    private mutating func addFailure(of host: HostJudgement) {
        let code = "smtp.\(host.status.rawValue)"
        guard !diagnosis.items.contains(where: { $0.code == code }) else { return }
        add(host.status.meaning)
    }

    private mutating func add(_ certificate: CertificateObservation) {
        let names = certificate.names.prefix(4).joined(separator: ", ")
        let more = certificate.names.count > 4 ? ", and \(certificate.names.count - 4) more" : ""
        let end = Timestamp(epochSeconds: certificate.notAfter).text.prefix { $0 != "T" }
        let errors = certificate.errors.map { label(of: $0, at: certificate) }
            .joined(separator: ", ")
        add(
            "certificate for \(names.isEmpty ? "no name" : names)\(more), until \(end): "
                + (errors.isEmpty ? "valid" : errors))
    }

    private mutating func addReports() {
        let texts = quoted(seen.tlsrpt, like: "v=tlsrpt")
        switch judged.tlsrpt {
        case .ok: say("TLSRPT", texts)
        case .absent: say("TLSRPT", "none: the domain asks for no reports")
        case .unrelated: say("TLSRPT", "none, but: \(texts)")
        case .servfail, .refused, .timeout, .unreachable, .dnsError:
            say("TLSRPT", "not known, because the lookup failed")
        case .multiple, .badVersion, .missingRUA, .badRUA, .badExtension:
            say("TLSRPT", "\(texts) is not valid")
        }
    }

    /// What becomes of mail from each sender, where they differ.
    private mutating func addSenders() {
        guard judged.senderVerdicts.differ else { return }
        for (place, verdict) in Verdict.allCases.filter({ !senders(of: $0).isEmpty }).enumerated() {
            say(
                place == 0 ? "senders" : "",
                "from \(senders(of: verdict).joined(separator: ", ")): \(verdict.outcome)")
        }
    }

    private func senders(of verdict: Verdict) -> [String] {
        Sender.allCases.filter { judged.senderVerdicts[$0] == verdict }.map(\.label)
    }

    /// The names of the result in the records.
    private mutating func addCodes() {
        let failure = judged.firstFailure.map { ", \($0.text)" } ?? ""
        say(
            "codes",
            "verdict.\(judged.verdict.rawValue), verdict_reason.\(judged.reason.rawValue)\(failure)"
        )
    }

    /// What is wrong with a certificate, or with another of its chain.
    private func label(of error: CertificateError, at certificate: CertificateObservation) -> String
    {
        let isOther =
            error == .expired && certificate.notAfter >= checked.scannedAt
            || error == .notYetValid && certificate.notBefore <= checked.scannedAt
        return isOther ? "another of its chain is \(error.label)" : error.label
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

    /// The TXT records that begin like one of a kind; without any, all.
    private func quoted(_ lookup: Lookup, like prefix: String) -> String {
        let texts = lookup.texts.map { String(decoding: $0.joined(), as: UTF8.self) }
        let alike = texts.filter { $0.lowercased().hasPrefix(prefix) }
        return listed(
            (alike.isEmpty ? texts : alike).map { "\"\($0)\"" }, Self.recordsMax, separator: " ")
    }

    private func listed(_ entries: [String], _ most: Int, separator: String) -> String {
        guard entries.count > most else { return entries.joined(separator: separator) }
        return entries.prefix(most).joined(separator: separator)
            + ", and \(entries.count - most) more"
    }

    private func tls(_ tls: TLSObservation?) -> String {
        guard let tls, let version = tls.version else { return "" }
        return [version, tls.cipher, tls.group].compactMap(\.self).reduce("") { $0 + ", " + $1 }
    }

    /// The days of a max_age in parentheses; empty where there is none.
    private func days(_ seconds: Int) -> String {
        let days = seconds / 86_400
        guard days > 0 else { return "" }
        let about = seconds % 86_400 == 0 ? "" : "about "
        return " (\(about)\(days == 1 ? "1 day" : "\(days) days"))"
    }
}

extension HostDANEStatus {
    /// Whether it says something of TLSA records that are there.
    fileprivate var isAboutRecords: Bool { self == .ok || self == .failed || self == .unusable }
}
