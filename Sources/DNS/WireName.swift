/// Names as they stand in messages, uncompressed (RFC 1035 §3.1).
extension DomainName {
    /// The name as on the wire.
    public var wire: [UInt8] {
        var draft = MessageDraft()
        draft.append(self)
        return [UInt8](capacity: draft.count) { octets in
            for index in 0..<draft.count { octets.append(draft.octets[index]) }
        }
    }

    /// Whether the name has no more octets on the wire than names can have.
    var fitsWire: Bool {
        let text = self.text.utf8Span.span
        // An escape only makes the text longer.
        guard text.count + 2 > DomainName.wireOctetsMax else { return true }
        var count = 2
        var position = 0
        while position < text.count {
            position = text.escaped(at: position).end
            count += 1
        }
        return count <= DomainName.wireOctetsMax
    }

    /// Where the name ends if it stands at `position` of a message, in whatever case; nil if it
    /// does not.
    func end(in message: Span<UInt8>, at position: Int) -> Int? {
        let text = self.text.utf8Span.span
        var cursor = position
        var place = 0
        while place < text.count {
            guard cursor < message.count else { return nil }
            let length = Int(message[cursor])
            cursor += 1
            // Something follows every label.
            guard 1...63 ~= length, length < message.count - cursor else { return nil }
            let label = message.extracting(cursor..<cursor + length)
            guard let end = text.end(ofLabel: label, at: place) else { return nil }
            cursor += length
            place = end + 1
        }
        guard cursor < message.count, message[cursor] == 0 else { return nil }
        return cursor + 1
    }
}

extension Span<UInt8> {
    /// Where the canonical text of a label ends that stands at `position`: at a dot or the end of
    /// all; nil where another label stands there.
    fileprivate func end(ofLabel label: Span<UInt8>, at position: Int) -> Int? {
        // Nearly always the octets are the same, and none stands for another.
        var index = 0
        let alike = extracting(position..<Swift.min(position + label.count, count))
        while index < alike.count {
            let octet = alike[index]
            guard octet == label[index], octet != UInt8(ascii: "."), octet != UInt8(ascii: "\\")
            else { break }
            index += 1
        }
        var position = position + index
        while index < label.count {
            guard position < count else { return nil }
            let octet = self[position]
            if octet == UInt8(ascii: "\\") {
                let (octet, end) = escaped(at: position)
                guard label[index].lowercased == octet else { return nil }
                position = end
            } else {
                guard octet != UInt8(ascii: "."),
                    octet == label[index] || octet == label[index].lowercased
                else { return nil }
                position += 1
            }
            index += 1
        }
        return position == count || self[position] == UInt8(ascii: ".") ? position : nil
    }

    /// The octet that the canonical text at `position` stands for, and where its text ends.
    func escaped(at position: Int) -> (octet: UInt8, end: Int) {
        let octet = self[position]
        guard octet == UInt8(ascii: "\\") else { return (octet, position + 1) }
        let first = self[position + 1]
        guard first.isDigit else { return (first, position + 2) }
        let code = [first, self[position + 2], self[position + 3]].reduce(0) {
            $0 * 10 + Int($1 & 15)
        }
        return (UInt8(truncatingIfNeeded: code), position + 4)
    }
}
