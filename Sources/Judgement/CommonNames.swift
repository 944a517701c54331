internal import DNS

/// The values of CN in a subject of RFC 2253 form, in its order; those that are no text are left
/// out.
func commonNames(ofSubject subject: String) -> [String] {
    var attributes = AttributeReader(subject)
    var names: [String] = []
    while let attribute = attributes.next() {
        if let name = attribute.commonName { names.append(name) }
    }
    return names
}

/// An attribute as written, its escapes decoded, and whether the value is in hexadecimal.
private struct SubjectAttribute {
    var octets: [UInt8] = []
    /// Where the value begins; nil before an equals sign.
    var valueStart: Int?
    var isHexadecimal = false

    /// The value, where it is text of a CN.
    var commonName: String? {
        guard let valueStart, !isHexadecimal,
            octets[..<valueStart].elementsEqual("CN=".utf8)
        else { return nil }
        return String(decoding: octets[valueStart...], as: UTF8.self)
    }
}

/// Goes through the attributes of a subject (RFC 2253 §2).
private struct AttributeReader {
    private var rest: Substring.UTF8View

    init(_ subject: String) { rest = subject.utf8[...] }

    /// The next attribute; `,` and `+` separate them.
    mutating func next() -> SubjectAttribute? {
        guard !rest.isEmpty else { return nil }
        var attribute = SubjectAttribute()
        while let octet = rest.popFirst() {
            switch octet {
            case UInt8(ascii: ","), UInt8(ascii: "+"): return attribute
            case UInt8(ascii: "\\"): attribute.octets.append(escaped())
            case UInt8(ascii: "=") where attribute.valueStart == nil:
                attribute.octets.append(octet)
                attribute.valueStart = attribute.octets.count
                attribute.isHexadecimal = rest.first == UInt8(ascii: "#")
            default: attribute.octets.append(octet)
            }
        }
        return attribute
    }

    /// The octet after a backslash: two hexadecimal digits, or itself.
    private mutating func escaped() -> UInt8 {
        let digits = rest.prefix(2).compactMap(\.hexadecimalValue)
        if digits.count == 2 {
            rest = rest.dropFirst(2)
            return digits[0] << 4 | digits[1]
        }
        return rest.popFirst() ?? UInt8(ascii: "\\")
    }
}

extension UInt8 {
    fileprivate var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
