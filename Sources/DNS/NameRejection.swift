public import Findings

/// Why an entry of a list is no domain name; a closed vocabulary of the output.
public enum NameRejection: String, DocumentedValue {
    case emptyLabel = "empty_label"
    case labelTooLong = "label_too_long"
    case nameTooLong = "name_too_long"
    case badCharacter = "bad_character"
    case badHyphen = "bad_hyphen"
    case ipAddress = "ip_address"
    case numericTLD = "numeric_tld"
    case emailAddress = "email_address"
    case url
    case idna
    case notUTF8 = "not_utf8"
    case lineTooLong = "line_too_long"

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .emptyLabel: "Two dots meet, or one stands first (RFC 1035 §2.3.1)."
        case .labelTooLong: "A label has more than 63 octets (RFC 1035 §2.3.4)."
        case .nameTooLong: "The name has more than 253 octets as text (RFC 1035 §2.3.4)."
        case .badCharacter: "Another character than letter, digit, hyphen, `_` (RFC 1123 §2.1)."
        case .badHyphen: "A label begins or ends with a hyphen (RFC 1123 §2.1)."
        case .ipAddress: "An address stands in place of a name (RFC 1123 §2.1)."
        case .numericTLD: "The last label is a number (RFC 3696 §2)."
        case .emailAddress: "A mailbox stands in place of a name (RFC 5321 §4.1.2)."
        case .url: "A URL stands in place of a name (RFC 3986 §3)."
        case .idna: "The name has no A-label form (RFC 5891 §5)."
        case .notUTF8: "The line is not UTF-8 (RFC 3629 §3)."
        case .lineTooLong: "The line is longer than any entry can be."
        }
    }
}
