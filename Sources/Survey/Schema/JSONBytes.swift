/// JSON as octets (RFC 8259), appended in place: no string is made on the way.
extension [UInt8] {
    /// Appends the ASCII or UTF-8 of `literal` as it is.
    mutating func appendLiteral(_ literal: String) {
        append(contentsOf: literal.utf8)
    }

    /// Appends `null`.
    mutating func appendNull() {
        append(UInt8(ascii: "n"))
        append(UInt8(ascii: "u"))
        append(UInt8(ascii: "l"))
        append(UInt8(ascii: "l"))
    }

    /// Appends a number in decimal digits.
    mutating func appendDecimal(_ value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDigits(value.magnitude)
    }

    /// Appends at least `width` decimal digits.
    mutating func appendDigits(_ value: UInt64, width: Int = 1) {
        if value >= 10 || width > 1 { appendDigits(value / 10, width: width - 1) }
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
    }

    /// Appends a JSON string of `text`.
    mutating func appendJSON(_ text: String) {
        append(UInt8(ascii: "\""))
        if text.utf8Span.span.needsJSONEscape {
            for octet in text.utf8 { appendJSONOctet(octet) }
        } else {
            append(contentsOf: text.utf8)
        }
        append(UInt8(ascii: "\""))
    }

    /// Appends one octet of a JSON string's UTF-8, escaped where RFC 8259 §7 wants it.
    mutating func appendJSONOctet(_ octet: UInt8) {
        switch octet {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            append(UInt8(ascii: "\\"))
            append(octet)
        case 0x0A:
            appendLiteral("\\n")
        case 0x0D:
            appendLiteral("\\r")
        case 0x09:
            appendLiteral("\\t")
        case ..<0x20, 0x7F:
            // DEL needs no escape, but a terminal that shows the line is better off without it.
            appendLiteral("\\u00")
            appendHex(octet)
        default:
            append(octet)
        }
    }

    /// Appends an octet as two lower-case hexadecimal digits.
    mutating func appendHex(_ octet: UInt8) {
        append(hexDigit(octet >> 4))
        append(hexDigit(octet & 15))
    }
}

private func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}

extension Span<UInt8> {
    /// Whether one of the octets cannot stand in a JSON string as it is.
    fileprivate var needsJSONEscape: Bool {
        for index in indices where self[index].needsJSONEscape { return true }
        return false
    }
}

extension UInt8 {
    /// Whether the octet cannot stand in a JSON string as it is.
    fileprivate var needsJSONEscape: Bool {
        self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\") || self == 0x7F
    }
}
