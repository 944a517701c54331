/// The beginning of a list, by which its layout is found.
struct ListSample {
    /// How many lines are looked at.
    static let linesMax = 1000
    /// How many bytes of text are looked at.
    static let bytesMax = 1 << 20

    /// The text, without a byte order mark.
    let bytes: [UInt8]
    /// Whether this is all of the list.
    let isWhole: Bool
    /// What ends the lines, where that is not LF; in the text LF does.
    let lineEnd: ListFormat.LineEnd?

    init(_ bytes: [UInt8], isWhole: Bool) {
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        let isMacintosh =
            !text.contains(UInt8(ascii: "\n")) && text.dropLast().contains(UInt8(ascii: "\r"))
        lineEnd = isMacintosh ? .carriageReturn : nil
        self.bytes =
            isMacintosh
            ? text.map { $0 == UInt8(ascii: "\r") ? UInt8(ascii: "\n") : $0 } : Array(text)
        self.isWhole = isWhole
    }

    /// The lines, without their ends; those of a table where a delimiter is given, whose quoted
    /// cells may have lines within.
    func lines(_ delimiter: Delimiter? = nil) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        while start < bytes.count, lines.count < Self.linesMax {
            let lineFeed = bytes[start...].firstIndex(of: UInt8(ascii: "\n"))
            guard lineFeed != nil || isWhole || lines.isEmpty else { break }
            var end = lineFeed ?? bytes.count
            if let delimiter, bytes[start..<end].contains(UInt8(ascii: "\"")) {
                let window = bytes.span.extracting(
                    start..<min(bytes.count, start + LineReader.lineBytesMax))
                switch TableRow.end(of: window, delimiter) {
                case .lineFeed(let rowEnd): end = start + rowEnd
                case .rest where isWhole: end = bytes.count
                case .rest, .open: break
                }
            }
            let line = bytes[start..<end]
            lines.append(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
            start = end + 1
        }
        return lines
    }
}

/// Whether a comment begins at a byte that is no blank: `#`, or `//` and a blank, as in the Public
/// Suffix List.
@inline(__always)
func isComment(_ line: Span<UInt8>, at first: Int) -> Bool {
    if line[first] == UInt8(ascii: "#") { return true }
    return line[first] == UInt8(ascii: "/") && first + 2 < line.count
        && line[first + 1] == UInt8(ascii: "/") && isBlank(line[first + 2])
}

/// Whether a comment of a list of names begins at a byte that is no blank: `;`, or as in lists of
/// filter rules `!` and a blank, and their head `[Adblock Plus 2.0]`.
///
/// In tables a `;` may separate columns.
@inline(__always)
func isListComment(_ line: Span<UInt8>, at first: Int) -> Bool {
    switch line[first] {
    case UInt8(ascii: ";"): true
    case UInt8(ascii: "!"): first + 1 == line.count || isBlank(line[first + 1])
    case UInt8(ascii: "["): string(line.extracting(first...)).hasPrefix("[Adblock")
    default: false
    }
}

/// Whether the content of a line is a bracket of a JSON array, with a comma or a semicolon or not.
@inline(__always)
func isBracket(_ line: Span<UInt8>, _ content: Range<Int>) -> Bool {
    let first = line[content.lowerBound]
    guard content.count <= 2, first == UInt8(ascii: "[") || first == UInt8(ascii: "]") else {
        return false
    }
    guard content.count == 2 else { return true }
    let last = line[content.upperBound - 1]
    return last == UInt8(ascii: ",") || last == UInt8(ascii: ";")
}

extension ArraySlice<UInt8> {
    /// Whether the line is neither blank, nor a comment, nor a bracket around the others.
    var isContent: Bool {
        let line = span
        let content = trimmed(line.indices, of: line)
        return content.first.map { !isComment(line, at: $0) && !isBracket(line, content) } ?? false
    }

    /// The same of a list that is no table.
    var isListContent: Bool {
        guard isContent, let first = indices.first(where: { !isBlank(self[$0]) }) else {
            return false
        }
        return !isListComment(span, at: first - startIndex)
    }

    /// The first byte that is no blank; nil where there is none.
    var firstMark: UInt8? { first { !isBlank($0) } }

    /// The text without blanks at its ends, what is not UTF-8 repaired.
    var trimmedText: String {
        let range = trimmed(span.indices, of: span)
        return string(span.extracting(range))
    }
}

extension String {
    /// The text without blanks and quotes at its ends.
    var trimmingQuotes: String {
        var text = self[...]
        while text.first.map({ $0.isWhitespace || $0 == "\"" }) == true { text.removeFirst() }
        while text.last.map({ $0.isWhitespace || $0 == "\"" }) == true { text.removeLast() }
        return String(text)
    }
}
