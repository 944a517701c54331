/// Octets that ought to be UTF-8: what is not becomes U+FFFD, and a text above the limit is cut.
struct LossyUTF8: FieldValue {
    /// The octets as sent.
    let octets: [UInt8]
    /// How many octets of the text are written; `…` marks the cut.
    let limit: Int

    /// How many octets of a policy are kept (RFC 8461 §3.3).
    static let bodyLimit = 65536
    /// How many octets of a header field, a name or a line of the list are kept.
    static let lineLimit = 4096

    /// A text of at most `limit` octets.
    init(_ octets: [UInt8], limit: Int = lineLimit) {
        self.octets = octets
        self.limit = limit
    }

    /// A string.
    static var fieldType: FieldType { .string }

    /// Whether the octets read are UTF-8, so that the text says all of them.
    var isUTF8: Bool { String(validating: octets[..<end(of: octets)], as: UTF8.self) != nil }

    /// Appends the repaired text as a JSON string.
    ///
    /// A text that was written and read back is written the same: the limit is of the text, in
    /// which U+FFFD can be longer than what it replaces.
    func appendJSON(to line: inout LineBuffer) {
        line.append(UInt8(ascii: "\""))
        appendRest(to: &line)
    }

    /// Appends the key, then the repaired text.
    func append(after key: FieldKey, to line: inout LineBuffer) {
        line.append(key.opening.span)
        appendRest(to: &line)
    }

    /// Appends what follows the first quotation mark.
    private func appendRest(to line: inout LineBuffer) {
        if octets.count <= limit, octets.span.needsNoEscape { return line.appendRest(octets.span) }
        let repaired = String(decoding: octets[..<end(of: octets)], as: UTF8.self)
        guard octets.count > limit || repaired.utf8.count > limit else {
            return line.appendJSONRest(repaired)
        }
        let text = Array(repaired.utf8)
        let kept = end(of: text)
        line.appendJSONRest(String(decoding: text[..<kept], as: UTF8.self))
        guard kept < text.count || octets.count > limit else { return }
        line.removeLast()
        line.appendEllipsis()
        line.append(UInt8(ascii: "\""))
    }

    /// Where reading ends: at the limit, or up to three octets before it, where the character
    /// begins that the limit would cut in two.
    private func end(of octets: [UInt8]) -> Int {
        guard octets.count > limit else { return octets.count }
        return (0...3).map { limit - $0 }.first { $0 <= 0 || octets[$0] & 0xC0 != 0x80 } ?? limit
    }
}

/// Octets in base64 (RFC 4648 §4).
struct Base64: FieldValue {
    /// The octets.
    let octets: [UInt8]

    /// A string.
    static var fieldType: FieldType { .string }

    /// Appends the digits as a JSON string.
    func appendJSON(to line: inout LineBuffer) {
        line.append(UInt8(ascii: "\""))
        for start in stride(from: 0, to: octets.count, by: 3) {
            let group = octets[start..<min(start + 3, octets.count)]
            let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            for digit in 0..<UInt32(4) {
                let isPadding = digit > UInt32(group.count)
                line.append(isPadding ? UInt8(ascii: "=") : base64Digit(bits >> (18 - 6 * digit)))
            }
        }
        line.append(UInt8(ascii: "\""))
    }
}

private func base64Digit(_ bits: UInt32) -> UInt8 {
    let value = UInt8(bits & 63)
    switch value {
    case ..<26: return UInt8(ascii: "A") + value
    case ..<52: return UInt8(ascii: "a") + value - 26
    case ..<62: return UInt8(ascii: "0") + value - 52
    default: return value == 62 ? UInt8(ascii: "+") : UInt8(ascii: "/")
    }
}

/// Octets in lower-case hexadecimal digits.
struct HexText: FieldValue {
    /// The octets.
    let octets: [UInt8]

    /// A string.
    static var fieldType: FieldType { .string }

    /// Appends the digits as a JSON string.
    func appendJSON(to line: inout LineBuffer) {
        line.append(UInt8(ascii: "\""))
        for octet in octets { line.appendHex(octet) }
        line.append(UInt8(ascii: "\""))
    }
}
