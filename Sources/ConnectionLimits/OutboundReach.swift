internal import DNS

/// Whether SMTP servers can be reached from here at all, by the first networks that were tried.
///
/// Many clouds and access providers block port 25 outbound: then nothing anywhere takes a
/// connection. Pure.
public struct OutboundReach: Hashable, Sendable {
    /// So many networks (IPv4 /24, IPv6 /48) are enough to decide.
    public static let networksMin = 20

    /// Connects that were not taken, by how they ended.
    public private(set) var failures: [String: Int] = [:]
    /// Whether any address has taken a connection.
    public private(set) var isOpen = false
    private var networks: Set<IPAddress> = []

    /// Nothing tried yet.
    public init() {}

    /// Whether so many networks were tried, and no address in them took a connection.
    public var isBlocked: Bool { !isOpen && networks.count >= Self.networksMin }

    /// A connection to an address was established.
    mutating func opened() {
        isOpen = true
        networks = []
    }

    /// No connection was taken at an address; `status` says how that showed.
    mutating func failed(at address: IPAddress, _ status: String) {
        guard !isOpen else { return }
        failures[status, default: 0] += 1
        if networks.count < Self.networksMin { networks.insert(address.network) }
    }
}
