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

    /// Appends the labels of a name as on the wire (RFC 1035 §3.1), without the root's.
    mutating func append(labelsOf name: DomainName) {
        guard !name.isRoot else { return }
        let text = name.text.utf8.span
        // Each dot is at the offset of the length of the label after it.
        let first = count + 1
        var start = count
        for index in text.indices {
            let octet = text[index]
            // Letters, by far the most frequent, are above the two that matter.
            if octet <= UInt8(ascii: "\\") {
                if octet == UInt8(ascii: "\\") { return append(escapedLabelsOf: name) }
                if octet == UInt8(ascii: ".") {
                    octets[start] = UInt8(truncatingIfNeeded: first + index - start - 1)
                    start = first + index
                }
            }
            octets[first + index] = octet
        }
        count = first + text.count
        octets[start] = UInt8(truncatingIfNeeded: count - start - 1)
    }

    /// RFC 6891 §6.1.2: OPT of the root, payload size as class, no flags, no options.
    mutating func appendOPT(payloadSize: UInt16) {
        append(0 as UInt8)
        append(41 as UInt16)
        append(payloadSize)
        append(0 as UInt16)
        append(0 as UInt16)
        append(0 as UInt16)
    }

    private mutating func append(escapedLabelsOf name: DomainName) {
        var scanner = PresentationScanner(octets: Array(name.text.utf8))
        while let label = try? scanner.nextLabel() {
            append(UInt8(truncatingIfNeeded: label.count))
            for octet in label { append(octet) }
        }
    }
}
