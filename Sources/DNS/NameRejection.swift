/// Why an entry of a list is no domain name; a closed vocabulary of the output.
public enum NameRejection: String, Hashable, Sendable, CaseIterable {
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
}
