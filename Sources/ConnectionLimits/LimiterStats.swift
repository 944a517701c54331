internal import DNS

/// What limits have done so far.
public struct LimiterStats: Sendable {
    /// Connections that had to wait, by what they waited for first.
    public var waitsForAddress = 0
    /// See `waitsForAddress`: the network around the address.
    public var waitsForNetwork = 0
    /// See `waitsForAddress`: the registrable domain of the host.
    public var waitsForDomain = 0
    /// See `waitsForAddress`: the loop's own limit.
    public var waitsForLoop = 0
    /// Connections that wait now.
    public var waiting = 0
    /// The windows of all loops for SMTP sessions.
    public var sessions = WindowStats()
    /// The windows of all loops for policy fetches.
    public var fetches = WindowStats()
    /// How often a destination pushed back and was slowed.
    public var pushbacks = 0
    /// Connections that were not made since others had failed at the address.
    public var sharedFailures = 0
    /// How often a window was halved since this machine had no room for a connection.
    public var shortages = 0
    /// Connections that waited longer than the limit.
    public var overdue = 0
    /// Whether SMTP servers can be reached at all.
    public var reach = OutboundReach()
    /// Destinations kept in memory.
    public var destinations = 0

    /// Nothing done yet.
    public init() {}

    mutating func noteWait(for scope: Scope) {
        switch scope {
        case .address, .share: waitsForAddress += 1
        case .network: waitsForNetwork += 1
        case .domain: waitsForDomain += 1
        case .loop, .slowSessions: waitsForLoop += 1
        }
    }
}

/// The windows of all loops for connections of one kind.
public struct WindowStats: Sendable {
    /// How many may stand at once.
    public var size = 0
    /// How many wait for a place in a window, and for nothing else.
    public var waiting = 0

    /// Nothing measured yet.
    public init() {}
}

/// The limiter of a scan, and the index of the loop that uses it.
public struct LimiterHandle: Sendable {
    /// The limiter of the scan.
    public let limiter: ConnectionLimiter
    /// Which of the loops it is.
    public let loop: Int

    /// The handle of one loop.
    public init(_ limiter: ConnectionLimiter, loop: Int) {
        self.limiter = limiter
        self.loop = loop
    }
}

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
