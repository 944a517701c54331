/// What a line of a list holds.
enum LineContent: Equatable {
    case blank
    case comment
    case fields(Fields)

    /// The parts of a line that carries something.
    struct Fields: Equatable {
        var rank: Int?
        /// The range of the name in the line.
        var name: Range<Int>
        /// Whether there are several columns.
        var isTable: Bool
        /// Whether the first column is a number.
        var isNumbered: Bool
    }

    init(_ line: Span<UInt8>) {
        let text = trimmed(line.indices, of: line)
        guard let first = text.first else {
            self = .blank
            return
        }
        guard line[first] != UInt8(ascii: "#") else {
            self = .comment
            return
        }
        let (content, separator) = Self.split(text, of: line)
        self = .fields(Fields(content, separatedAt: separator, of: line))
    }

    /// The text before a trailing comment, and its first comma or tab.
    private static func split(
        _ text: Range<Int>, of line: Span<UInt8>
    ) -> (content: Range<Int>, separator: Int?) {
        var separator: Int?
        for index in text {
            let byte = line[index]
            if byte > UInt8(ascii: ",") { continue }
            if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\t") {
                separator = separator ?? index
            } else if byte == UInt8(ascii: "#"), isBlank(line[index - 1]) {
                let content = trimmed(text.lowerBound..<index, of: line)
                return (content, separator.flatMap { content.contains($0) ? $0 : nil })
            }
        }
        return (text, separator)
    }
}

extension LineContent.Fields {
    fileprivate init(_ content: Range<Int>, separatedAt separator: Int?, of line: Span<UInt8>) {
        guard let separator else {
            self.init(name: field(content, of: line), isTable: false, isNumbered: false)
            return
        }
        let first = field(content.lowerBound..<separator, of: line)
        guard isNumber(first, of: line) else {
            self.init(name: first, isTable: true, isNumbered: false)
            return
        }
        let rest = (separator + 1)..<content.upperBound
        let next = rest.first { line[$0] == UInt8(ascii: ",") || line[$0] == UInt8(ascii: "\t") }
        self.init(
            rank: number(first, of: line),
            name: field(rest.lowerBound..<(next ?? rest.upperBound), of: line),
            isTable: true, isNumbered: true)
    }

    private init(name: Range<Int>, isTable: Bool, isNumbered: Bool) {
        self.init(rank: nil, name: name, isTable: isTable, isNumbered: isNumbered)
    }
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

private func trimmed(_ range: Range<Int>, of line: Span<UInt8>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, isBlank(line[start]) { start += 1 }
    while start < end, isBlank(line[end - 1]) { end -= 1 }
    return start..<end
}

/// A field without the blanks and the double quotes around it.
private func field(_ range: Range<Int>, of line: Span<UInt8>) -> Range<Int> {
    let text = trimmed(range, of: line)
    let quote = UInt8(ascii: "\"")
    guard text.count >= 2, line[text.lowerBound] == quote, line[text.upperBound - 1] == quote else {
        return text
    }
    return trimmed((text.lowerBound + 1)..<(text.upperBound - 1), of: line)
}

private func isNumber(_ range: Range<Int>, of line: Span<UInt8>) -> Bool {
    guard !range.isEmpty else { return false }
    for index in range where !isDigit(line[index]) { return false }
    return true
}

/// The number; nil where it is too large to be a rank.
private func number(_ range: Range<Int>, of line: Span<UInt8>) -> Int? {
    guard range.count <= 18 else { return nil }
    var value = 0
    for index in range { value = value * 10 + Int(line[index] - UInt8(ascii: "0")) }
    return value
}

func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

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
