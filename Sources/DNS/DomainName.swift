public import Findings

/// Why a text is no domain name.
public enum DomainNameError: String, Error, Hashable, Sendable, CaseIterable {
    /// Nothing at all; the root is written `.`.
    case empty
    /// Two dots in a row, or one in front.
    case emptyLabel = "empty_label"
    /// A label of more than 63 octets (RFC 1035 §2.3.4).
    case labelTooLong = "label_too_long"
    /// More than 255 octets on the wire (RFC 1035 §2.3.4), which is 253 characters.
    case tooLong = "too_long"
    /// An octet above 127: a U-label, or no text at all.
    case nonASCII = "non_ascii"
    /// White space or a control character.
    case badCharacter = "bad_character"
    /// A backslash without a character or three digits up to 255 after it (RFC 1035 §5.1).
    case badEscape = "bad_escape"
}

/// A domain name in canonical text form: lower case, labels joined by dots, no trailing dot.
public struct DomainName: Hashable, Sendable {
    /// The canonical text; empty for the root.
    ///
    /// A dot or backslash within a label is escaped by a backslash, and an octet that is no
    /// visible ASCII character as `\DDD` (RFC 1035 §5.1).
    public let text: String

    /// The root of the name space.
    public static let root = DomainName(canonical: "")

    /// The most octets of a label (RFC 1035 §2.3.4).
    static let labelOctetsMax = 63
    /// The most octets of a name on the wire (RFC 1035 §2.3.4).
    static let wireOctetsMax = 255

    /// A name from text that is canonical already.
    public init(canonical text: String) { self.text = text }

    /// A name from its presentation form (RFC 1035 §5.1), with or without the root's dot.
    public init(_ presentation: String) throws(DomainNameError) {
        try self.init(presentation: Array(presentation.utf8))
    }

    /// A name from the octets of its presentation form.
    public init(presentation octets: [UInt8]) throws(DomainNameError) {
        guard !octets.isEmpty else { throw .empty }
        guard octets != [UInt8(ascii: ".")] else {
            self = .root
            return
        }
        var scanner = PresentationScanner(octets: octets)
        var writer = DomainNameWriter()
        while let label = try scanner.nextLabel() {
            guard writer.append(label.span) else { throw .tooLong }
        }
        self = writer.name()
    }

    /// Whether this is the root.
    public var isRoot: Bool { text.isEmpty }

    /// The labels as written in the text, the leftmost first; none for the root.
    public var labels: [String] {
        guard !isRoot else { return [] }
        return text.utf8.labels.map { String(Substring($0)) }
    }

    /// The name without its leftmost label; nil for the root.
    public var parent: DomainName? {
        guard !isRoot else { return nil }
        guard let dot = text.utf8.firstSeparator else { return .root }
        return DomainName(canonical: String(text[text.utf8.index(after: dot)...]))
    }

    /// The name with the labels of `prefix`, such as `_25._tcp`, in front; nil where it would be
    /// too long.
    public func prefixed(by prefix: DomainName) -> DomainName? {
        canBePrefixed(by: prefix) ? joined(to: prefix) : nil
    }

    /// The name after the labels of `prefix`, whatever the length.
    func joined(to prefix: DomainName) -> DomainName {
        if isRoot || prefix.isRoot { return isRoot ? prefix : self }
        return DomainName(canonical: "\(prefix.text).\(text)")
    }

    /// Whether `ancestor` is the name itself or one of its ancestors.
    public func isWithin(_ ancestor: DomainName) -> Bool {
        if ancestor.isRoot || self == ancestor { return true }
        var name = parent
        while let current = name, current.text.utf8.count >= ancestor.text.utf8.count {
            if current == ancestor { return true }
            name = current.parent
        }
        return false
    }

    /// Whether a host can have this name: letters, digits and inner hyphens (RFC 1123 §2.1).
    public var isHostName: Bool { isHostName(allowingUnderscore: false) }

    /// Whether a host can have this name where underscores are let pass or not.
    public func isHostName(allowingUnderscore: Bool) -> Bool {
        guard !isRoot else { return false }
        var isNumeric = false
        for label in text.utf8.labels {
            guard label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-") else {
                return false
            }
            isNumeric = true
            for octet in label {
                if octet.isDigit { continue }
                isNumeric = false
                guard
                    octet.isLowercase || octet == UInt8(ascii: "-")
                        || allowingUnderscore && octet == UInt8(ascii: "_")
                else { return false }
            }
        }
        // RFC 1123 §2.1: the highest-level label is alphabetic, so 192.0.2.1 is no host name.
        return !isNumeric
    }
}

extension DomainName: CustomStringConvertible {
    /// The canonical text; a dot for the root.
    public var description: String { isRoot ? "." : text }
}

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
