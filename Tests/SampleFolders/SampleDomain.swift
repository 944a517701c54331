internal import DNS
internal import Judgement
internal import Observations
internal import Records

/// A domain as a scan may find it, put together from few words.
package struct SampleDomain {
    /// Its name.
    package var name: String
    /// The names of its MX hosts, each of which takes mail with a good certificate.
    package var mx: [String]
    /// The id of its MTA-STS record; nil where it has none.
    package var id: String?
    /// The text of its policy; nil where there is none.
    package var policy: String?
    /// Whether the lookup of its MTA-STS record fails.
    package var isRecordUnknown = false
    /// Whether it has a TLSRPT record.
    package var asksForReports = false
    /// Whether it is judged as if its policy were empty, as another version might do.
    package var isJudgedOtherwise = false

    /// A domain with one host below itself and without MTA-STS.
    package init(_ name: String) {
        self.name = name
        mx = ["mx.\(name)"]
    }

    /// The same with a record and a policy of this mode for its hosts.
    package func policy(_ mode: String, id: String = "1", maxAge: Int = 604_800) -> SampleDomain {
        var domain = self
        domain.id = id
        let lines =
            ["version: STSv1", "mode: \(mode)", "max_age: \(maxAge)"] + mx.map { "mx: \($0)" }
        domain.policy = lines.map { "\($0)\r\n" }.joined()
        return domain
    }

    private func lookup(_ records: [RecordData]) -> Lookup {
        Lookup(status: records.isEmpty ? .nodata : .found, rcode: 0, records: records)
    }

    private var recordLookup: Lookup {
        if isRecordUnknown { return Lookup(status: .servfail, rcode: 2) }
        return lookup(id.map { [.txt([Array("v=STSv1; id=\($0);".utf8)])] } ?? [])
    }

    private var reportLookup: Lookup {
        let text = "v=TLSRPTv1; rua=mailto:reports@\(name)"
        return lookup(asksForReports ? [.txt([Array(text.utf8)])] : [])
    }

    var hosts: [HostObservation] {
        mx.enumerated().map { number, name in
            var session = SessionObservation(address: .v4(0xC000_0201), status: .ok)
            session.observed = .direct
            session.tls = TLSObservation()
            session.tls?.version = "TLSv1.3"
            session.tls?.certificate = certificate(for: name)
            return HostObservation(
                name: DomainName(canonical: name),
                addresses: AddressLookup(
                    a: lookup([.a(.v4(0xC000_0201))]), aaaa: lookup([])),
                tlsa: nil, tlsaBase: nil, status: .ok, sessions: [session],
                observedAt: 1_700_000_000, durationMS: 5, number: number + 1)
        }
    }

    private func certificate(for name: String) -> CertificateObservation {
        CertificateObservation(
            subject: "CN=\(name)", issuer: "CN=Test CA", names: [name], notBefore: 1_690_000_000,
            notAfter: 1_710_000_000, keyType: "EC", keyBits: 256,
            signatureAlgorithm: "ecdsa-with-SHA256", sha256: String(repeating: "a", count: 64),
            spkiSHA256: String(repeating: "b", count: 64), chainLength: 1, errors: [],
            detail: nil, securityBits: 128)
    }

    private var observation: DomainObservation {
        let exchanges = mx.enumerated().map { number, name in
            RecordData.mx(
                preference: UInt16(10 * number + 10), exchange: DomainName(canonical: name))
        }
        var seen = DomainObservation(
            mx: lookup(exchanges), record: recordLookup, tlsrpt: reportLookup)
        seen.hosts = hosts
        guard id != nil, !isRecordUnknown else { return seen }
        var fetch = PolicyObservation(
            host: DomainName(canonical: "mta-sts.\(name)"),
            addresses: AddressLookup(a: lookup([.a(.v4(0xC000_0202))]), aaaa: lookup([])),
            status: policy == nil ? .http404 : .ok)
        fetch.httpStatus = policy == nil ? 404 : 200
        fetch.contentType = Array("text/plain".utf8)
        fetch.body = policy.map { Array($0.utf8) }
        seen.policy = fetch
        return seen
    }

    /// The domain's record, at this place of the list.
    func record(at index: Int, scannedAt: Int64) -> DomainRecord {
        let domain = DomainName(canonical: name)
        let seen = observation
        var judged = seen
        if isJudgedOtherwise { judged.policy?.body = [] }
        return DomainRecord(
            entry: DomainRecord.Entry(
                index: index, source: "list", line: index + 1, input: Array(name.utf8),
                domain: domain),
            scannedAt: scannedAt, durationMS: 5, observation: seen,
            judgement: Judgement(of: domain, judged, trustsAD: true))
    }
}
