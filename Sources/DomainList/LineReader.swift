internal import Glibc

/// Splits a list into lines that end with LF, CRLF or the list, or with CR where that is said;
/// blocks on reads.
@safe final class LineReader {
    /// A line without its terminator, valid until the next call.
    @safe struct Line {
        let bytes: UnsafeBufferPointer<UInt8>
        /// Whether these are only the first bytes of a line that is too long.
        let isCut: Bool
        /// How many line feeds are in it, in the quotes of a table's cell.
        var lineFeeds = 0
    }

    /// Longer lines are cut.
    static let lineBytesMax = 64 << 10

    let source: ListSource
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: LineReader.lineBytesMax + ListSource.chunkBytes, alignment: 64)
    private var pending = 0..<0
    private var isAtStart = true
    private var skipsRestOfLine = false

    private let lineEnd: ListFormat.LineEnd?

    /// The lines of a source; nil for `lineEnd` is LF.
    init(_ source: ListSource, lineEnd: ListFormat.LineEnd? = nil) {
        self.source = source
        self.lineEnd = lineEnd
    }

    deinit { unsafe buffer.deallocate() }

    /// The next line; nil at the list's end.
    ///
    /// Where the list breaks off with an error the line that it breaks is not delivered: it may be
    /// half a name.
    func next() throws(ListError) -> Line? {
        if skipsRestOfLine { try skipRestOfLine() }
        var searched = 0
        while true {
            if let end = lineFeed(from: searched) { return take(through: end) }
            searched = pending.count
            guard searched <= Self.lineBytesMax else { return cut() }
            guard try fill() else { return pending.isEmpty ? nil : takeRest() }
        }
    }

    /// The next row of a table, whose quoted cells may have line feeds; nil at the list's end.
    ///
    /// Quotes that do not close within the longest line are characters like others.
    func nextRow(_ delimiter: Delimiter) throws(ListError) -> Line? {
        if skipsRestOfLine { try skipRestOfLine() }
        var isWhole = false
        while true {
            guard let first = lineFeed(from: 0) else {
                guard !isWhole, pending.count <= Self.lineBytesMax else { return try next() }
                isWhole = try !fill()
                continue
            }
            guard hasQuote(before: first) else { return take(through: first) }
            let window = unsafe UnsafeRawBufferPointer(
                rebasing: buffer[pending.prefix(Self.lineBytesMax)])
            let bytes = unsafe window.bindMemory(to: UInt8.self)
            switch unsafe TableRow.end(of: bytes.span, delimiter) {
            case .lineFeed(let end): return takeRow(to: pending.lowerBound + end, isEnded: true)
            case .rest where isWhole: return takeRow(to: pending.upperBound, isEnded: false)
            case .rest, .open:
                guard !isWhole, pending.count <= Self.lineBytesMax else {
                    return take(through: first)
                }
                isWhole = try !fill()
            }
        }
    }

    private func hasQuote(before end: Int) -> Bool {
        guard let base = unsafe buffer.baseAddress else { return false }
        return unsafe memchr(
            base + pending.lowerBound, Int32(UInt8(ascii: "\"")), end - pending.lowerBound) != nil
    }

    private func takeRow(to end: Int, isEnded: Bool) -> Line {
        let row = pending.lowerBound..<end
        pending = (isEnded ? end + 1 : end)..<pending.upperBound
        var line = line(row)
        line.lineFeeds = unsafe line.bytes.count { $0 == UInt8(ascii: "\n") }
        return line
    }

    private func lineFeed(from searched: Int) -> Int? {
        let start = pending.lowerBound + searched
        guard start < pending.upperBound, let base = unsafe buffer.baseAddress,
            let found = unsafe memchr(
                base + start, Int32(UInt8(ascii: "\n")), pending.upperBound - start)
        else { return nil }
        return unsafe UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
    }

    private func take(through lineFeed: Int) -> Line {
        let line = pending.lowerBound..<lineFeed
        pending = (lineFeed + 1)..<pending.upperBound
        return self.line(line)
    }

    private func takeRest() -> Line {
        let line = pending
        pending = 0..<0
        return self.line(line)
    }

    private func line(_ range: Range<Int>) -> Line {
        var range = range
        if range.last.map({ unsafe buffer[$0] == UInt8(ascii: "\r") }) ?? false {
            range.removeLast()
        }
        let isCut = range.count > Self.lineBytesMax
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer[range.prefix(Self.lineBytesMax)])
            .bindMemory(to: UInt8.self)
        return unsafe Line(bytes: bytes, isCut: isCut)
    }

    private func cut() -> Line {
        skipsRestOfLine = true
        return line(pending)
    }

    private func skipRestOfLine() throws(ListError) {
        while true {
            if let end = lineFeed(from: 0) {
                pending = (end + 1)..<pending.upperBound
                break
            }
            pending = 0..<0
            guard try fill() else { break }
        }
        skipsRestOfLine = false
    }

    /// Reads more; false at the list's end.
    private func fill() throws(ListError) -> Bool {
        unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[pending]))
        pending = 0..<pending.count
        let free = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[pending.upperBound...])
        let count = try unsafe source.read(into: free)
        if lineEnd == .carriageReturn {
            for index in 0..<count where unsafe free[index] == UInt8(ascii: "\r") {
                unsafe free[index] = UInt8(ascii: "\n")
            }
        }
        pending = 0..<(pending.upperBound + count)
        if isAtStart { try skipByteOrderMark() }
        return count > 0
    }

    private func skipByteOrderMark() throws(ListError) {
        isAtStart = false
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        while pending.count < mark.count,
            unsafe buffer[pending].elementsEqual(mark.prefix(pending.count))
        {
            guard try fill() else { return }
        }
        if unsafe buffer[pending].starts(with: mark) { pending.removeFirst(mark.count) }
    }
}
