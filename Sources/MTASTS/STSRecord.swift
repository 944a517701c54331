public import Findings
public import TextRecords

/// The TXT record by which a domain says that it has a policy (RFC 8461 §3.1).
public struct STSRecord: Hashable, Sendable {
    /// The version; `STSv1` is the only one.
    public var version: String { "STSv1" }
    /// The id, 1 to 32 letters and digits: it changes with the policy.
    public var id: String
    /// The unknown fields, in order.
    public var extensions: [ExtensionField]
}

/// What the TXT records of `_mta-sts.` and a domain amount to, and the rule that decided.
public enum STSRecordSyntax: String, FindingCode {
    /// No TXT record.
    case absent
    /// TXT records, none of them for MTA-STS.
    case unrelated
    /// Exactly one record, and it is valid.
    case ok
    case multiple
    case badVersion = "bad_version"
    case missingID = "missing_id"
    case badID = "bad_id"
    case badExtension = "bad_extension"
    case badField = "bad_field"
    case nonASCII = "non_ascii"

    /// The rule.
    public var section: String { "RFC 8461 §3.1" }

    /// The rule as text.
    public var message: String {
        switch self {
        case .absent: "there is no TXT record"
        case .unrelated: "no TXT record begins with v=STSv1;"
        case .ok: ""
        case .multiple: "more than one TXT record begins with v=STSv1;"
        case .badVersion: "the record begins like one of MTA-STS, but not with v=STSv1;"
        case .missingID: "the record has no id field"
        case .badID: "an id is 1 to 32 letters and digits"
        case .badExtension:
            "a field is a name of at most 32 letters, digits, _ - . and a value without = ; space"
        case .badField: "fields are name=value, and ; stands between them"
        case .nonASCII: "a record is US-ASCII"
        }
    }
}

/// Advice about a record beside its status.
public enum STSRecordAdvice: String, FindingCode {
    case dupField = "dup_field"
    case unknownField = "unknown_field"
    case versionDelimiter = "version_delimiter"

    /// The rule.
    public var section: String {
        switch self {
        case .dupField, .unknownField: "RFC 8461 §3.2"
        case .versionDelimiter: "RFC 8461 §3.1, erratum 6285"
        }
    }

    /// The rule as text.
    public var message: String {
        switch self {
        case .dupField: "the field stands there already: only the first counts"
        case .unknownField: "a field that senders ignore"
        case .versionDelimiter:
            "contested: the ABNF lets white space stand before this ;, the text discards the record"
        }
    }

    /// Erratum 6285 is open.
    public var isContested: Bool { self == .versionDelimiter }
}
