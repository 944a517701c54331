public import RecordReading

/// What a run is given in place of domains; the raw value is the command.
public enum TargetKind: String, Sendable, Codable {
    /// MX hosts.
    case hosts = "probe"
    /// Policies.
    case policies = "fetch"

    /// The kind of its records.
    public var record: RecordKind {
        switch self {
        case .hosts: .host
        case .policies: .policy
        }
    }

    /// What messages call the targets.
    public var words: String {
        switch self {
        case .hosts: "MX hosts"
        case .policies: "policies"
        }
    }
}

extension TargetKind? {
    /// The command that makes a folder with such records, and goes on with it.
    public var command: String { self?.rawValue ?? "scan" }

    /// The kind of the records of which each line of the input has one.
    public var record: RecordKind { self?.record ?? .domain }
}
