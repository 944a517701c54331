/// Classes of octets by US-ASCII, shared by the parsers of this package.
extension UInt8 {
    /// Whether the octet is a letter from `a` to `z`.
    package var isLowercase: Bool { self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z") }

    /// Whether the octet is DIGIT of RFC 5234 §B.1.
    package var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    /// Whether the octet is ALPHA or DIGIT of RFC 5234 §B.1.
    package var isAlphanumeric: Bool { isDigit || lowercased.isLowercase }

    /// Whether the octet is WSP of RFC 5234 §B.1: a space or a tab.
    package var isWhitespace: Bool { self == 0x20 || self == 0x09 }

    /// Whether the octet is a character that is seen: VCHAR of RFC 5234 §B.1.
    package var isVisible: Bool { self > 0x20 && self < 0x7F }

    /// The octet with `A` to `Z` turned into lower case (RFC 4343 §2.1).
    package var lowercased: UInt8 {
        self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self | 0x20 : self
    }
}

extension ArraySlice<UInt8> {
    /// The slice without white space at its end.
    package var droppingTrailingWhitespace: ArraySlice<UInt8> {
        self[..<((lastIndex { !$0.isWhitespace }).map { $0 + 1 } ?? startIndex)]
    }

    /// Whether the octets are those of `text`, byte by byte.
    package func spells(_ text: StaticString) -> Bool {
        elementsEqual(text.description.utf8)
    }

    /// Whether the octets are those of `text` but for the case of letters.
    package func spells(ignoringCase text: StaticString) -> Bool {
        elementsEqual(text.description.utf8) { $0.lowercased == $1.lowercased }
    }

    /// Where the slice stops to be the name of a field; nil where it is one.
    ///
    /// RFC 8461 §3.1 and §3.2, RFC 8460 §3: `(ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")`.
    package var fieldNameFault: Int? {
        guard first?.isAlphanumeric == true else { return startIndex }
        let fault = firstIndex { octet in
            switch octet {
            case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): false
            default: !octet.isAlphanumeric
            }
        }
        return fault ?? (count > 32 ? startIndex + 32 : nil)
    }
}
