internal import DNS
internal import MTASTS

/// A valid policy that is enforced or tested, ready to be held against hosts.
struct PolicyInQuestion {
    /// Whether a sender must not deliver to hosts that fail it (RFC 8461 §5).
    let isEnforced: Bool
    private let policy: Policy

    /// How many patterns a host that none allows is compared with: each comparison is costly, and
    /// both sides are as many as a stranger likes.
    private static let comparedMax = 64

    /// The policy that a sender would hold against hosts; nil where it asks nothing of them.
    init?(_ policy: Policy?, isApplied: Bool) {
        // RFC 8461 §5: mode none is as if there were no policy.
        guard isApplied, let policy, policy.mode != .none else { return nil }
        isEnforced = policy.mode == .enforce
        self.policy = policy
    }

    /// How the patterns match `host` (RFC 8461 §4.1).
    func match(_ host: DomainName) -> MXMatch { policy.match(host) }

    /// How a host that no pattern matches comes near to one.
    func nearMiss(of host: DomainName, certificate: CertificateObservation?) -> NearMiss {
        NearMiss(
            host: host, patterns: Array(policy.mx.prefix(Self.comparedMax)),
            certificateNames: (certificate?.names ?? []).prefix(Self.comparedMax).map {
                DomainName(canonical: String(canonical($0)))
            })
    }
}
