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

    init(_ bytes: [UInt8], isWhole: Bool) {
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
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

extension ArraySlice<UInt8> {
    /// Whether the line is neither blank nor a comment.
    var isContent: Bool {
        let line = span
        let content = trimmed(line.indices, of: line)
        return content.first.map { !isComment(line, at: $0) } ?? false
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
