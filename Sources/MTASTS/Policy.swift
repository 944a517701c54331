public import DNS
public import Findings
public import TextRecords

/// What senders do with a host that fails (RFC 8461 §5).
public enum Mode: String, DocumentedValue {
    case enforce
    case testing
    case none

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .enforce: "Mail is not delivered to hosts that fail (RFC 8461 §5)."
        case .testing: "Mail is delivered, and failures are reported (RFC 8461 §5)."
        case .none: "The domain is treated as one without a policy (RFC 8461 §5)."
        }
    }
}

/// A policy as the policy host serves it (RFC 8461 §3.2).
public struct Policy: Hashable, Sendable {
    /// The version; `STSv1` is the only one.
    public var version: String { "STSv1" }
    /// What senders do with a host that fails.
    public var mode: Mode
    /// How long senders keep the policy, in seconds.
    public var maxAge: Int
    /// The hosts that mail may go to; may be empty where the mode is `none`.
    public var mx: [MXPattern]
    /// The unknown fields, in order.
    public var extensions: [ExtensionField]

    /// A policy of these fields.
    package init(mode: Mode, maxAge: Int, mx: [MXPattern], extensions: [ExtensionField] = []) {
        self.mode = mode
        self.maxAge = maxAge
        self.mx = mx
        self.extensions = extensions
    }

    /// The longest time a policy can be kept, in seconds: a year (RFC 8461 §3.2).
    public static let maxAgeLimit = 31_557_600

    /// How the policy allows `host`; a literal pattern counts before a wildcard.
    public func match(_ host: DomainName) -> MXMatch { MXMatch(host, mx) }
}
