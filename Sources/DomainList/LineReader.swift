internal import Glibc

/// Splits a list into lines that end with LF, CRLF or the list; blocks on reads.
@safe final class LineReader {
    /// A line without its terminator, valid until the next call.
    @safe struct Line {
        let bytes: UnsafeBufferPointer<UInt8>
        /// Whether these are only the first bytes of a line that is too long.
        let isCut: Bool
    }

    /// Longer lines are cut.
    static let lineBytesMax = 64 << 10

    let source: ListSource
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: LineReader.lineBytesMax + ListSource.chunkBytes, alignment: 64)
    private var pending = 0..<0
    private var isAtStart = true
    private var skipsRestOfLine = false

    init(_ source: ListSource) { self.source = source }

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
        return unsafe Line(bytes: bytes.bindMemory(to: UInt8.self), isCut: isCut)
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
