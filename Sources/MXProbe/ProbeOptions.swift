/// How MX hosts are probed.
public struct ProbeOptions: Sendable {
    /// The port of MX hosts; other than 25 only in a lab.
    public var port: UInt16 = 25
    /// The name given in EHLO: it should resolve to the address that probes, and back.
    public var ehloName = ""
    /// How long a TCP connect may take, in milliseconds.
    public var connectTimeoutMilliseconds = 10_000
    /// How long each reply and the handshake may take, in milliseconds.
    public var replyTimeoutMilliseconds = 30_000
    /// How long a session may take in all, in milliseconds: tarpits answer a byte at a time.
    public var sessionTimeoutMilliseconds = 120_000
    /// How many sessions may be open at once on a loop.
    public var inFlightLimit = 200
    /// How many sessions that wait for their peer for long may be open beside them on a loop.
    public var slowSessionLimit = 10_000
    /// From when a connect, or an answer, takes long, in milliseconds.
    public var slowMilliseconds = 250
    /// How long the answer to QUIT is waited for, in milliseconds.
    public var quitTimeoutMilliseconds = 2000
    /// Whether every address is probed, and not only the first of each family that answers.
    public var probesAllAddresses = false
    /// The most addresses of a host that are considered.
    public var addressLimit = 64
    /// How many addresses of a family are tried until one answers.
    public var addressesPerFamily = 3

    /// The defaults.
    public init() {}
}
