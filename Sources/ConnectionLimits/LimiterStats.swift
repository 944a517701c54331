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
    /// How often a destination pushed back and was slowed.
    public var pushbacks = 0
    /// Connections that were not made since others had failed at the address.
    public var sharedFailures = 0
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
