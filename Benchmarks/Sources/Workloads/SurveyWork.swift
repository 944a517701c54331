internal import DNS
internal import Judgement
internal import Observations
internal import Records
internal import SMTP

extension Workload {
    static var survey: [Workload] {
        let plain = Sight(withPolicy: false)
        let full = Sight(withPolicy: true)
        let page = Page(.domain)
        let hostPage = Page(.host)
        let host = HostRecord(full.host, trustsAD: true)
        var totals = ScanTotals()
        return [
            Workload("judge-without-record") { plain.judgement },
            Workload("judge-with-policy") { full.judgement },
            Workload("encode-without-record") { page.encode(plain.record) },
            Workload("encode-with-policy") { page.encode(full.record) },
            Workload("encode-host") { hostPage.encode(host) },
            Workload("tally") { totals.add(plain.record) },
        ]
    }
}

/// A buffer that is written to again and again.
final class Page<Root> {
    private var line = LineBuffer(capacity: 1 << 16)
    private let encoder: RecordEncoder<Root>

    init(_ schema: Schema<Root>) { encoder = RecordEncoder(schema) }

    func encode(_ root: Root) -> Int {
        line.removeAll()
        encoder.appendLine(root, to: &line)
        return line.count
    }

    func text(of root: Root) -> String {
        _ = encode(root)
        return line.text
    }
}

/// What was seen at a domain of two hosts, and its record.
struct Sight {
    let domain = DomainName(canonical: "example-company.com")
    let observation: DomainObservation
    let host: HostObservation
    let record: DomainRecord

    var judgement: Judgement { Judgement(of: domain, observation, trustsAD: true) }

    init(withPolicy: Bool) {
        let names = ["mx1.p7.mail.example", "mx2.p7.mail.example"].map(DomainName.init(canonical:))
        let records = names.enumerated().map {
            RecordData.mx(preference: UInt16(10 * $0 + 10), exchange: $1)
        }
        let absent = Lookup(status: .nxdomain, rcode: 3)
        var seen = DomainObservation(
            mx: Lookup(status: .found, rcode: 0, records: records, ttl: 3600), record: absent,
            tlsrpt: absent)
        seen.hosts = names.map { withPolicy ? .probed($0) : .unprobed($0) }
        if withPolicy { seen.addPolicy() }
        observation = seen
        host = seen.hosts[0]
        record = DomainRecord(
            entry: DomainRecord.Entry(
                index: 123_456, source: "domains.txt", line: 123_457,
                input: Array(domain.text.utf8), domain: domain),
            scannedAt: 1_795_467_600, durationMS: 123, observation: seen,
            judgement: Judgement(of: domain, seen, trustsAD: true))
    }
}

extension DomainObservation {
    fileprivate mutating func addPolicy() {
        func found(_ text: String) -> Lookup {
            Lookup(status: .found, rcode: 0, records: [.txt([Array(text.utf8)])], ttl: 3600)
        }
        record = found("v=STSv1; id=20261124T000000;")
        tlsrpt = found("v=TLSRPTv1; rua=mailto:tls@example-company.com")
        policy = PolicyObservation(
            host: DomainName(canonical: "mta-sts.example-company.com"),
            addresses: HostObservation.addresses, status: .ok)
        policy?.httpStatus = 200
        policy?.contentType = Array("text/plain".utf8)
        policy?.body = Array(
            "version: STSv1\r\nmode: enforce\r\nmx: *.p7.mail.example\r\nmax_age: 604800\r\n".utf8)
        policy?.tls = .good(for: "mta-sts.example-company.com")
    }
}

extension HostObservation {
    fileprivate static var addresses: AddressLookup {
        AddressLookup(
            a: Lookup(status: .found, rcode: 0, records: [.a(.v4(0xC000_0201))], ttl: 300),
            aaaa: Lookup(status: .nodata, rcode: 0))
    }

    fileprivate static func unprobed(_ name: DomainName) -> HostObservation {
        HostObservation(
            name: name, addresses: nil, tlsa: nil, tlsaBase: nil, status: .notProbed, sessions: [],
            observedAt: 0, durationMS: 0)
    }

    fileprivate static func probed(_ name: DomainName) -> HostObservation {
        var session = SessionObservation(address: .v4(0xC000_0201), status: .ok)
        session.replies.greeting = reply("220 \(name) ESMTP ready")
        session.extensions = ["SIZE 10485760", "8BITMIME", "PIPELINING", "STARTTLS"]
            .map { Array($0.utf8) }
        session.replies.starttls = reply("220 2.0.0 Start TLS")
        session.tlsExtensions = Array(session.extensions.prefix(3))
        session.tls = .good(for: name.text)
        return HostObservation(
            name: name, addresses: addresses, tlsa: nil, tlsaBase: nil, status: .ok,
            sessions: [session], observedAt: 1_795_467_600, durationMS: 12)
    }
}

private func reply(_ text: String) -> ReplyText {
    ReplyText(code: Int(text.prefix(3)), bytes: Array(text.utf8))
}

extension TLSObservation {
    fileprivate static func good(for name: String) -> TLSObservation {
        var tls = TLSObservation()
        tls.version = "TLSv1.3"
        tls.cipher = "TLS_AES_256_GCM_SHA384"
        tls.group = "x25519"
        tls.certificate = CertificateObservation(
            subject: "CN=\(name)", issuer: "CN=Example Intermediate CA", names: [name],
            notBefore: 1_790_000_000, notAfter: 1_800_000_000, keyType: "EC", keyBits: 256,
            signatureAlgorithm: "ecdsa-with-SHA256", sha256: String(repeating: "a", count: 64),
            spkiSHA256: String(repeating: "b", count: 64), chainLength: 2, errors: [], detail: nil)
        return tls
    }
}
