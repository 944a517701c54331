public import MTASTS

extension PolicyStatus: EnumValues {
    /// What the word says and by which rule.
    public var meaning: String {
        self == .ok ? "The body is a valid policy (RFC 8461 §3.2)." : sentence
    }
}

extension Mode: EnumValues {
    /// What the word says and by which rule.
    public var meaning: String {
        switch self {
        case .enforce: "Mail is not delivered to hosts that fail (RFC 8461 §5)."
        case .testing: "Mail is delivered, and failures are reported (RFC 8461 §5)."
        case .none: "The domain is treated as one without a policy (RFC 8461 §5)."
        }
    }
}

extension MXMatch: EnumValues {
    /// What the word says and by which rule.
    public var meaning: String {
        switch self {
        case .literal: "A pattern is the host's name (RFC 8461 §4.1)."
        case .wildcard: "A wildcard stands for the host's leftmost label (RFC 8461 §4.1)."
        case .none: "No pattern allows the host (RFC 8461 §4.1)."
        }
    }
}

extension NearMiss: EnumValues {
    /// What the word says and by which rule.
    public var meaning: String {
        switch self {
        case .historical:
            "A pattern names a host of an earlier scan: the policy is outdated (RFC 8461 §4.1)."
        case .mtaSTSLabel: "A pattern names the policy host (RFC 8461 §4.1)."
        case .otherTLD: "A pattern differs in the last label only (RFC 8461 §4.1)."
        case .extraLabels: "A pattern of the same domain has more or fewer labels (RFC 8461 §4.1)."
        case .typo: "A pattern is at most three edits away (RFC 8461 §4.1)."
        case .certificateOnly:
            "A pattern names the certificate, as drafts until May 2018 had it (RFC 8461 §4.1)."
        case .other: "No pattern comes near (RFC 8461 §4.1)."
        }
    }
}
