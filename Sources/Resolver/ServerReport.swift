/// What a name server did in the course of a scan.
public struct ServerReport: Sendable {
    /// Whether questions go to it.
    public var state = ServerHealth.State.up
    /// How long it has been down, in milliseconds; 0 where it is not.
    public var downMilliseconds = 0
    /// Why it is down; nil where it is not.
    public var fault: HealthFault?
    /// Questions sent, repeated ones included.
    public var questions = 0
    /// Those of them that had been sent before, here or elsewhere.
    public var retries = 0
    /// Questions that it did not answer.
    public var timeouts = 0
    /// Responses whose RCODE says nothing about the name: SERVFAIL, REFUSED and such.
    public var failures = 0
    /// How often it was marked down.
    public var outages = 0
    /// How often fewer questions were sent at once because it had no room for more.
    public var pushbacks = 0
    /// How often it was sent health checks.
    public var healthChecks = 0
    /// Whether it is sent OPT records (EDNS, RFC 6891).
    public var usesEDNS = true

    /// A server that was not asked yet.
    public init() {}

    /// The same server as two loops see it.
    public static func + (left: ServerReport, right: ServerReport) -> ServerReport {
        var sum = left
        if right.state == .down { sum.state = .down }
        // Of two faults, a false answer is reported before a missing one.
        if right.fault?.isLie == true || left.fault == nil { sum.fault = right.fault }
        sum.downMilliseconds = max(left.downMilliseconds, right.downMilliseconds)
        sum.questions += right.questions
        sum.retries += right.retries
        sum.timeouts += right.timeouts
        sum.failures += right.failures
        sum.outages += right.outages
        sum.pushbacks += right.pushbacks
        sum.healthChecks += right.healthChecks
        sum.usesEDNS = left.usesEDNS && right.usesEDNS
        return sum
    }
}
