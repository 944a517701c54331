/// Names as encoded in messages, uncompressed (RFC 1035 §3.1).
extension DomainName {
    /// The name as on the wire.
    public var wire: [UInt8] {
        var draft = MessageDraft()
        draft.append(labelsOf: self)
        return [UInt8](capacity: draft.count + 1) { octets in
            for index in 0..<draft.count { octets.append(draft.octets[index]) }
            octets.append(0)
        }
    }

    /// Whether the name is short enough to have the labels of `prefix` in front.
    func canBePrefixed(by prefix: DomainName) -> Bool {
        // Without escapes, labels have an octet more than their text.
        if prefix.text.utf8.count + text.utf8.count + 3 <= DomainName.wireOctetsMax { return true }
        return prefix.wire.count + wire.count - 1 <= DomainName.wireOctetsMax
    }

    /// Where the labels of the name end if they are at `position` of a message, in whatever case;
    /// nil if they do not.
    func end(in message: Span<UInt8>, at position: Int) -> Int? {
        guard !isRoot else { return position }
        let text = self.text.utf8.span
        let first = position + 1
        guard first + text.count <= message.count else {
            return endOfEscaped(in: message, at: position)
        }
        let labels = message.extracting(first..<first + text.count)
        // Each dot is at the offset of the length of the label after it.
        var length = Int(message[position])
        var start = 0
        for index in text.indices {
            let octet = text[index]
            if octet == UInt8(ascii: ".") {
                guard length == index - start else { return nil }
                (length, start) = (Int(labels[index]), index + 1)
            } else if octet != labels[index] || octet == UInt8(ascii: "\\") {
                if octet == UInt8(ascii: "\\") { return endOfEscaped(in: message, at: position) }
                guard octet == labels[index].lowercased else { return nil }
            }
        }
        return length == text.count - start ? first + text.count : nil
    }

    private func endOfEscaped(in message: Span<UInt8>, at position: Int) -> Int? {
        let labels = wire.dropLast()
        let end = position + labels.count
        guard end <= message.count else { return nil }
        let isThere = labels.indices.allSatisfy { index in
            let octet = message[position + index]
            return labels[index] == octet || labels[index] == octet.lowercased
        }
        return isThere ? end : nil
    }
}
