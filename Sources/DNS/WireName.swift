/// Names as they stand in messages, uncompressed (RFC 1035 §3.1).
extension DomainName {
    /// The name as on the wire.
    public var wire: [UInt8] { [UInt8](capacity: wireCount) { appendWire(to: &$0) } }

    /// How many octets the name has on the wire.
    var wireCount: Int {
        let text = self.text.utf8Span.span
        guard !text.isEmpty else { return 1 }
        guard text.hasEscape else { return text.count + 2 }
        var count = 2
        var position = 0
        while position < text.count {
            position = text.escaped(at: position).end
            count += 1
        }
        return count
    }

    /// Appends the name as on the wire.
    func appendWire(to octets: inout OutputSpan<UInt8>) {
        let text = self.text.utf8Span.span
        var position = 0
        while position < text.count {
            let end = text.plainEnd(from: position)
            if end == text.count || text[end] == UInt8(ascii: ".") {
                octets.append(UInt8(truncatingIfNeeded: end - position))
                for index in position..<end { octets.append(text[index]) }
                position = end + 1
                continue
            }
            octets.append(text.labelCount(at: position))
            while position < text.count, text[position] != UInt8(ascii: ".") {
                let (octet, end) = text.escaped(at: position)
                octets.append(octet)
                position = end
            }
            position += 1
        }
        octets.append(0)
    }

    /// Where the name ends if it stands at `position` of a message, in whatever case; nil if it
    /// does not.
    func end(in message: [UInt8], at position: Int) -> Int? {
        let text = self.text.utf8Span.span
        var cursor = position
        var place = 0
        while place < text.count {
            guard cursor < message.count, message[cursor] == text.labelCount(at: place) else {
                return nil
            }
            cursor += 1
            while place < text.count, text[place] != UInt8(ascii: ".") {
                let (octet, end) = text.escaped(at: place)
                guard cursor < message.count, message[cursor].lowercased == octet else {
                    return nil
                }
                cursor += 1
                place = end
            }
            place += 1
        }
        guard cursor < message.count, message[cursor] == 0 else { return nil }
        return cursor + 1
    }
}

extension Span<UInt8> {
    /// Whether an octet of the canonical text is written as an escape.
    fileprivate var hasEscape: Bool {
        for index in indices where self[index] == UInt8(ascii: "\\") { return true }
        return false
    }

    /// Where the first dot or escape stands from `position` on, or the text ends.
    fileprivate func plainEnd(from position: Int) -> Int {
        var end = position
        while end < count, self[end] != UInt8(ascii: "."), self[end] != UInt8(ascii: "\\") {
            end += 1
        }
        return end
    }

    /// The octet that the canonical text at `position` stands for, and where its text ends.
    fileprivate func escaped(at position: Int) -> (octet: UInt8, end: Int) {
        let octet = self[position]
        guard octet == UInt8(ascii: "\\") else { return (octet, position + 1) }
        let first = self[position + 1]
        guard first.isDigit else { return (first, position + 2) }
        let code = [first, self[position + 2], self[position + 3]].reduce(0) {
            $0 * 10 + Int($1 & 15)
        }
        return (UInt8(truncatingIfNeeded: code), position + 4)
    }

    /// How many octets the label has that begins at `position`.
    fileprivate func labelCount(at position: Int) -> UInt8 {
        var count: UInt8 = 0
        var position = position
        while position < self.count, self[position] != UInt8(ascii: ".") {
            position = escaped(at: position).end
            count &+= 1
        }
        return count
    }
}
