extension Span<UInt8> {
    /// Whether the octets are ASCII that needs no escape in a JSON string or on a terminal.
    ///
    /// Eight octets are examined at once.
    var needsNoEscape: Bool {
        guard count >= 8 else {
            return indices.allSatisfy { self[$0].isPlain }
        }
        let last = count &- 8
        var found = plainness(of: word(at: last))
        var start = 0
        while start < last {
            found |= plainness(of: word(at: start))
            start &+= 8
        }
        return found & eight(0x80) == 0
    }

    /// The eight octets from `start` on.
    @inline(__always)
    private func word(at start: Int) -> UInt64 {
        let octets = extracting(start..<start &+ 8)
        var word: UInt64 = 0
        for index in 0..<8 { word |= UInt64(octets[index]) << UInt64(8 &* index) }
        return word
    }

    /// Whether one of the octets must be escaped in a JSON string, or may begin a character that
    /// should be.
    ///
    /// All are examined without a branch, so that the compiler can examine many at once.
    var needsJSONEscape: Bool {
        var isNeeded: UInt8 = 0
        for index in indices {
            let octet = self[index]
            isNeeded |= octet < 0x20 ? 1 : 0
            isNeeded |= octet == UInt8(ascii: "\"") ? 1 : 0
            isNeeded |= octet == UInt8(ascii: "\\") ? 1 : 0
            isNeeded |= octet == 0x7F ? 1 : 0
            isNeeded |= octet == 0xC2 || octet == 0xE2 ? 1 : 0
        }
        return isNeeded != 0
    }
}

/// An octet eight times.
@inline(__always)
private func eight(_ octet: UInt64) -> UInt64 { octet &* 0x0101_0101_0101_0101 }

/// A word whose octets' highest bits are all 0 where all eight are plain.
///
/// A borrow between octets cannot hide an octet that is not plain: its own bit is set.
@inline(__always)
private func plainness(of word: UInt64) -> UInt64 {
    let controls = word &- eight(0x20)
    let delete = word &+ eight(1)
    let quotationMark = (word ^ eight(0x22)) &- eight(1)
    let backslash = (word ^ eight(0x5C)) &- eight(1)
    return word | controls | delete | quotationMark | backslash
}

extension UInt8 {
    fileprivate var isPlain: Bool {
        self >= 0x20 && self < 0x7F && self != UInt8(ascii: "\"") && self != UInt8(ascii: "\\")
    }
}
