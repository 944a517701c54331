/// Reads the labels of a name's presentation form one by one, escapes undone (RFC 1035 §5.1).
struct PresentationScanner {
    private let octets: [UInt8]
    private var position = 0

    init(octets: [UInt8]) { self.octets = octets }

    /// The octets of the next label; nil after the last one or the root's dot.
    mutating func nextLabel() throws(DomainNameError) -> [UInt8]? {
        guard position < octets.count else { return nil }
        var label: [UInt8] = []
        while position < octets.count, octets[position] != UInt8(ascii: ".") {
            label.append(try nextOctet())
            guard label.count <= DomainName.labelOctetsMax else { throw .labelTooLong }
        }
        guard !label.isEmpty else { throw .emptyLabel }
        position += 1
        return label
    }

    private mutating func nextOctet() throws(DomainNameError) -> UInt8 {
        let octet = octets[position]
        position += 1
        guard octet < 0x80 else { throw .nonASCII }
        guard octet.isVisible else { throw .badCharacter }
        guard octet == UInt8(ascii: "\\") else { return octet }
        guard position < octets.count, octets[position].isVisible else { throw .badEscape }
        guard octets[position].isDigit else {
            position += 1
            return octets[position - 1]
        }
        return try nextDecimalOctet()
    }

    private mutating func nextDecimalOctet() throws(DomainNameError) -> UInt8 {
        guard position + 3 <= octets.count else { throw .badEscape }
        let digits = octets[position..<position + 3]
        guard digits.allSatisfy(\.isDigit) else { throw .badEscape }
        position += 3
        let code = digits.reduce(0) { $0 * 10 + Int($1 & 15) }
        guard let octet = UInt8(exactly: code) else { throw .badEscape }
        return octet
    }
}

extension Substring.UTF8View.SubSequence {
    /// The pieces between unescaped dots.
    fileprivate var pieces: [Substring.UTF8View] {
        var pieces: [Substring.UTF8View] = []
        var rest = self
        while let dot = rest.firstSeparator {
            pieces.append(rest[..<dot])
            rest = rest[rest.index(after: dot)...]
        }
        pieces.append(rest)
        return pieces
    }
}

extension String.UTF8View {
    /// The labels of a canonical text.
    var labels: [Substring.UTF8View] { self[...].pieces }
}

extension Collection<UInt8> {
    /// The index of the first dot that is not escaped.
    var firstSeparator: Index? {
        var isEscaped = false
        for index in indices {
            if isEscaped {
                isEscaped = false
            } else if self[index] == UInt8(ascii: "\\") {
                isEscaped = true
            } else if self[index] == UInt8(ascii: ".") {
                return index
            }
        }
        return nil
    }
}
