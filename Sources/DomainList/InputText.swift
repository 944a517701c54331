/// The text of a line as a record repeats it.
enum InputText {
    private static let mark = "…"

    /// The line's text, repaired to UTF-8, and cut where it is long.
    static func text(of line: LineReader.Line) -> String {
        let bytes = unsafe line.bytes.span
        guard bytes.count > ListEntry.inputBytesMax else { return string(bytes) }
        var end = ListEntry.inputBytesMax - mark.utf8.count
        let start = end - 3
        // No scalar is cut: a continuation byte has 10 for its top bits (RFC 3629 §3).
        while end > start, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return string(bytes.extracting(0..<end)) + mark
    }
}
