import DNS
import Judgement
import Observations

/// The domain of the vectors.
let domain = DomainName(canonical: "example.com")

/// What TLSA shows at a host of a vector.
enum DANEScene {
    case insecure, absent, tempfail, unusable, match, mismatch, weakMatch
    case anchor(names: [String], CertificateError? = nil)
}

/// The facts about one domain, put together from few words.
struct Scene {
    var mx = Lookup(status: .nodata)
    var record = Lookup(status: .nxdomain)
    var tlsrpt = Lookup(status: .nxdomain)
    var addresses: AddressLookup?
    var policy: PolicyObservation?
    var hosts: [HostObservation] = []
    var previous: PriorState?

    /// A domain whose MX records name the hosts, in steps of preference 10.
    init(_ hosts: HostObservation..., secure: Bool = false) {
        self.hosts = hosts
        self = exchanges(hosts.map(\.name.text), secure: secure)
    }

    /// A domain with these MX records and no hosts.
    init(mx names: String...) { self = exchanges(names, secure: false) }

    /// The same with a validated MX answer.
    var secured: Scene {
        var scene = self
        scene.mx = scene.mx.with(isAuthenticated: true)
        return scene
    }

    /// A domain whose MX lookup ends without records.
    init(_ status: LookupStatus) { mx = Lookup(status: status) }

    private func exchanges(_ names: [String], secure: Bool) -> Scene {
        var scene = self
        let records = names.enumerated().map { index, name in
            RecordData.mx(
                preference: UInt16(10 * index + 10), exchange: DomainName(canonical: name))
        }
        scene.mx = Lookup(status: .found, rcode: 0, isAuthenticated: secure, records: records)
        return scene
    }

    /// The same with a TXT record at `_mta-sts.`.
    func record(_ texts: String...) -> Scene {
        var scene = self
        scene.record = Lookup(status: .found, records: texts.map { .txt([Array($0.utf8)]) })
        return scene
    }

    /// The same with a lookup at `_mta-sts.` that ends without records.
    func record(_ status: LookupStatus) -> Scene {
        var scene = self
        scene.record = Lookup(status: status)
        return scene
    }

    /// The same with a fetch that ended so.
    func fetch(_ status: PolicyFetchStatus, body: String? = nil) -> Scene {
        var scene = self
        scene.policy = PolicyObservation(
            host: DomainName(canonical: "mta-sts.example.com"),
            addresses: AddressLookup(
                a: Lookup(status: .found, records: [.a(.v4(1))]), aaaa: Lookup(status: .nodata)),
            status: status)
        scene.policy?.body = body.map { Array($0.utf8) }
        scene.policy?.contentType = Array("text/plain".utf8)
        return scene
    }

    /// The same with a good record and a policy of this mode and these patterns.
    func policy(_ mode: String, _ mx: String...) -> Scene {
        let lines = ["version: STSv1", "mode: \(mode)", "max_age: 604800"] + mx.map { "mx: \($0)" }
        let body = lines.map { $0 + "\r\n" }.joined()
        return record("v=STSv1; id=1;").fetch(.ok, body: body)
    }

    /// The same with addresses of the domain itself.
    func address(_ a: Lookup, _ aaaa: Lookup) -> Scene {
        var scene = self
        scene.addresses = AddressLookup(a: a, aaaa: aaaa)
        return scene
    }

    /// The same with the policy's text that an earlier scan had seen.
    func previously(_ body: String? = nil) -> Scene {
        var scene = self
        scene.previous = PriorState(
            policy: body.map {
                .init(id: Array("1".utf8), body: Array($0.utf8), fetchedAt: 0, maxAge: 604_800)
            }, hosts: [])
        return scene
    }

    /// The facts.
    var observation: DomainObservation {
        var seen = DomainObservation(
            mx: mx, record: record, tlsrpt: tlsrpt, addresses: addresses)
        seen.policy = policy
        seen.hosts = hosts
        seen.previous = previous
        return seen
    }

    /// What they amount to.
    func judged(trustsAD: Bool = true) -> Judgement {
        Judgement(of: domain, observation, trustsAD: trustsAD)
    }
}

/// An MX host of these facts.
func host(
    _ name: String = "mx.example.com", _ status: ProbeStatus = .ok,
    errors: [CertificateError] = [], names: [String]? = nil, dane: DANEScene = .insecure,
    commonName: String? = nil, subject: String? = nil, securityBits: Int? = 128,
    pathLength: Int? = 3
) -> HostObservation {
    var session = SessionObservation(address: .v4(0xC000_0201), status: status)
    if status == .ok {
        session.tls = TLSObservation()
        session.tls?.certificate = certificate(dane.names ?? names ?? [name], errors, commonName)
        session.tls?.certificate?.securityBits = securityBits
        session.tls?.certificate?.pathLength = pathLength
        if let subject { session.tls?.certificate?.subject = subject }
        session.tls?.dane = dane.observation
    }
    let base = DomainName(canonical: name)
    let a = Lookup(
        status: .found, rcode: 0, isAuthenticated: dane.isSecure, records: [.a(.v4(0xC000_0201))])
    return HostObservation(
        name: base, addresses: AddressLookup(a: a, aaaa: Lookup(status: .nodata)),
        tlsa: dane.lookup, tlsaBase: base, status: status, sessions: [session],
        observedAt: 1_795_467_600, durationMS: 12)
}

/// A certificate for these names, with these errors.
func certificate(
    _ names: [String], _ errors: [CertificateError], _ commonName: String? = nil
) -> CertificateObservation {
    CertificateObservation(
        subject: "CN=\(commonName ?? names.first ?? "mx.example.com"),O=Example",
        issuer: "CN=Test CA", names: names,
        notBefore: 1_790_000_000, notAfter: 1_800_000_000, keyType: "EC", keyBits: 256,
        signatureAlgorithm: "ecdsa-with-SHA256", sha256: String(repeating: "a", count: 64),
        spkiSHA256: String(repeating: "b", count: 64), chainLength: 2, errors: errors,
        detail: nil)
}

extension DANEScene {
    var isSecure: Bool { if case .insecure = self { false } else { true } }

    var names: [String]? { if case .anchor(let names, _) = self { names } else { nil } }

    var lookup: Lookup? {
        switch self {
        case .insecure: nil
        case .absent: Lookup(status: .nxdomain, rcode: 3, isAuthenticated: true)
        case .tempfail: Lookup(status: .servfail, rcode: 2)
        case .unusable: found(usage: 1)
        case .match, .mismatch, .weakMatch: found(usage: 3)
        case .anchor: found(usage: 2)
        }
    }

    private func found(usage: UInt8) -> Lookup {
        let record = TLSARecord(
            usage: usage, selector: 1, matchingType: 1, data: Array(repeating: 7, count: 32))
        return Lookup(status: .found, rcode: 0, isAuthenticated: true, records: [.tlsa(record)])
    }

    var observation: DANEObservation? {
        switch self {
        case .match: DANEObservation(isMatch: true, usage: 3)
        case .weakMatch: DANEObservation(isMatch: true, usage: 3, error: .invalid)
        case .anchor(_, let error): DANEObservation(isMatch: true, usage: 2, error: error)
        case .mismatch: DANEObservation(isMatch: false)
        case .insecure, .absent, .tempfail, .unusable: nil
        }
    }
}

extension Lookup {
    /// The same with other facts.
    func with(
        records: [RecordData]? = nil, aliases: [DomainName]? = nil, isAuthenticated: Bool? = nil
    ) -> Lookup {
        Lookup(
            status: status, rcode: rcode, isAuthenticated: isAuthenticated ?? self.isAuthenticated,
            aliases: aliases ?? self.aliases, records: records ?? self.records, omitted: omitted,
            ttl: ttl)
    }

    /// The same with one more MX record.
    func adding(preference: UInt16, _ exchange: String) -> Lookup {
        let record = RecordData.mx(
            preference: preference, exchange: DomainName(canonical: exchange))
        return with(records: records + [record])
    }
}
