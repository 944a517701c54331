public import Findings

/// How a fact about a host is known.
public enum Observed: String, DocumentedValue {
    /// By a session of its own.
    case direct
    /// By sessions with others at the same addresses.
    case shared

    /// What the word says.
    public var meaning: String {
        switch self {
        case .direct: "By a session with the host itself."
        case .shared: "By sessions with others at the same addresses, shortly before."
        }
    }
}
