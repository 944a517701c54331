internal import Judgement
internal import Observations

/// What is counted of a host by closed vocabularies.
struct HostOutcomes: Hashable, Sendable {
    var status: ProbeStatus
    var dane: HostDANEStatus
    var certificate: CertificateStatus?
    var tlsVersion: String?
    var offersREQUIRETLS: Bool?

    init(_ host: HostFacts) {
        status = host.status
        dane = host.dane
        certificate = host.certificate
        tlsVersion = host.tlsVersion
        offersREQUIRETLS = host.offersREQUIRETLS
    }
}

/// What was counted of hosts.
public struct HostTotals: Sendable {
    private(set) var profiles: [HostOutcomes: Int] = [:]
    /// Hosts by every error of their certificates.
    private(set) var certificateErrors: [CertificateStatus: Int] = [:]

    /// Hosts by AS and by country.
    private(set) var networks = NetworkTotals(groupsMax: 1 << 18)

    /// Nothing counted yet.
    public init() {}

    /// Counts a host.
    public mutating func add(_ host: HostFacts) {
        profiles[HostOutcomes(host), default: 0] += 1
        for error in host.certificateErrors { certificateErrors[error, default: 0] += 1 }
        networks.note(host.networks)
        networks.count(.hosts, at: host.networks.map { NetworkPlaces($0) })
    }

    /// Adds the counts of another part of the scan.
    public mutating func merge(_ other: HostTotals) {
        profiles.merge(other.profiles, uniquingKeysWith: +)
        certificateErrors.merge(other.certificateErrors, uniquingKeysWith: +)
        networks.merge(other.networks)
    }

    /// For how many hosts a condition is true.
    func count(_ condition: (HostOutcomes) -> Bool) -> Int {
        profiles.reduce(0) { condition($1.key) ? $0 + $1.value : $0 }
    }
}
