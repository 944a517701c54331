internal import Findings

/// One thing worth knowing, wherever it stands in the pipeline: several can hold of one domain.
public struct SurveyFinding: Hashable, Sendable {
    /// The part of the pipeline that a finding is about.
    public enum Layer: String, Vocabulary {
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

    /// The part of the pipeline.
    public var layer: Layer
    /// The stable name of what was found.
    public var code: String
    /// The clause of the RFC that says so.
    public var section: String
    /// The octet of the record or policy that it is about; nil where it is about none.
    public var offset: Int?
    /// The finding in words.
    public var message: String

    /// A finding.
    public init(
        _ layer: Layer, _ code: String, section: String, offset: Int? = nil, message: String
    ) {
        self.layer = layer
        self.code = code
        self.section = section
        self.offset = offset
        self.message = message
    }

    /// A finding of a text's own judgement, in its layer.
    init(_ layer: Layer, _ finding: Findings.Finding) {
        self.init(
            layer, finding.code, section: finding.section, offset: finding.offset,
            message: finding.message)
    }
}
