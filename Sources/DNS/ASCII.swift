/// Classes of octets by US-ASCII.
extension UInt8 {
    /// Whether the octet is a letter from `a` to `z`.
    var isLowercase: Bool { self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z") }

    /// Whether the octet is a decimal digit.
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    /// Whether the octet is a character that is seen: VCHAR of RFC 5234 §B.1.
    var isVisible: Bool { self > 0x20 && self < 0x7F }

    /// The octet with `A` to `Z` turned into lower case (RFC 4343 §2.1).
    var lowercased: UInt8 {
        self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self | 0x20 : self
    }
}
