public import DNS

/// How questions are asked.
public struct ResolverOptions: Sendable {
    /// How long one try waits, in milliseconds.
    public var timeoutMilliseconds = 4000
    /// How many times a question is sent before it counts as unanswered.
    public var tries = 3
    /// The source addresses of questions, one of a family; without any, the system chooses.
    public var sources: [IPAddress] = []
    /// How many questions a second each server is sent by this loop; nil for any number.
    public var perSecond: Double?
    /// Whether that holds for servers on this machine, too.
    public var limitsLoopback = false
    /// How many questions a second all servers are sent by this loop; nil for any number.
    public var perSecondInAll: Double?
    /// How many questions may be out at once at the most; the rest wait in order.
    public var inFlightLimit = 4000
    /// How many loops use the same servers.
    public var loops = 1
    /// Whether a server is used although health checks found its answers false.
    public var trustsAnswers = false

    /// The defaults.
    public init() {}
}

/// The resolver cannot be set up.
public struct ResolverError: Error, CustomStringConvertible {
    /// The message of c-ares.
    public let message: String

    /// The message.
    public var description: String { message }
}
