public import DNS
public import Findings
package import MTASTS

/// What an earlier scan knows of a domain with a record: what a sender that fetched then still has.
public struct PriorState: Sendable {
    /// A valid policy of a valid record.
    public struct KnownPolicy: Sendable {
        /// The id of the record.
        public var id: [UInt8]
        /// The policy's octets.
        public var body: [UInt8]
        /// When it was fetched, seconds since 1970.
        public var fetchedAt: Int64
        /// How long it is to be remembered, in seconds.
        public var maxAge: Int

        /// A policy of these facts.
        public init(id: [UInt8], body: [UInt8], fetchedAt: Int64, maxAge: Int) {
            self.id = id
            self.body = body
            self.fetchedAt = fetchedAt
            self.maxAge = maxAge
        }
    }

    /// The policy; nil where there was no valid one.
    public var policy: KnownPolicy?
    /// The MX hosts of that scan, then those of the scans before it.
    public var hosts: [DomainName]

    /// How many hosts are kept of a domain.
    public static let hostLimit = 64

    /// The prior state with these facts.
    public init(policy: KnownPolicy?, hosts: [DomainName]) {
        self.policy = policy
        self.hosts = hosts
    }
}

/// The source of a policy.
public enum PolicySource: String, DocumentedValue {
    case fetched
    case carriedOver = "carried_over"

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .fetched: "This scan asked the policy host (RFC 8461 §3.3)."
        case .carriedOver:
            "The same id, within max_age: senders have it from before (RFC 8461 §5.1)."
        }
    }
}

extension PolicyObservation {
    /// The source of the policy.
    public var source: PolicySource { fetchedEarlierAt == nil ? .fetched : .carriedOver }
}

extension Policy {
    /// Whether senders would treat hosts the same, and for the same time.
    package func saysTheSame(as other: Policy) -> Bool {
        mode == other.mode && maxAge == other.maxAge && Set(mx) == Set(other.mx)
    }
}

/// The domains whose policy is fetched although a sender would not, to find policies that have
/// changed without their id.
public struct RefetchSample: Sendable {
    /// The share of the domains, from 0 to 1.
    public let share: Double
    private let seed: UInt64

    /// A sample of a share of all domains; another one for each seed.
    public init(share: Double, seed: UInt64) {
        self.share = share
        self.seed = seed
    }

    /// Whether the domain is in the sample.
    public func includes(_ domain: DomainName) -> Bool {
        // FNV-1a, and the finalizer of SplitMix64, which lets each bit depend on every octet.
        var hash = seed ^ 0xCBF2_9CE4_8422_2325
        for octet in domain.text.utf8 { hash = (hash ^ UInt64(octet)) &* 0x0100_0000_01B3 }
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        hash ^= hash >> 31
        return Double(hash >> 11) < share * Double(UInt64(1) << 53)
    }
}
