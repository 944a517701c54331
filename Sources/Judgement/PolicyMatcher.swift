internal import DNS
internal import MTASTS
internal import Observations

/// A valid policy that is enforced or tested, prepared for matching hosts.
///
/// An object: most domains have none, and passing its absence from host to host costs nothing.
final class PolicyMatcher {
    /// Whether a sender must not deliver to hosts that fail it (RFC 8461 §5).
    let isEnforced: Bool
    private let literals: Set<DomainName>
    private let suffixes: Set<DomainName>
    private let literalParents: Set<DomainName>
    private let compared: [MXPattern]
    private let formerHosts: [DomainName]

    /// How many comparisons are made to find near misses: each is costly, and others decide how
    /// many hosts and patterns there are.
    private static let comparisonsMax = 4096
    /// How many patterns a host that none allows is compared with at most.
    private static let comparedMax = 64

    /// The policy that a sender would hold against so many hosts.
    ///
    /// RFC 8461 §5: mode none is as if there were no policy.
    init(_ policy: Policy, hostCount: Int, formerHosts: [DomainName]) {
        isEnforced = policy.mode == .enforce
        self.formerHosts = formerHosts
        var literals: Set<DomainName> = []
        var suffixes: Set<DomainName> = []
        var parents: Set<DomainName> = []
        for pattern in policy.mx {
            switch pattern {
            case .host(let name):
                literals.insert(name)
                if let parent = name.parent { parents.insert(parent) }
            case .wildcard(let suffix): suffixes.insert(suffix)
            }
        }
        (self.literals, self.suffixes, literalParents) = (literals, suffixes, parents)
        let share = Self.comparisonsMax / max(hostCount, 1)
        compared = Array(policy.mx.prefix(max(1, min(share, Self.comparedMax))))
    }

    /// How the patterns match `host` (RFC 8461 §4.1).
    func match(_ host: DomainName) -> MXMatch {
        if literals.contains(host) { return .literal }
        // A wildcard matches exactly one leftmost label.
        guard !suffixes.isEmpty, let parent = host.parent else { return .none }
        return suffixes.contains(parent) ? .wildcard : .none
    }

    /// Whether a pattern without a wildcard is this name of a certificate, or covered by it.
    func allowsLiterally(_ name: DomainName) -> Bool {
        if literals.contains(name) { return true }
        // RFC 6125 §6.4.3: the certificate's own wildcard matches one label.
        guard isWildcard(name.text.utf8), let parent = name.parent else { return false }
        return literalParents.contains(parent)
    }

    /// Whether there is a wildcard for the names directly under `suffix`.
    func hasWildcard(under suffix: DomainName) -> Bool { suffixes.contains(suffix) }

    /// How a host that no pattern matches is similar to one.
    func nearMiss(of host: DomainName, certificate: CertificateObservation?) -> NearMiss {
        // The hosts that patterns were made for say more than their spelling.
        if formerHosts.contains(where: { match($0) != .none }) { return .historical }
        return NearMiss(
            host: host, patterns: compared,
            certificateNames: (certificate?.names ?? []).prefix(Self.comparedMax).map(nearName))
    }
}
