/// Builds a canonical name from the octets of its labels.
///
/// Not to be copied: its room is as large as a name can be.
struct DomainNameWriter: ~Copyable {
    /// The text, a dot after each label; an octet takes four characters at most.
    private var text = InlineArray<1024, UInt8>(repeating: 0)
    private var count = 0
    private var wireCount = 1

    /// The name written so far.
    ///
    /// Mutating, since its room would be copied for a span of what is only read.
    mutating func name() -> DomainName {
        DomainName(canonical: String(ascii: text.span.extracting(first: max(0, count - 1))))
    }

    /// Adds a label of 1 to 63 octets; false where the name gets too long by it.
    mutating func append(_ label: Span<UInt8>) -> Bool {
        wireCount += label.count + 1
        guard wireCount <= DomainName.wireOctetsMax else { return false }
        for index in label.indices {
            // Letters are by far the most frequent.
            let lower = label[index] | 0x20
            if lower.isLowercase { append(lower) } else { append(other: label[index]) }
        }
        append(UInt8(ascii: "."))
        return true
    }

    private mutating func append(_ character: UInt8) {
        text[count] = character
        count &+= 1
    }

    /// Adds an octet that is no letter, escaped where it has to be.
    private mutating func append(other octet: UInt8) {
        guard octet.isVisible else {
            append(UInt8(ascii: "\\"))
            append(UInt8(ascii: "0") + octet / 100)
            append(UInt8(ascii: "0") + octet / 10 % 10)
            return append(UInt8(ascii: "0") + octet % 10)
        }
        if octet == UInt8(ascii: ".") || octet == UInt8(ascii: "\\") {
            append(UInt8(ascii: "\\"))
        }
        append(octet)
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
