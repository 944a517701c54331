/// Whether a byte is a decimal digit.
func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

/// What a record repeats of a line.
enum InputText {
    private static let mark = "…"

    /// The line's text, repaired to UTF-8, and cut where it is long.
    static func text(of bytes: Span<UInt8>) -> String {
        guard bytes.count > ListEntry.inputBytesMax else { return string(bytes) }
        var end = ListEntry.inputBytesMax - mark.utf8.count
        let start = end - 3
        // No scalar is cut: a continuation byte has 10 for its top bits (RFC 3629 §3).
        while end > start, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return string(bytes.extracting(0..<end)) + mark
    }

    /// What is kept of a line of which only the domain is: the name as it is written, or what
    /// stands in its place; nil where that may be something about a person.
    static func domain(_ name: ListedName, cell: Span<UInt8>, text: String?) -> String? {
        if let inner = name.text { return inner }
        if case .success = name.name { return text ?? string(cell) }
        for index in cell.indices where isBlank(cell[index]) || cell[index] == UInt8(ascii: "@") {
            return nil
        }
        return Self.text(of: cell)
    }
}
