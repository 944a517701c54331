internal import DNS

/// Reads lists of domains, one after the other, as a stream of entries; blocks on reads.
///
/// A list has one domain a line, or columns separated by commas or tabs: a rank and the domain, or
/// the domain first. It is plain or compressed by gzip, zstd or xz. Memory does not grow with the
/// lists, save by the hashes of the names where they are to be unique. To be used by one thread.
public final class ListReader {
    /// What the lines read so far were.
    public private(set) var statistics = ListStatistics()

    /// Is shown every byte of every list as stored, with the list's name; for digests.
    public var onRawBytes: ((_ source: String, _ bytes: UnsafeRawBufferPointer) -> Void)?

    private var waiting: ArraySlice<String>
    private var current: LineReader?
    private var line = 0
    private var mayBeHeader = true
    private var nextIndex = 0
    private var finishedBytes = 0
    private let bytesTotal: Int?
    private let seen: UniqueNames?

    /// Lists to be read in order, `-` being standard input; each must exist.
    ///
    /// None is opened yet. With `unique`, a name that was delivered is left out when it comes
    /// again.
    public init(_ sources: [String], unique: Bool = false) throws(ListError) {
        var total: Int? = 0
        for source in sources {
            let bytes = try ListFile.bytes(of: source)
            total = total.flatMap { sum in bytes.map { sum + $0 } }
        }
        bytesTotal = total
        waiting = sources[...]
        seen = unique ? UniqueNames() : nil
    }

    /// How far the reading has come.
    public var progress: ListProgress {
        let bytes = finishedBytes + (current?.source.bytesRead ?? 0)
        return ListProgress(bytesRead: bytes, bytesTotal: bytesTotal)
    }

    /// The next entry; nil at the end of the last list.
    ///
    /// An error ends its list, after all whole lines before it were delivered; called again, this
    /// goes on with the next list.
    public func next() throws(ListError) -> ListEntry? {
        while let lines = try currentList() {
            do throws(ListError) {
                while let line = try lines.next() {
                    if let entry = entry(line, of: lines.source.name) { return entry }
                }
            } catch {
                finishList()
                throw ListError(
                    source: error.source, offset: error.offset, line: line, reason: error.reason)
            }
            finishList()
        }
        return nil
    }

    private func currentList() throws(ListError) -> LineReader? {
        if let current { return current }
        guard let name = waiting.popFirst() else { return nil }
        let source = try ListSource(name)
        if let onRawBytes { source.onRawBytes = { onRawBytes(name, $0) } }
        line = 0
        mayBeHeader = true
        current = LineReader(source)
        return current
    }

    private func finishList() {
        finishedBytes += current?.source.bytesRead ?? 0
        current = nil
    }

    /// The entry on a line; nil where it holds none.
    private func entry(_ read: LineReader.Line, of source: String) -> ListEntry? {
        line += 1
        statistics.lines += 1
        switch LineContent(read.bytes.span) {
        case .blank: statistics.blanks += 1
        case .comment: statistics.comments += 1
        case .fields(let fields):
            defer { mayBeHeader = false }
            guard mayBeHeader, !read.isCut, isHeader(fields, of: read.bytes.span) else {
                return entry(read, fields, of: source)
            }
            statistics.headers += 1
        }
        return nil
    }

    private func entry(
        _ read: LineReader.Line, _ fields: LineContent.Fields, of source: String
    ) -> ListEntry? {
        let input = InputText.text(of: read)
        let name = name(in: read, fields, input: input)
        defer { nextIndex += 1 }
        switch name {
        case .success(let name):
            if let seen, !seen.insert(name) {
                statistics.duplicates += 1
                return nil
            }
        case .failure: statistics.invalid += 1
        }
        statistics.entries += 1
        return ListEntry(
            index: nextIndex, source: source, line: line, rank: fields.rank, input: input,
            name: name)
    }

    private func name(
        in read: LineReader.Line, _ fields: LineContent.Fields, input: String
    ) -> Result<DomainName, InvalidName> {
        guard !read.isCut else {
            let limit = LineReader.lineBytesMax
            return .failure(InvalidName(.lineTooLong, "the line has more than \(limit) bytes"))
        }
        let bytes = read.bytes.span.extracting(fields.name)
        // Where the line is the name they share one string.
        let text = bytes.count == read.bytes.count ? input : nil
        do throws(InvalidName) {
            return .success(try NameReader.name(from: bytes, text: text))
        } catch {
            return .failure(error)
        }
    }

    /// Whether the first line that carries something names the columns.
    private func isHeader(_ fields: LineContent.Fields, of line: Span<UInt8>) -> Bool {
        guard !fields.isNumbered else { return false }
        let name = string(line.extracting(fields.name))
        if fields.isTable, !name.utf8.contains(UInt8(ascii: ".")) { return true }
        return ["domain", "name", "hostname"].contains(name.lowercased())
    }
}
