import DNS
import Judgement
import Observations
import RecordReading
import Records
import SMTP
import Testing

/// Every octet, so that each escape is met.
private let allOctets = (0...255).map { UInt8($0) }

private func lookup(_ records: [RecordData], aliases: [String] = []) -> Lookup {
    Lookup(
        status: records.isEmpty ? .nodata : .found, rcode: 0, isAuthenticated: true,
        aliases: aliases.map { DomainName(canonical: $0) }, records: records, omitted: 3, ttl: 60)
}

private let certificate = CertificateObservation(
    subject: String(repeating: "é", count: 3000), issuer: "CN=\"x\"\\,\u{1B}",
    names: ["a.example", "…", "\u{FFFD}"], notBefore: -1, notAfter: 253_402_300_799, keyType: "EC",
    keyBits: 256, signatureAlgorithm: "x", sha256: "ab", spkiSHA256: "cd", chainLength: 2,
    errors: [.expired, .cnOnly], detail: "words", securityBits: 80,
    issuerOrganization: "An Authority", extendedKeyUsages: ["serverAuth", "1.2.3.4"],
    namesOCSPResponder: true)

private func host(_ change: (inout SessionObservation) -> Void = { _ in }) -> HostObservation {
    var session = SessionObservation(address: .v4(0x7F00_0001), status: .ok)
    change(&session)
    return HostObservation(
        name: DomainName(canonical: "mx.\\000\\.odd.example"),
        addresses: AddressLookup(
            a: lookup([.a(.v4(0x7F00_0001))], aliases: ["b.example", "c.example"]),
            aaaa: lookup([])),
        tlsa: lookup([
            .tlsa(TLSARecord(usage: 3, selector: 1, matchingType: 1, data: allOctets))
        ]), tlsaBase: DomainName(canonical: "c.example"), status: .ok, sessions: [session],
        observedAt: 1_700_000_000, durationMS: 7, rounds: 2, number: 9)
}

struct ObservedTests {
    @Test("A host is read back from its record so that it is written the same")
    func hosts() throws {
        let hosts = [
            host(),
            host {
                $0.serverName = DomainName(canonical: "mx.\\000\\.odd.example")
                $0.replies.greeting = ReplyText(code: nil, bytes: allOctets)
                $0.replies.ehlo = ReplyText(code: 250, bytes: allOctets)
                $0.extensions = [Array(repeating: 0xFF, count: 600), [], allOctets]
                $0.replies.starttls = ReplyText(code: 599, bytes: Array("a\nb".utf8))
                $0.replies.secureEHLO = ReplyText(code: 421, bytes: [])
                $0.deviations = ReplyDeviation.allCases
                $0.tlsExtensions = Array(repeating: [0x5C, 0x22], count: 70)
                $0.error = "words"
            },
            host {
                $0.replies.greeting = ReplyText(
                    code: 220, bytes: Array(repeating: 0x0A, count: 100))
            },
            host {
                var tls = TLSObservation()
                tls.version = "TLSv1.3"
                tls.alert = "unknown"
                tls.alertCode = 200
                tls.certificate = certificate
                tls.hasOCSPStaple = true
                tls.dane = DANEObservation(isMatch: true, usage: 2, error: .expired)
                $0.tls = tls
            },
            host { $0.tls = TLSObservation() },
        ]
        for host in hosts {
            let line = line(HostRecord(host, trustsAD: true), .host)
            try JSONParser().withValue(of: line) { value in
                let read = try HostObservation(record: value)
                #expect(Self.line(HostRecord(read, trustsAD: true), .host) == line)
            }
        }
    }

    @Test(
        "A policy's body and headers are read back, whatever octets they are",
        arguments: [
            [], allOctets, Array("version: STSv1\r\n".utf8), Array(repeating: 0xC3, count: 65_536),
            Array(repeating: 0x01, count: 65_536),
        ])
    func bodies(body: [UInt8]) throws {
        let domain = DomainName(canonical: "a.example")
        var seen = DomainObservation(
            mx: lookup([.mx(preference: 5, exchange: .root)]),
            record: lookup([.txt([allOctets, []]), .txt([])]), tlsrpt: lookup([]),
            addresses: AddressLookup(a: lookup([]), aaaa: lookup([])))
        var policy = PolicyObservation(
            host: DomainName(canonical: "mta-sts.a.example"), addresses: nil, status: .ok)
        policy.httpStatus = 200
        policy.contentType = body
        policy.location = Array(repeating: 0xFF, count: 5000)
        policy.body = body
        policy.tls = TLSObservation()
        policy.tls?.certificate = certificate
        seen.policy = policy
        seen.rounds = 2
        let entry = DomainRecord.Entry(
            index: 1, source: "list", line: 2, input: Array(repeating: 0xE2, count: 5000), rank: 3,
            domain: domain,
            columns: ListColumns(names: ["sector", "x y"], values: ["\u{1F600} \"a\"", nil]))
        func record(_ entry: DomainRecord.Entry, _ seen: DomainObservation) -> [UInt8] {
            Self.line(
                DomainRecord(
                    entry: entry, scannedAt: 0, durationMS: 5, observation: seen,
                    judgement: Judgement(of: domain, seen, trustsAD: true)), .domain)
        }
        let line = record(entry, seen)
        try JSONParser().withValue(of: line) { value in
            let read = try ObservedDomain(record: value)
            #expect(record(read.entry, try #require(read.observation)) == line)
            #expect(read.observation?.policy?.body == body)
        }
    }

    @Test("What is missing from a record is named")
    func missing() throws {
        try JSONParser().withValue(of: #"{"host":"a.example"}"#.utf8) { value in
            let error = #expect(throws: ObservationError.self) {
                _ = try HostObservation(record: value)
            }
            #expect(error?.description.contains("'observation'") == true)
        }
    }

    @Test(
        "Timestamps are read back, and nothing else",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2024-02-29T23:59:59Z", 1_709_251_199),
            ("0000-01-01T00:00:00Z", -62_167_219_200), ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("2024-13-01T00:00:00Z", nil),
            ("2024-01-01T24:00:00Z", nil), ("2024-01-01 00:00:00Z", nil),
            ("2024-01-01T00:00:00", nil),
            ("2024-01-01T00:00:0éZ", nil), ("", nil),
        ] as [(String, Int64?)])
    func timestamps(text: String, seconds: Int64?) {
        #expect(Timestamp(text.utf8)?.epochSeconds == seconds)
    }

    private func line<Root>(_ root: Root, _ schema: Schema<Root>) -> [UInt8] {
        Self.line(root, schema)
    }

    private static func line<Root>(_ root: Root, _ schema: Schema<Root>) -> [UInt8] {
        var line = LineBuffer()
        RecordEncoder(schema).appendLine(root, to: &line)
        return Array(line.text.utf8.dropLast())
    }
}
