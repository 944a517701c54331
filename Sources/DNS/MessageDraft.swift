/// A query that is being written, on the stack.
struct MessageDraft {
    /// A header, a name, type and class, and an OPT record without options at most.
    private(set) var octets = InlineArray<288, UInt8>(repeating: 0)
    private(set) var count = 0

    mutating func append(_ octet: UInt8) {
        octets[count] = octet
        count += 1
    }

    mutating func append(_ value: UInt16) {
        append(UInt8(value >> 8))
        append(UInt8(value & 0xFF))
    }

    /// Appends a name as on the wire, uncompressed (RFC 1035 §3.1).
    mutating func append(_ name: DomainName) {
        let text = name.text.utf8Span.span
        // Where the length of the label under way stands.
        var start = count
        var end = start + 1
        var position = 0
        while position < text.count {
            let octet = text[position]
            position += 1
            if octet == UInt8(ascii: ".") {
                octets[start] = UInt8(truncatingIfNeeded: end - start - 1)
                start = end
            } else if octet == UInt8(ascii: "\\") {
                (octets[end], position) = text.escaped(at: position - 1)
            } else {
                octets[end] = octet
            }
            end += 1
        }
        octets[start] = UInt8(truncatingIfNeeded: end - start - 1)
        // The root's label, unless the name is the root.
        if end > start + 1 {
            octets[end] = 0
            end += 1
        }
        count = end
    }
}
