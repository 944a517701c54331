public import Metrics

/// How long the parts of sessions took, successful or not.
public struct ProbeTimes: Sendable {
    /// Until TCP stood, or failed.
    public var connect = Histogram()
    /// From the standing connection to the end of the session.
    public var session = Histogram()
}
