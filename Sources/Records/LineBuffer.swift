internal import BasicContainers

/// JSON as octets (RFC 8259), appended in place: no string is made on the way.
///
/// It has one owner and cannot be copied, so that no append has to check whether it is shared.
public struct LineBuffer: ~Copyable {
    private var storage: UniqueArray<UInt8>

    /// An empty buffer with room for so many octets.
    public init(capacity: Int = 0) { storage = UniqueArray(minimumCapacity: capacity) }

    /// How many octets there are.
    public var count: Int { storage.count }

    /// The octets as text.
    public var text: String {
        var text = ""
        withOctets { octets in
            text = String(decoding: octets.indices.map { octets[$0] }, as: UTF8.self)
        }
        return text
    }

    /// The octets from `start` on, copied.
    func copy(from start: Int) -> LineBuffer {
        LineBuffer(storage: UniqueArray(copying: storage.span.extracting(start...)))
    }

    private init(storage: consuming UniqueArray<UInt8>) { self.storage = storage }

    /// Calls `body` with the octets, without a copy.
    public func withOctets<Result, Failure>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(storage.span)
    }

    /// Takes all octets away and keeps the room.
    public mutating func removeAll() { storage.removeAll(keepingCapacity: true) }

    /// Appends one octet.
    mutating func append(_ octet: UInt8) { storage.append(octet) }

    /// Appends octets as they are.
    mutating func append(_ octets: Span<UInt8>) { storage.append(copying: octets) }

    /// Appends the octets of another buffer.
    mutating func append(_ other: borrowing LineBuffer) {
        storage.append(copying: other.storage.span)
    }

    /// Puts another octet where one is already.
    mutating func replace(at index: Int, with octet: UInt8) { storage[index] = octet }

    /// Takes the last octet away.
    mutating func removeLast() { _ = storage.removeLast() }
}

extension LineBuffer {
    /// Appends the ASCII or UTF-8 of `text` as it is.
    mutating func append(_ text: String) { append(text.utf8.span) }

    /// Appends octets that need no escape, and the quotation mark that closes them.
    mutating func appendRest(_ octets: Span<UInt8>) {
        append(octets)
        append(UInt8(ascii: "\""))
    }

    /// Appends `null`.
    mutating func appendNull() { append("null") }

    /// Appends a number in decimal digits.
    mutating func appendDecimal(_ value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDigits(value.magnitude)
    }

    /// Appends at least `width` decimal digits, at most 20.
    mutating func appendDigits(_ value: UInt64, width: Int = 1) {
        if value >= 100 || width > 2 {
            appendManyDigits(value, width: width)
        } else {
            if value >= 10 || width == 2 { append(digit(value / 10)) }
            append(digit(value % 10))
        }
    }

    private mutating func appendManyDigits(_ value: UInt64, width: Int) {
        var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "0"))
        var start = 20
        var rest = value
        while rest > 0 {
            start -= 1
            digits[start] = digit(rest % 10)
            rest /= 10
        }
        append(digits.span.extracting(min(start, 20 - width)..<20))
    }

    /// Appends a JSON string of `text`.
    mutating func appendJSON(_ text: String) {
        append(UInt8(ascii: "\""))
        appendJSONRest(text)
    }

    /// Appends a JSON string of `text` from after its first quotation mark.
    mutating func appendJSONRest(_ text: String) {
        let octets = text.utf8.span
        guard octets.needsNoEscape || !octets.needsJSONEscape else {
            return appendEscapedRest(text)
        }
        appendRest(octets)
    }

    private mutating func appendEscapedRest(_ text: String) {
        for scalar in text.unicodeScalars { appendJSON(scalar) }
        append(UInt8(ascii: "\""))
    }

    /// Appends one character of a JSON string, escaped where RFC 8259 §7 wants it.
    ///
    /// DEL, C1 controls and changes of direction need no escape, but a terminal that shows the line
    /// is better off without them.
    private mutating func appendJSON(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x22, 0x5C:
            append(UInt8(ascii: "\\"))
            append(UInt8(truncatingIfNeeded: scalar.value))
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        case ..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069:
            append("\\u")
            appendHex(UInt8(truncatingIfNeeded: scalar.value >> 8))
            appendHex(UInt8(truncatingIfNeeded: scalar.value))
        default: append(String(Character(scalar)))
        }
    }

    /// Appends an octet as two lower-case hexadecimal digits.
    mutating func appendHex(_ octet: UInt8) {
        append(hexDigit(octet >> 4))
        append(hexDigit(octet & 15))
    }
}

private func digit(_ value: UInt64) -> UInt8 {
    UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value)
}

private func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
