public import Findings

/// One finding, from any stage of the pipeline; a domain can have several.
public struct SurveyFinding: Hashable, Sendable {
    /// The layer that a finding is about.
    public enum Layer: String, DocumentedValue {
        case mx
        case record
        case policyFetch = "policy_fetch"
        case policy
        case tlsrpt
        case mxMatch = "mx_match"
        case smtp
        case certificate
        case dane

        /// The meaning of the value, and its rule.
        public var meaning: String {
            switch self {
            case .mx: "Where mail goes: a value of `mx_status` (RFC 5321 §5.1)."
            case .record: "The MTA-STS record: a value of `sts_record_status` (RFC 8461 §3.1)."
            case .policyFetch: "The fetch: a value of `policy_fetch_status` (RFC 8461 §3.3)."
            case .policy: "The policy's text: a value of `policy_status` (RFC 8461 §3.2)."
            case .tlsrpt: "The TLSRPT record: a value of `tlsrpt_status` (RFC 8460 §3)."
            case .mxMatch: "The patterns against the host: `near_miss` (RFC 8461 §4.1)."
            case .smtp: "The way to TLS at the host: a value of `mx[].status` (RFC 3207 §4)."
            case .certificate: "The host's certificate: `certificate_status` (RFC 8461 §4.2)."
            case .dane: "TLSA against the host: a value of `mx[].dane_status` (RFC 7672 §2.2)."
            }
        }
    }

    /// How much a finding weighs: two levels, and what merely deserves to be known.
    public enum Severity: String, DocumentedValue {
        case error
        case warning
        case note

        /// The meaning of the value, and its rule.
        public var meaning: String {
            switch self {
            case .error: "Mail is refused for it, or a mechanism that the domain asks for is void."
            case .warning: "Nothing fails now; with a mechanism in force, or elsewhere, it would."
            case .note: "Nothing fails for it."
            }
        }
    }

    /// The layer.
    public var layer: Layer
    /// The stable name of what was found.
    public var code: String
    /// How much it weighs.
    public var severity: Severity
    /// The clause of the RFC.
    public var section: String
    /// The octet of the record or policy that it is about; nil where it is about none.
    public var offset: Int?
    /// The finding as text.
    public var message: String
    /// Whether the RFC's text is unclear or an erratum is open, so that readers differ.
    public var isContested: Bool

    /// A finding.
    public init(
        _ layer: Layer, _ code: String, _ severity: Severity, section: String,
        offset: Int? = nil, message: String, isContested: Bool = false
    ) {
        self.layer = layer
        self.code = code
        self.severity = severity
        self.section = section
        self.offset = offset
        self.message = message
        self.isContested = isContested
    }

    /// A finding about a single text, in its layer.
    init(_ layer: Layer, _ finding: Findings.Finding, _ severity: Severity) {
        self.init(
            layer, finding.code, severity, section: finding.section, offset: finding.offset,
            message: finding.message, isContested: finding.isContested)
    }
}
