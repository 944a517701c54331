internal import Judgement
internal import MTASTS
internal import Observations

/// What is counted of a host by closed vocabularies.
struct HostOutcomes: Hashable, Sendable {
    var status: ProbeStatus
    var dane: HostDANEStatus
    var certificate: CertificateStatus?
    var tlsVersion: String?

    init(_ host: HostFacts) {
        status = host.status
        dane = host.dane
        certificate = host.certificate
        tlsVersion = host.tlsVersion
    }
}

/// What was counted of hosts.
public struct HostTotals: Sendable {
    private(set) var profiles: [HostOutcomes: Int] = [:]
    /// Hosts by every error of their certificates.
    private(set) var certificateErrors: [CertificateStatus: Int] = [:]
    /// Hosts by what the session showed.
    private(set) var traits = HostTraitTotals()

    /// Hosts by AS and by country.
    private(set) var networks = NetworkTotals(groupsMax: 1 << 18)

    /// Nothing counted yet.
    public init() {}

    /// Counts a host.
    public mutating func add(_ host: HostFacts) {
        profiles[HostOutcomes(host), default: 0] += 1
        traits.add(HostTraitCounts(hosts: 1), of: HostTraits(host))
        for error in host.certificateErrors { certificateErrors[error, default: 0] += 1 }
        networks.note(host.networks)
        networks.count(.hosts, at: host.networks.map { NetworkPlaces($0) })
    }

    /// Adds the counts of another part of the scan.
    public mutating func merge(_ other: HostTotals) {
        profiles.merge(other.profiles, uniquingKeysWith: +)
        certificateErrors.merge(other.certificateErrors, uniquingKeysWith: +)
        traits.merge(other.traits)
        networks.merge(other.networks)
    }

    /// Counts a domain by what the host showed that a sender tries first.
    mutating func add(domain: DomainOutcomes, at traits: HostTraits) {
        let counts = HostTraitCounts(
            domains: 1, withRecord: domain.hasRecord ? 1 : 0,
            enforce: domain.mode == .enforce ? 1 : 0)
        self.traits.add(counts, of: traits)
    }

    /// For how many hosts a condition is true.
    func count(_ condition: (HostOutcomes) -> Bool) -> Int {
        profiles.reduce(0) { condition($1.key) ? $0 + $1.value : $0 }
    }
}
