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
    /// Whether addresses of this machine itself are limited too.
    public var includesLoopback = false
    /// After so many connections in a row that failed alike at an address, that is taken for
    /// granted, and tested by one connection in half a minute; 0 for never.
    public var sharedFailures = 3
    /// How long a connection may wait to begin, in milliseconds.
    public var waitMaxMilliseconds = 600_000

    /// The defaults.
    public init() {}
}
