internal import EventLoop

/// Whether a name server can be used, by its last answers.
///
/// A question without an answer says nothing about the domain until the server has proved to be up:
/// by an answer to anything sent later, or to a health check. Pure: time is an argument.
public struct ServerHealth {
    /// Whether questions go to the server.
    public enum State: Sendable {
        /// It is asked.
        case up
        /// It did not answer, or failed many times in a row: a health check is in progress, and
        /// nothing else is sent to it until that has ended, or a proper answer has come.
        case suspect
        /// It does not answer, or not as it should: it is sent health checks only.
        case down
    }

    /// Failing RCODEs in a row after which a server is suspect; one in ten domains fails by itself.
    static let failuresMax = 50
    /// How long a server that is down gets no health check, at first and at most, in milliseconds.
    private static let pauseMilliseconds = 1000...10_000

    /// Whether questions go to it.
    public private(set) var state = State.up
    /// Why it is down; nil where it is not.
    public private(set) var fault: HealthFault?
    private var lastHeard: Instant?
    private var failuresInARow = 0
    /// Whether it is suspect until it passes a check, whatever it answers meanwhile.
    private var awaitsCheck = false
    private var downSince: Instant?
    private var nextPause = pauseMilliseconds.lowerBound

    /// A server that is up until it shows otherwise.
    public init() {}

    /// Notes a response; it is a failure where it says nothing about the name.
    ///
    /// True where the server has become suspect by it.
    mutating func heard(isFailure: Bool, at now: Instant) -> Bool {
        lastHeard = now
        failuresInARow = isFailure ? failuresInARow + 1 : 0
        if !isFailure, state == .suspect, !awaitsCheck { state = .up }
        guard failuresInARow >= Self.failuresMax else { return false }
        failuresInARow = 0
        return suspect()
    }

    /// Whether the server has shown since `instant` that it lives.
    func isAlive(since instant: Instant) -> Bool { lastHeard.map { $0 > instant } ?? false }

    /// Notes a timeout without another cause, or that a check has to be passed before anything else
    /// is asked; true where the server has become suspect by it.
    mutating func suspect(untilChecked: Bool = false) -> Bool {
        awaitsCheck = awaitsCheck || untilChecked
        guard state == .up else { return false }
        state = .suspect
        return true
    }

    /// Notes that a health check was passed.
    mutating func passedCheck(at now: Instant) {
        lastHeard = now
        state = .up
        awaitsCheck = false
        fault = nil
        downSince = nil
        nextPause = Self.pauseMilliseconds.lowerBound
    }

    /// Notes that a health check found `fault`; how long to wait before the next, in milliseconds.
    mutating func markDown(_ fault: HealthFault, at now: Instant) -> Int {
        if state != .down { downSince = now }
        state = .down
        awaitsCheck = false
        self.fault = fault
        defer { nextPause = min(nextPause * 2, Self.pauseMilliseconds.upperBound) }
        return nextPause
    }

    /// How long the server has been down, in milliseconds; nil where it is not.
    func downMilliseconds(at now: Instant) -> Int? {
        downSince.map { now.milliseconds(since: $0) }
    }
}
