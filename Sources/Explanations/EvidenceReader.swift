internal import DNS
internal import Judgement
internal import MTASTS
internal import Observations
internal import SMTP

/// Reads the evidence for templates out of what was seen of a domain.
struct EvidenceReader {
    private let domain: DomainName
    private let seen: DomainObservation
    private let judged: Judgement
    private let now: Int64
    /// What is known of the domain whatever the topic.
    let common: Evidence

    /// How many entries of a list are named.
    private static let listedMax = 6
    /// For how many hosts the lines of a policy are written out.
    private static let linesMax = 16

    init(domain: DomainName, seen: DomainObservation, judged: Judgement, now: Int64) {
        self.domain = domain
        self.seen = seen
        self.judged = judged
        self.now = now
        var common = Evidence()
        common[.domain] = domain.text
        common[.policyHost] = "mta-sts.\(domain.text)"
        common[.policyURL] = "https://mta-sts.\(domain.text)/.well-known/mta-sts.txt"
        let hosts = judged.hosts.map(\.host).filter { MXTarget.classify($0) == .host }
        common[.allHosts] = Self.listed(hosts.map(\.text))
        if hosts.count <= Self.linesMax {
            common[.mxLines] = hosts.map { "\"mx: \($0.text)\"" }.joined(separator: ", ")
        }
        common[.patterns] = Self.listed(judged.patterns.map(Self.text))
        common[.maxAge] = judged.maxAge.map(Self.time)
        common[.newID] = Self.id(now)
        common[.exchanges] = Self.listed(
            seen.mx.records.compactMap {
                guard case .mx(_, let exchange) = $0 else { return nil }
                return MXTarget.classify(exchange).isJunk ? exchange.text : nil
            })
        self.common = common
    }

    /// What is known for a topic that is about such hosts.
    func evidence(for topic: Topic, at hosts: [HostJudgement]) -> Evidence {
        var evidence = common
        switch topic.layer {
        case .record:
            evidence[.txt] = records(seen.record, like: "v=sts")
            evidence[.dnsFault] = seen.record.fault
        case .tlsrpt:
            evidence[.txt] = records(seen.tlsrpt, like: "v=tlsrpt")
            evidence[.dnsFault] = seen.tlsrpt.fault
        case .policyFetch: addFetch(to: &evidence)
        case .policy:
            if let offset = topic.offset, let body = seen.policy?.body {
                evidence.addLine(of: body, at: offset)
                evidence[.otherLines] = lines(like: topic, in: body)
            }
        case .mx: evidence[.dnsFault] = seen.mx.fault ?? seen.addresses?.fault
        case .mxMatch, .smtp, .certificate, .dane: break
        }
        guard let host = hosts.first else { return evidence }
        add(host, topic, to: &evidence)
        evidence[.otherHosts] = Self.listed(hosts.dropFirst().map(\.host.text))
        if topic.layer == .mxMatch { evidence[.pattern] = pattern(near: host)?.description }
        return evidence
    }

    // MARK: The policy

    private func addFetch(to evidence: inout Evidence) {
        guard let policy = seen.policy else { return }
        evidence[.address] = policy.address?.description
        evidence[.addresses] = policy.addresses.map(Self.addresses)
        evidence[.dnsFault] = policy.addresses?.fault
        evidence[.httpStatus] = policy.httpStatus.map(String.init)
        evidence[.location] = policy.location.map(Self.text)
        evidence[.contentType] = policy.contentType.map(Self.text)
        evidence[.contentEncoding] = policy.contentEncoding.map(Self.text)
        if let tls = policy.tls { add(tls, to: &evidence) }
    }

    /// The pattern that the host is nearest to, by the class of the miss.
    private func pattern(near host: HostJudgement) -> MXPattern? {
        let patterns = judged.patterns.compactMap { try? MXPattern(parsing: $0) }
        return patterns.first { NearMiss(host: host.host, patterns: [$0]) == host.nearMiss }
    }

    /// The numbers of the lines with the same finding, but for the first.
    private func lines(like topic: Topic, in body: [UInt8]) -> String? {
        let offsets = judged.findings.filter { $0.layer == .policy && $0.code == topic.code }
            .compactMap(\.offset)
        var numbers: [Int] = []
        for offset in offsets {
            let number = Evidence.lineNumber(of: body, at: offset)
            if !numbers.contains(number) { numbers.append(number) }
        }
        return Self.listed(numbers.dropFirst().map(String.init))
    }

    // MARK: Hosts

    private func add(_ host: HostJudgement, _ topic: Topic, to evidence: inout Evidence) {
        evidence[.host] = host.host.text
        evidence[.failingAddresses] = Self.listed(
            host.failingAddresses.map { $0.address.description })
        guard let observation = seen.hosts.first(where: { $0.name == host.host }) else { return }
        let session = host.isDANEInForce ? observation.sessionByDANE : observation.session
        evidence[.address] = session?.address.description
        evidence[.addresses] = observation.addresses.map(Self.addresses)
        evidence[.reply] = session.flatMap(Self.reply)
        if let tls = session?.tls { add(tls, to: &evidence) }
        let base = observation.tlsaBase ?? observation.name
        evidence[.tlsaName] = "_25._tcp.\(base.text)"
        evidence[.tlsa] = observation.tlsa.flatMap(Self.tlsa)
        evidence[.dnsFault] =
            topic.layer == .dane ? observation.tlsa?.fault : observation.addresses?.fault
        let key = session?.status == .ok ? session?.tls?.certificate?.spkiSHA256 : nil
        // RFC 7672 §3.1.1: with DANE-EE neither dates nor names count.
        if let dane = session?.tls?.dane, dane.isMatch, dane.usage == 2, host.dane == .failed {
            evidence[.fault] = (dane.error ?? .nameMismatch).label
        }
        // What is kept of a host that many domains share lacks the digest.
        evidence[.tlsaWanted] = key.flatMap { $0.isEmpty ? nil : "3 1 1 \($0)" }
    }

    private func add(_ tls: TLSObservation, to evidence: inout Evidence) {
        evidence[.alert] = tls.alert
        evidence[.tlsVersion] = tls.version
        guard let certificate = tls.certificate else { return }
        evidence[.names] = Self.listed(certificate.names)
        evidence[.expiry] = certificate.notAfter < now ? Self.day(certificate.notAfter) : nil
        evidence[.lastDay] = certificate.notAfter < now ? nil : Self.day(certificate.notAfter)
        evidence[.begin] = certificate.notBefore > now ? Self.day(certificate.notBefore) : nil
        evidence[.issuer] = Self.shown(certificate.issuerOrganization ?? certificate.issuer)
    }

    // MARK: Texts

    /// Quoted TXT records: those that begin like one of the kind, or without any, all.
    private func records(_ lookup: Lookup, like prefix: String) -> String? {
        let texts = lookup.texts.map { Self.text(Array($0.joined())) }
        let alike = texts.filter { $0.lowercased().hasPrefix(prefix) }
        return Self.listed((alike.isEmpty ? texts : alike).map(Self.quoted))
    }

    private static func text(_ octets: [UInt8]) -> String { Evidence.text(octets) }

    private static func shown(_ text: String) -> String { Evidence.shown(text) }

    /// A text in quotation marks; those in it are escaped as in a zone file (RFC 1035 §5.1).
    private static func quoted(_ text: String) -> String {
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        return "\"\(parts.joined(separator: "\\\""))\""
    }

    /// The entries with commas between; nil where there is none.
    private static func listed(_ entries: [String]) -> String? {
        guard entries.count > listedMax else {
            return entries.isEmpty ? nil : entries.joined(separator: ", ")
        }
        return entries.prefix(listedMax).joined(separator: ", ")
            + ", and \(entries.count - listedMax) more"
    }

    private static func addresses(_ lookup: AddressLookup) -> String {
        listed(lookup.sortedAddresses.map(\.description)) ?? ""
    }

    /// What the server said last before TLS, on one line.
    private static func reply(_ session: SessionObservation) -> String? {
        let replies = session.replies
        guard let reply = replies.starttls ?? replies.ehlo ?? replies.greeting else { return nil }
        return shown(
            String(decoding: reply.bytes, as: UTF8.self)
                .split(whereSeparator: \.isNewline).joined(separator: " / "))
    }

    private static func tlsa(_ lookup: Lookup) -> String? {
        listed(
            lookup.records.compactMap {
                if case .tlsa(let record) = $0 { "\"\(record.presentation)\"" } else { nil }
            })
    }

    /// The time as an id of a record (RFC 8461 §3.1), such as `20261130T094500`.
    private static func id(_ seconds: Int64) -> String {
        let time = seconds - floorDivide(seconds, 86_400) * 86_400
        let date = day(seconds).filter { $0 != "-" }
        return "\(date)T\(two(time / 3600))\(two(time / 60 % 60))\(two(time % 60))"
    }

    private static func day(_ seconds: Int64) -> String {
        let date = CivilDate(daysSince1970: floorDivide(seconds, 86_400))
        return "\(date.year)-\(two(date.month))-\(two(date.day))"
    }

    private static func two(_ number: Int64) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }

    private static func time(_ seconds: Int) -> String {
        let day = 86_400
        if seconds >= day, seconds % day == 0 {
            return seconds == day ? "1 day" : "\(seconds / day) days"
        }
        return seconds == 1 ? "1 second" : "\(seconds) seconds"
    }
}
