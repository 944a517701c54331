public import DNS

extension LookupStatus: EnumValues {
    /// What the word says and by which rule.
    public var meaning: String {
        switch self {
        case .found: "Records of the type asked for were found (RFC 1035 §4.1)."
        case .nodata: "The name exists without a record of the type (RFC 2308 §2.2)."
        case .nxdomain: "The name, or the end of its alias chain, does not exist (RFC 2308 §2.1)."
        case .servfail: "RCODE 2; of a validating resolver also: bogus (RFC 4035 §5.5)."
        case .refused: "RCODE 5: the name server refuses to answer (RFC 1035 §4.1.1)."
        case .rcode: "Any other RCODE (RFC 1035 §4.1.1)."
        case .timeout: "No name server answered in time."
        case .unreachable: "No name server could be reached."
        case .malformed: "What came is no answer to the question (RFC 1035 §4)."
        case .aliasLoop: "The aliases loop or are too many to be followed (RFC 1034 §3.6.2)."
        }
    }
}

extension NameRejection: EnumValues {
    /// What the word says and by which rule.
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

extension DomainRecord.Status {
    /// What the word says and by which rule.
    public var meaning: String {
        switch self {
        case .scanned: "The entry is a domain name and was scanned."
        case .invalidName: "The entry is no domain name; `invalid_reason` says why."
        case .excluded: "The blocklist excludes the domain: nothing was asked."
        }
    }
}
