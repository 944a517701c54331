/// The part of a line around an octet, safe to print, and the octet's column in it.
struct Excerpt {
    /// The part of the line; `…` marks a cut.
    let line: String
    /// The column of `line` that shows the octet, from 0; after the last one for the end.
    let column: Int
    /// The number of the line, from 1.
    let lineNumber: Int
    /// How many lines the text has.
    let lineCount: Int

    /// How many octets are shown on each side of the one in question.
    static let reach = 32

    /// The part of `text` around an octet, counted from 0.
    init(of text: [UInt8], around offset: Int) {
        let lineFeed = UInt8(ascii: "\n")
        // What is missing at the end is reported at the last line that says something.
        let isEnd = offset >= text.count
        let end = isEnd ? text.count - trailingLineEnds(text) : offset
        let start = text[..<end].lastIndex(of: lineFeed).map { $0 + 1 } ?? 0
        var stop = text[end...].firstIndex(of: lineFeed) ?? text.count
        if stop < text.count, stop > end, text[stop - 1] == UInt8(ascii: "\r") { stop -= 1 }
        let first = max(start, end - Self.reach)
        let last = min(isEnd ? end : stop, end + Self.reach)
        let before = text[first..<end].visibleText
        let mark = first > start ? "…" : ""
        column = mark.count + before.utf8.count
        line = mark + before + text[end..<last].visibleText + (last < stop && !isEnd ? "…" : "")
        lineNumber = 1 + text[..<start].count { $0 == lineFeed }
        lineCount = lineNumber + text[start...].dropLast().count { $0 == lineFeed }
    }

    /// A line that has a caret under the octet.
    var caretLine: String { String(repeating: " ", count: column) + "^" }
}

private func trailingLineEnds(_ text: [UInt8]) -> Int {
    text.reversed().prefix { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.count
}

extension Collection<UInt8> {
    /// The octets as text that is safe to print: visible ASCII and spaces as they are but for `\`,
    /// which is doubled, every other octet as `\DDD` (RFC 1035 §5.1).
    package var visibleText: String { map(visible).joined() }
}

private func visible(_ octet: UInt8) -> String {
    switch octet {
    case UInt8(ascii: "\\"): return "\\\\"
    case 0x20..<0x7F: return String(UnicodeScalar(octet))
    default:
        let digits = String(octet)
        return "\\" + String(repeating: "0", count: 3 - digits.utf8.count) + digits
    }
}
