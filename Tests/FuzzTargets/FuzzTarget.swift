/// What takes any octets of a peer: each target keeps its promises, or traps.
///
/// The fuzzers of `Tests/Fuzz` look for octets that break one; the unit tests replay the corpus.
public enum FuzzTarget: String, CaseIterable, Sendable {
    case dns
    case record
    case policy
    case tlsrpt
    case smtp

    /// Takes octets, and traps where a promise is broken.
    public func take(_ octets: [UInt8]) {
        switch self {
        case .dns: takeDNS(octets)
        case .record: takeRecords(octets)
        case .policy: takePolicy(octets)
        case .tlsrpt: takeReportRecords(octets)
        case .smtp: takeSMTP(octets)
        }
    }
}
