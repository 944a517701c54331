internal import Findings

/// One thing worth knowing, wherever it stands in the pipeline: several can hold of one domain.
public struct SurveyFinding: Hashable, Sendable {
    /// The part of the pipeline that a finding is about.
    public enum Layer: String, EnumValues {
        case mx
        case record
        case policyFetch = "policy_fetch"
        case policy
        case tlsrpt
        case mxMatch = "mx_match"
        case smtp
        case certificate
        case dane
    }

    /// How much a finding weighs: two levels, and what merely deserves to be known.
    public enum Severity: String, EnumValues {
        /// Mail is refused for it, or a mechanism that the domain asks for is void.
        case error
        /// Nothing fails for a compliant sender today; with a mechanism in force it would, or
        /// senders differ.
        case warning
        case note
    }

    /// The part of the pipeline.
    public var layer: Layer
    /// The stable name of what was found.
    public var code: String
    /// How much it weighs.
    public var severity: Severity
    /// The clause of the RFC that says so.
    public var section: String
    /// The octet of the record or policy that it is about; nil where it is about none.
    public var offset: Int?
    /// The finding in words.
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

    /// A finding of a text's own judgement, in its layer.
    init(_ layer: Layer, _ finding: Findings.Finding, _ severity: Severity) {
        self.init(
            layer, finding.code, severity, section: finding.section, offset: finding.offset,
            message: finding.message, isContested: finding.isContested)
    }
}
