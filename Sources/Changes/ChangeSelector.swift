public import Judgement

/// Which changes are meant: those of a kind, or those to a verdict.
public enum ChangeSelector: Hashable, Sendable {
    /// Domains with a change of this kind.
    case kind(Change)
    /// Domains that have this verdict, and had another or were not in the earlier scan.
    case verdict(Verdict)

    /// The selector of a name; nil for a name that is none.
    public init?(_ name: String) {
        if let change = Change(rawValue: name) {
            self = .kind(change)
        } else if let verdict = Verdict(rawValue: name) {
            self = .verdict(verdict)
        } else {
            return nil
        }
    }

    /// The name.
    public var name: String {
        switch self {
        case .kind(let change): change.rawValue
        case .verdict(let verdict): verdict.rawValue
        }
    }

    /// All names, kinds of changes first.
    public static let names = Change.allCases.map(\.rawValue) + Verdict.allCases.map(\.rawValue)

    /// Whether a domain is meant.
    public func matches(_ record: ChangeRecord) -> Bool {
        switch self {
        case .kind(let change): record.changes.contains(change)
        case .verdict(let verdict):
            record.new?.verdict == verdict && record.old?.verdict != verdict
        }
    }
}
