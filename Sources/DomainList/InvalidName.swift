/// Why an entry of a list is no domain name.
public struct InvalidName: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of entries that are no domain names; a closed vocabulary of the output.
    public enum Reason: String, CaseIterable, Sendable {
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

    /// The kind.
    public let reason: Reason

    /// A sentence for people that shows the value at fault.
    public let message: String

    /// The message.
    public var description: String { message }
}
