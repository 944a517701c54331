internal import InFlight

/// How many connections a destination gets at once, and how many are begun each second.
public struct Limit: Hashable, Sendable {
    /// The most connections at once; 0 for any number.
    public var atOnce: Int
    /// The most connections begun in a second; 0 for any number.
    public var perSecond: Double

    /// A limit of both.
    public init(atOnce: Int, perSecond: Double) {
        self.atOnce = atOnce
        self.perSecond = perSecond
    }
}

/// The limits of a scan, by destination.
public struct DestinationLimits: Hashable, Sendable {
    /// SMTP to one address.
    public var address = Limit(atOnce: 4, perSecond: 5)
    /// SMTP to the addresses of one IPv4 /24 or IPv6 /48.
    public var network = Limit(atOnce: 16, perSecond: 20)
    /// SMTP to the hosts of one registrable domain.
    public var domain = Limit(atOnce: 16, perSecond: 20)
    /// HTTPS to one address.
    public var fetchAddress = Limit(atOnce: 8, perSecond: 20)
    /// HTTPS to the addresses of one IPv4 /24 or IPv6 /48: what four of them get.
    var fetchNetwork: Limit {
        Limit(atOnce: 4 * fetchAddress.atOnce, perSecond: 4 * fetchAddress.perSecond)
    }
    /// Whether addresses of this machine itself are limited too.
    public var includesLoopback = false
    /// After so many connections in a row that failed alike at an address, that is taken for
    /// granted, and tested by one connection in half a minute; 0 for never.
    public var sharedFailures = 3
    /// How long a connection may wait to begin, in milliseconds, whatever it waits for.
    public var waitMaxMilliseconds = 86_400_000
    /// How long a connection waits where no other ends well meanwhile, in milliseconds.
    public var idleMaxMilliseconds = 600_000
    /// How long a connection waits at the most where no other ends well, in milliseconds.
    public var idleWaitMilliseconds: Int { min(waitMaxMilliseconds, idleMaxMilliseconds) }

    /// The defaults.
    public init() {}
}

/// How much each loop may have in progress at the most.
public struct LoopLimits: Sendable {
    /// SMTP sessions at once, as far as their window grows.
    public var sessions: Int
    /// SMTP sessions at once that wait for their peer for long, beside the others.
    public var slowSessions: Int
    /// Policy fetches at once, as far as their window grows.
    public var fetches: Int
    /// How many loops there are.
    public var loops: Int
    /// How many hosts all loops may wait for before each destination gets a smaller share of them.
    public var waitingHosts: Int

    /// These limits.
    public init(
        sessions: Int, slowSessions: Int, fetches: Int, loops: Int = 1, waitingHosts: Int = .max
    ) {
        self.sessions = sessions
        self.slowSessions = slowSessions
        self.fetches = fetches
        self.loops = loops
        self.waitingHosts = waitingHosts
    }

    /// How many connections of a loop may stand at once.
    func window(of service: Destination.Service) -> InFlightWindow {
        InFlightWindow(.connections(limit: service == .smtp ? sessions : fetches))
    }

    /// What one address may hold of the connections of all loops, where it has no other limit: half
    /// of what the windows begin with.
    func share(of service: Destination.Service) -> Int {
        max(1, window(of: service).size * loops / 2)
    }
}
