/// What separates the columns of a table.
public enum Delimiter: String, CaseIterable, Codable, Sendable {
    case comma, semicolon, tab, bar, colon, caret, tilde, equals, startOfHeading, unitSeparator
    case blanks

    /// The byte; of blanks, one of them.
    var byte: UInt8 {
        switch self {
        case .comma: UInt8(ascii: ",")
        case .semicolon: UInt8(ascii: ";")
        case .tab: UInt8(ascii: "\t")
        case .bar: UInt8(ascii: "|")
        case .colon: UInt8(ascii: ":")
        case .caret: UInt8(ascii: "^")
        case .tilde: UInt8(ascii: "~")
        case .equals: UInt8(ascii: "=")
        case .startOfHeading: 0x01
        case .unitSeparator: 0x1F
        case .blanks: UInt8(ascii: " ")
        }
    }

    /// Whether a byte separates columns.
    @inline(__always)
    func isAt(_ byte: UInt8) -> Bool {
        byte == self.byte || self == .blanks && byte == UInt8(ascii: "\t")
    }

    /// How a person calls such a table.
    var title: String {
        switch self {
        case .comma: "CSV"
        case .semicolon: "CSV with semicolons"
        case .tab: "TSV"
        case .blanks: "a table with blanks between the columns"
        default: "a table with \(plural)"
        }
    }

    /// What a person calls several of them.
    var plural: String {
        switch self {
        case .comma: "commas"
        case .semicolon: "semicolons"
        case .tab: "tabs"
        case .bar: "bars"
        case .colon: "colons"
        case .caret: "carets"
        case .tilde: "tildes"
        case .equals: "equals signs"
        case .startOfHeading: "octets 0x01"
        case .unitSeparator: "octets 0x1F"
        case .blanks: "blanks"
        }
    }
}

/// A cell of a table's row.
struct Cell: Equatable {
    /// The bytes of its value in the row, without the quotes and the blanks around them.
    var range: Range<Int>
    /// Whether two quotes stand in it for one (RFC 4180 §2.7).
    var hasEscapes = false

    /// The value as text, what is not UTF-8 repaired.
    func text(in row: Span<UInt8>) -> String {
        let text = string(row.extracting(range))
        return hasEscapes ? text.replacing("\"\"", with: "\"") : text
    }
}

/// Rows of a table (RFC 4180), also those of programs that do not keep to it.
enum TableRow {
    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")

    /// Where a row ends.
    enum End: Equatable {
        /// At a line feed.
        case lineFeed(Int)
        /// Behind the bytes, where no quote is open.
        case rest
        /// Behind the bytes, where a quote is open.
        case open
    }

    /// The end of the row that begins the bytes.
    ///
    /// A quote opens a field at its beginning only. Where the quote that closes it is not followed
    /// by a delimiter or the row's end, the first was no opening quote: the row ends at its first
    /// LF.
    static func end(of bytes: Span<UInt8>, _ delimiter: Delimiter) -> End {
        var firstLineFeed: Int?
        var index = 0
        while index < bytes.count {
            index = skipBlanks(bytes, from: index, delimiter)
            if index < bytes.count, bytes[index] == quote {
                switch closing(bytes, from: index, delimiter) {
                case .open: return .open
                case .literal: if let firstLineFeed { return .lineFeed(firstLineFeed) }
                case .closed(let after, let lineFeed):
                    firstLineFeed = firstLineFeed ?? lineFeed
                    index = after
                }
            }
            while index < bytes.count, !delimiter.isAt(bytes[index]) {
                if bytes[index] == lineFeed { return .lineFeed(index) }
                index += 1
            }
            index += 1
        }
        return .rest
    }

    /// What a quote at the beginning of a field is.
    private enum Quote {
        /// It closes at a quote with nothing behind it; the first LF between them.
        case closed(after: Int, lineFeed: Int?)
        /// A character like others.
        case literal
        /// The bytes end before it closes.
        case open
    }

    private static func closing(
        _ bytes: Span<UInt8>, from opening: Int, _ delimiter: Delimiter
    ) -> Quote {
        var firstLineFeed: Int?
        var index = opening + 1
        while index < bytes.count {
            if bytes[index] == lineFeed { firstLineFeed = firstLineFeed ?? index }
            guard bytes[index] == quote else {
                index += 1
                continue
            }
            if index + 1 < bytes.count, bytes[index + 1] == quote {
                index += 2
                continue
            }
            let after = skipBlanks(bytes, from: index + 1, delimiter)
            guard after < bytes.count else { return .closed(after: after, lineFeed: firstLineFeed) }
            let next = bytes[after]
            let isEnd = delimiter.isAt(next) || next == lineFeed || next == UInt8(ascii: "\r")
            return isEnd ? .closed(after: after, lineFeed: firstLineFeed) : .literal
        }
        return .open
    }

    private static func skipBlanks(
        _ bytes: Span<UInt8>, from start: Int, _ delimiter: Delimiter
    ) -> Int {
        var index = start
        while index < bytes.count, isBlank(bytes[index]), bytes[index] != lineFeed,
            bytes[index] != UInt8(ascii: "\r"), !delimiter.isAt(bytes[index])
        {
            index += 1
        }
        return index
    }

    /// The cells of a row, without its end, up to a number of them.
    static func split(
        _ row: Span<UInt8>, _ delimiter: Delimiter, most: Int = .max, into cells: inout [Cell]
    ) {
        cells.removeAll(keepingCapacity: true)
        let content = delimiter == .blanks ? trimmed(row.indices, of: row) : row.indices
        var index = content.lowerBound
        while cells.count < most {
            let cell = self.cell(row, from: index, to: content.upperBound, delimiter)
            let range = trimmed(cell.value.range, of: row)
            cells.append(Cell(range: range, hasEscapes: cell.value.hasEscapes))
            guard cell.end < content.upperBound else { return }
            index = cell.end + 1
            guard delimiter == .blanks else { continue }
            while index < content.upperBound, delimiter.isAt(row[index]) { index += 1 }
        }
    }

    private static func cell(
        _ row: Span<UInt8>, from start: Int, to rowEnd: Int, _ delimiter: Delimiter
    ) -> (value: Cell, end: Int) {
        let opening = skipBlanks(row, from: start, delimiter)
        if opening < rowEnd, row[opening] == quote,
            case .closed(let after, _) = closing(
                row.extracting(0..<rowEnd), from: opening, delimiter)
        {
            var close = after - 1
            while row[close] != quote { close -= 1 }
            let range = (opening + 1)..<close
            let hasEscapes = range.contains { row[$0] == quote }
            return (Cell(range: range, hasEscapes: hasEscapes), after)
        }
        var end = start
        while end < rowEnd, !delimiter.isAt(row[end]) { end += 1 }
        return (Cell(range: start..<end), end)
    }
}

/// Whether a byte is a blank or a line's end.
@inline(__always)
func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

/// Whether a byte is of the lines that are drawn between the rows of a table for people.
@inline(__always)
func isRule(_ byte: UInt8) -> Bool { "-+=:|".utf8.contains(byte) }

extension Span<UInt8> {
    /// Whether all bytes are such; true of none.
    func allBytes(_ test: (UInt8) -> Bool) -> Bool {
        for index in indices where !test(self[index]) { return false }
        return true
    }
}

/// A range without the blanks at its ends.
@inline(__always)
func trimmed(_ range: Range<Int>, of bytes: Span<UInt8>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, isBlank(bytes[start]) { start += 1 }
    while start < end, isBlank(bytes[end - 1]) { end -= 1 }
    return start..<end
}
