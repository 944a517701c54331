/// Builds a canonical name from the octets of its labels.
///
/// Not to be copied: its room is as large as a name can be.
struct DomainNameWriter: ~Copyable {
    /// The text as far as no octet needs an escape, a dot behind each label.
    private var plain = InlineArray<256, UInt8>(repeating: 0)
    private var plainCount = 0
    /// The text from the first octet on that needs an escape.
    private var escaped: [UInt8] = []
    private var wireCount = 1

    /// The name written so far.
    var name: DomainName {
        guard escaped.isEmpty else {
            let text = escaped.dropLast()
            return DomainName(canonical: String(decoding: text, as: UTF8.self))
        }
        let text = plain.span.extracting(first: max(0, plainCount - 1))
        return DomainName(canonical: String(ascii: text))
    }

    /// Adds a label of 1 to 63 octets; false where the name gets too long by it.
    mutating func append(_ label: Span<UInt8>) -> Bool {
        wireCount += label.count + 1
        guard wireCount <= DomainName.wireOctetsMax else { return false }
        guard escaped.isEmpty, appendPlain(label) else {
            appendEscaped(label)
            return true
        }
        return true
    }

    /// Adds a label as it is but for the case of letters; false where an octet needs an escape.
    private mutating func appendPlain(_ label: Span<UInt8>) -> Bool {
        let start = plainCount
        let end = start + label.count
        for index in 0..<label.count {
            let octet = label[index]
            let lower = octet | 0x20
            if lower.isLowercase {
                plain[start + index] = lower
            } else {
                guard octet.isVisible, octet != UInt8(ascii: "."), octet != UInt8(ascii: "\\")
                else { return false }
                plain[start + index] = octet
            }
        }
        plain[end] = UInt8(ascii: ".")
        plainCount = end + 1
        return true
    }

    private mutating func appendEscaped(_ label: Span<UInt8>) {
        if escaped.isEmpty {
            // An octet takes four characters at most.
            escaped.reserveCapacity(4 * DomainName.wireOctetsMax)
            for index in 0..<plainCount { escaped.append(plain[index]) }
        }
        for index in label.indices { escaped.appendCanonical(label[index]) }
        escaped.append(UInt8(ascii: "."))
    }
}

extension [UInt8] {
    fileprivate mutating func appendCanonical(_ octet: UInt8) {
        switch octet {
        case UInt8(ascii: "."), UInt8(ascii: "\\"):
            append(UInt8(ascii: "\\"))
            append(octet)
        case _ where octet.isVisible:
            append(octet.lowercased)
        default:
            append(UInt8(ascii: "\\"))
            for digit in [octet / 100, octet / 10 % 10, octet % 10] {
                append(digit + UInt8(ascii: "0"))
            }
        }
    }
}

extension String {
    /// The text of ASCII octets.
    init(ascii octets: Span<UInt8>) {
        guard let text = try? UTF8Span(validating: octets) else {
            preconditionFailure("a canonical name is ASCII")
        }
        self.init(copying: text)
    }
}
