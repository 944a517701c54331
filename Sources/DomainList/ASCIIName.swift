internal import CIdn2
internal import DNS

/// The form of a domain name in ASCII: letters, digits, hyphens and underscores in labels.
///
/// Underscores are no host names' but occur in domain names (RFC 8552 §1). This finds in one pass
/// that a name is good; why one is not is `NameFault`'s to say.
struct ASCIIName: Equatable {
    /// How many bytes of the text are the name: a trailing dot is not.
    let count: Int
    let hasUpperCase: Bool

    static let labelBytesMax = 63  // RFC 1035 §2.3.4
    static let nameBytesMax = 253  // RFC 1035 §2.3.4: 255 on the wire, less the ends

    /// The form of `text`; nil where it is no name.
    init?(_ text: Span<UInt8>) {
        var end = text.count
        if end > 1, text[end - 1] == UInt8(ascii: ".") { end -= 1 }
        guard end > 0, end <= Self.nameBytesMax else { return nil }
        var hasUpperCase = false
        var hasOnlyDigits = true
        var labelStart = 0
        for index in 0..<end {
            switch text[index] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): hasOnlyDigits = false
            case UInt8(ascii: "0")...UInt8(ascii: "9"): break
            case UInt8(ascii: "."):
                guard Self.isLabel(labelStart..<index, of: text) else { return nil }
                labelStart = index + 1
                hasOnlyDigits = true
            case UInt8(ascii: "-"): hasOnlyDigits = false
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                hasOnlyDigits = false
                hasUpperCase = true
            default: return nil
            }
        }
        // A name that ends in a number is an address to others (RFC 3696 §2).
        guard Self.isLabel(labelStart..<end, of: text), !hasOnlyDigits else { return nil }
        self.count = end
        self.hasUpperCase = hasUpperCase
    }

    private static func isLabel(_ range: Range<Int>, of text: Span<UInt8>) -> Bool {
        // RFC 1123 §2.1, RFC 952: no hyphen at either end
        guard let first = range.first, let last = range.last else { return false }
        return range.count <= labelBytesMax && text[first] != UInt8(ascii: "-")
            && text[last] != UInt8(ascii: "-")
    }
}

/// Converts names with U-labels to A-labels (RFC 5891 §5, with the mapping of UTS #46).
enum InternationalName {
    /// The name in ASCII; its form is still to be checked.
    static func ascii(_ name: String) throws(InvalidName) -> String {
        var output: UnsafeMutablePointer<UInt8>?
        defer { unsafe idn2_free(output) }
        let flags = Int32(IDN2_NFC_INPUT.rawValue | IDN2_NONTRANSITIONAL.rawValue)
        let status = unsafe name.withCString(encodedAs: UTF8.self) {
            unsafe idn2_lookup_u8($0, &output, flags)
        }
        guard status == Int32(IDN2_OK.rawValue), let output = unsafe output else {
            throw fault(status, of: name)
        }
        return unsafe String(cString: output)
    }

    private static func fault(_ status: Int32, of name: String) -> InvalidName {
        let reason: InvalidName.Reason =
            switch status {
            // What does not fit the encoder's output is longer than a label.
            case Int32(IDN2_TOO_BIG_LABEL.rawValue), Int32(IDN2_PUNYCODE_BIG_OUTPUT.rawValue):
                .labelTooLong
            case Int32(IDN2_TOO_BIG_DOMAIN.rawValue): .nameTooLong
            default: .idna
            }
        let words = unsafe idn2_strerror(status).map { unsafe String(cString: $0) }
        return InvalidName(
            reason, "\(NameFault.quoted(name)): \(words ?? "libidn2 error \(status)")")
    }
}
