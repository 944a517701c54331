public import Findings

/// The result for the body of a policy, and the rule that decided.
public enum PolicyStatus: String, FindingCode, DocumentedValue {
    case ok
    case empty
    case html
    case jsonDraft = "json_draft"
    case notText = "not_text"
    case missingVersion = "missing_version"
    case badVersion = "bad_version"
    case missingMode = "missing_mode"
    case badMode = "bad_mode"
    case modeReport = "mode_report"
    case missingMaxAge = "missing_max_age"
    case badMaxAge = "bad_max_age"
    case maxAgeRange = "max_age_range"
    case missingMX = "missing_mx"
    case mxLeadingDot = "mx_leading_dot"
    case mxTrailingDot = "mx_trailing_dot"
    case mxEmail = "mx_email"
    case mxEmpty = "mx_empty"
    case mxIP = "mx_ip"
    case mxULabel = "mx_ulabel"
    case mxBadWildcard = "mx_bad_wildcard"
    case mxBad = "mx_bad"
    case badLine = "bad_line"

    /// The status of a policy with a broken mx pattern.
    public init(_ error: MXPatternError) { self = PolicyStatus(rawValue: error.rawValue) ?? .mxBad }

    /// The rule.
    public var section: String {
        if self == .maxAgeRange { return "RFC 8461 §3.2, erratum 7282" }
        return MXPatternError(rawValue: rawValue)?.section ?? "RFC 8461 §3.2"
    }

    /// The rule as text.
    public var message: String {
        switch self {
        case .ok: ""
        case .empty: "the policy is empty"
        case .html: "the policy is an HTML page"
        case .jsonDraft: "the policy is JSON, as in old drafts"
        case .notText: "the policy is not UTF-8 text"
        case .missingVersion: "the policy has no version"
        case .badVersion: "the version is STSv1"
        case .missingMode: "the policy has no mode"
        case .badMode: "the mode is enforce, testing or none"
        case .modeReport: "mode report is that of old drafts; the RFC's is testing"
        case .missingMaxAge: "the policy has no max_age"
        case .badMaxAge: "max_age is 1 to 10 digits"
        case .maxAgeRange: "contested: max_age is at most 31557600; some senders cap it instead"
        case .missingMX: "the policy has no mx, which only mode none can do without"
        case .badLine: "a line is a key, a colon and a value"
        case .mxLeadingDot, .mxTrailingDot, .mxEmail, .mxEmpty, .mxIP, .mxULabel, .mxBadWildcard,
            .mxBad:
            MXPatternError(rawValue: rawValue)?.message ?? ""
        }
    }

    /// Erratum 7282 is open.
    public var isContested: Bool { self == .maxAgeRange }

    /// The meaning of the value, and its rule.
    public var meaning: String {
        self == .ok ? "The body is a valid policy (RFC 8461 §3.2)." : sentence
    }
}

/// Advice about a policy and its response beside the status.
public enum PolicyAdvice: String, FindingCode {
    case dupKey = "dup_key"
    case unknownKey = "unknown_key"
    case mixedLineEnds = "mixed_line_ends"
    case blankLine = "blank_line"
    case bom
    case shortMaxAge = "short_max_age"
    case maxAgeDigits = "max_age_digits"
    case contentType = "content_type"
    case charset
    case contentEncoding = "content_encoding"
    case sendersDiffer = "senders_differ"

    /// The rule.
    public var section: String {
        switch self {
        case .contentEncoding: "RFC 9110 §8.4"
        case .mixedLineEnds: "RFC 8461 §3.2, erratum 6253"
        case .maxAgeDigits: "RFC 8461 §3.2, erratum 7282"
        default: "RFC 8461 §3.2"
        }
    }

    /// The rule as text.
    public var message: String {
        switch self {
        case .dupKey: "the key stands there already: only the first counts"
        case .unknownKey: "a key that senders ignore"
        case .mixedLineEnds:
            "contested: lines end in LF and in CRLF; the ABNF allows both, the text has CRLF alone"
        case .maxAgeDigits:
            "contested: the ABNF allows 10 digits, of which no value needs more than 8"
        case .blankLine: "contested: a blank line is outside the ABNF; some senders skip it"
        case .bom: "contested: a byte order mark is outside the ABNF; a sender skips it"
        case .shortMaxAge:
            "short by our advice: a day is the least that makes sense, a week in mode enforce"
        case .contentType: "contested: the media type is text/plain; some senders refuse others"
        case .charset: "contested: the charset is utf-8 or us-ascii; a sender decodes by another"
        case .contentEncoding: "contested: a coding that was not asked for; not all senders undo it"
        case .sendersDiffer: "contested: senders read something else in the policy than the RFC"
        }
    }

    /// Errata 6253 and 7282 are open; for the rest, the sources of senders show that they differ.
    public var isContested: Bool {
        switch self {
        case .mixedLineEnds, .maxAgeDigits, .blankLine, .bom, .contentType, .charset,
            .contentEncoding, .sendersDiffer:
            true
        case .dupKey, .unknownKey, .shortMaxAge: false
        }
    }
}
