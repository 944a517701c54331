/// What a name server did in the course of a scan.
public struct ServerReport: Sendable {
    /// Whether questions go to it.
    public var state = ServerHealth.State.up
    /// How long it has been down, in milliseconds; 0 where it is not.
    public var downMilliseconds = 0
    /// Questions sent, repeated ones included.
    public var questions = 0
    /// Those of them that had been sent before, here or elsewhere.
    public var retries = 0
    /// Questions that it did not answer.
    public var silences = 0
    /// Responses whose RCODE tells nothing about the name: SERVFAIL, REFUSED and such.
    public var failures = 0
    /// How often it was put aside.
    public var outages = 0

    /// A server that was not asked yet.
    public init() {}

    /// The same server as two loops see it.
    public static func + (left: ServerReport, right: ServerReport) -> ServerReport {
        var sum = left
        if right.state == .down { sum.state = .down }
        sum.downMilliseconds = max(left.downMilliseconds, right.downMilliseconds)
        sum.questions += right.questions
        sum.retries += right.retries
        sum.silences += right.silences
        sum.failures += right.failures
        sum.outages += right.outages
        return sum
    }
}
