internal import Findings
public import Judgement
internal import MTASTS
internal import Observations
internal import SMTP
internal import TLSRPT

/// A value of a closed vocabulary that has an explanation for owners of domains.
public protocol Explained: RawRepresentable<String>, CaseIterable {
    /// What the value means to the owner.
    var explanation: Explanation { get }
}

/// A code with all that is said of it.
public struct ExplainedCode: Sendable {
    /// The vocabulary and the value with a dot between, such as `mx_match.typo`.
    public let code: String
    /// The meaning of the value, and its rule.
    public let meaning: String
    /// What it means to the owner of a domain.
    public let explanation: Explanation

    /// The value alone.
    public var value: Substring {
        code[code.index(after: code.firstIndex(of: ".") ?? code.startIndex)...]
    }

    /// A code of these parts.
    public init(code: String, meaning: String, explanation: Explanation) {
        self.code = code
        self.meaning = meaning
        self.explanation = explanation
    }
}

/// Every code that is explained.
///
/// A new finding needs its text beside the others and, if it is of a new vocabulary, a line here.
public enum Catalogue {
    /// The codes of findings and failures, in the order of a sender's steps, then those of the
    /// results.
    public static let all = findings + results

    /// What a finding of a layer means to the owner; nil for a code that the layer does not have.
    public static func explanation(
        _ layer: SurveyFinding.Layer, _ code: String
    ) -> Explanation? {
        explanations["\(layer.rawValue).\(code)"]
    }

    /// What a code means to the owner, given as `policy.bad_mode`; nil for an unknown one.
    package static func explanation(of code: String) -> Explanation? { explanations[code] }

    private static let explanations = Dictionary(
        all.map { ($0.code, $0.explanation) }, uniquingKeysWith: { first, _ in first })

    private static let findings: [ExplainedCode] =
        values("mx", MXStatus.self)
        + MXTarget.allCases.filter(\.isJunk).map { code("mx", $0, $0.meaning) }
        + codes("mx", MXAdvice.self)
        + values("record", STSRecordStatus.self) + codes("record", STSRecordAdvice.self)
        + values("policy_fetch", PolicyFetchStatus.self)
        + PolicyAdvice.allCases.filter(\.isOfResponse).map { code("policy_fetch", $0, $0.sentence) }
        + values("policy", PolicyStatus.self)
        + PolicyAdvice.allCases.filter { !$0.isOfResponse }.map { code("policy", $0, $0.sentence) }
        + values("mx_match", MXMatch.self) + values("mx_match", NearMiss.self)
        + values("smtp", ProbeStatus.self) + codes("smtp", SessionAdvice.self)
        + values("smtp", ReplyDeviation.self)
        + values("certificate", CertificateStatus.self)
        + codes("certificate", CertificateAdvice.self)
        + values("dane", HostDANEStatus.self) + values("dane_failure", DANEFailure.self)
        + values("tlsrpt", TLSRPTStatus.self) + codes("tlsrpt", TLSRPTRecordAdvice.self)
        + codes("tlsrpt", ReportingAdvice.self)

    private static let results: [ExplainedCode] =
        values("verdict", Verdict.self) + values("verdict_reason", VerdictReason.self)
        + values("dane_status", DomainDANEStatus.self)
        + values("tlsrpt_result", TLSRPTResult.self)

    private static func values<Value: DocumentedValue & Explained>(
        _ vocabulary: String, _ type: Value.Type
    ) -> [ExplainedCode] {
        type.allCases.map { code(vocabulary, $0, $0.meaning) }
    }

    private static func codes<Code: FindingCode & Explained>(
        _ vocabulary: String, _ type: Code.Type
    ) -> [ExplainedCode] {
        type.allCases.map { code(vocabulary, $0, $0.sentence) }
    }

    private static func code(
        _ vocabulary: String, _ value: some Explained, _ meaning: String
    ) -> ExplainedCode {
        ExplainedCode(
            code: "\(vocabulary).\(value.rawValue)", meaning: meaning,
            explanation: value.explanation)
    }
}

extension PolicyAdvice {
    /// Whether it is about the response, whatever the text in it.
    package var isOfResponse: Bool {
        self == .contentType || self == .charset || self == .contentEncoding
    }
}
