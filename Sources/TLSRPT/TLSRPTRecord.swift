public import Findings
public import TextRecords

/// The TXT record by which a domain requests reports on TLS (RFC 8460 §3).
public struct TLSRPTRecord: Hashable, Sendable {
    /// The version; `TLSRPTv1` is the only one.
    public var version: String { "TLSRPTv1" }
    /// Where reports go: mailto and https URIs, as written.
    public var rua: [String]
    /// The unknown fields, in order.
    public var extensions: [ExtensionField]
}

/// What the TXT records of `_smtp._tls.` and a domain amount to, and the rule that decided.
public enum TLSRPTRecordSyntax: String, FindingCode {
    /// No TXT record.
    case absent
    /// TXT records, none of them for TLSRPT.
    case unrelated
    /// Exactly one record, and it is valid.
    case ok
    case multiple
    case badVersion = "bad_version"
    case missingRUA = "missing_rua"
    case badRUA = "bad_rua"
    case badExtension = "bad_extension"

    /// The rule.
    public var section: String { "RFC 8460 §3" }

    /// The rule as text.
    public var message: String {
        switch self {
        case .absent: "there is no TXT record"
        case .unrelated: "no TXT record begins with v=TLSRPTv1;"
        case .ok: ""
        case .multiple: "more than one TXT record begins with v=TLSRPTv1;"
        case .badVersion: "the record begins like one of TLSRPT, but not with v=TLSRPTv1;"
        case .missingRUA: "the record has no rua field"
        case .badRUA: "rua lists mailto: and https: URIs, with , ! ; in them encoded"
        case .badExtension:
            "a field is a name of at most 32 letters, digits, _ - . and a value without = ; space"
        }
    }
}

/// Advice about a record beside its status.
public enum TLSRPTRecordAdvice: String, FindingCode {
    case dupField = "dup_field"
    case unknownField = "unknown_field"
    case unknownScheme = "unknown_scheme"
    case versionDelimiter = "version_delimiter"

    /// The rule.
    public var section: String { "RFC 8460 §3" }

    /// The rule as text.
    public var message: String {
        switch self {
        case .dupField: "contested: the field stands there already; here every rua counts"
        case .unknownField: "a field that senders ignore"
        case .unknownScheme: "reports go to mailto: and https: URIs only"
        case .versionDelimiter:
            "contested: the ABNF lets white space stand before this ;, the text discards the record"
        }
    }

    /// RFC 8460 does not say what a duplicate means, nor settle the delimiter.
    public var isContested: Bool { self == .dupField || self == .versionDelimiter }
}
