internal import DNS

/// Reads lists of domains, one after the other, as a stream of entries; blocks on reads.
///
/// A list has one domain a line, or columns separated by commas or tabs: a rank and the domain, or
/// the domain first. It is plain or compressed by gzip, zstd or xz. Memory does not grow with the
/// lists, save by the hashes of the names where they are to be unique. To be used by one thread.
@safe public final class ListReader {
    /// What the lines read so far were.
    public private(set) var statistics = ListStatistics()

    /// Messages about lists that were read to their end and name no domain.
    public private(set) var remarks: [String] = []

    /// Called with every byte of every list as stored, and the list's index; for digests.
    public var onRawBytes: ((_ list: Int, _ bytes: UnsafeRawBufferPointer) -> Void)?

    private let lists: [OpenedList]
    private var nextList = 0
    private var current: LineReader?
    private var line = 0
    private var mayBeHeader = true
    private var hasNames = false
    private var nextIndex = 0
    private var finishedBytes = 0
    private let bytesTotal: Int?
    private let seen: UniqueNames?

    /// Lists to be read in order.
    ///
    /// With `unique`, only the first entry of a name is delivered.
    public init(_ lists: [OpenedList], unique: Bool = false) {
        bytesTotal = lists.reduce(0) { sum, list in
            sum.flatMap { sum in list.bytesTotal.map { sum + $0 } }
        }
        self.lists = lists
        seen = unique ? UniqueNames() : nil
    }

    /// The progress of reading.
    public var progress: ListProgress {
        let bytes = finishedBytes + (current?.source.bytesRead ?? 0)
        return ListProgress(bytesRead: bytes, bytesTotal: bytesTotal)
    }

    /// The next entry; nil at the end of the last list.
    ///
    /// An error ends the reading, after all whole lines before it were delivered. If the next list
    /// were begun, its entries would get other indexes once the broken list is complete.
    public func next() throws(ListError) -> ListEntry? {
        while let lines = try currentList() {
            do throws(ListError) {
                while let line = try lines.next() {
                    if let entry = entry(line, of: lines.source.name) { return entry }
                }
            } catch {
                finishList()
                nextList = lists.endIndex
                throw ListError(
                    error.kind, source: error.source, offset: error.offset, line: line,
                    reason: error.reason)
            }
            remark(on: lines.source.name)
            finishList()
        }
        return nil
    }

    private func currentList() throws(ListError) -> LineReader? {
        if let current { return current }
        guard nextList < lists.endIndex else { return nil }
        let place = nextList
        nextList = lists.endIndex
        let source = try ListSource(lists[place])
        nextList = place + 1
        if let onRawBytes = unsafe onRawBytes {
            unsafe source.onRawBytes = { unsafe onRawBytes(place, $0) }
        }
        line = 0
        mayBeHeader = true
        hasNames = false
        current = LineReader(source)
        return current
    }

    private func finishList() {
        finishedBytes += current?.source.bytesRead ?? 0
        current = nil
    }

    /// Notes a list without any name of a domain.
    private func remark(on name: String) {
        guard !hasNames else { return }
        remarks.append(
            line == 0
                ? "the list \(name) is empty"
                : "the list \(name) names no domain: none of its \(line) lines has one in its "
                    + "first column, or after a rank")
    }

    /// The entry on a line; nil where it holds none.
    private func entry(_ read: LineReader.Line, of source: String) -> ListEntry? {
        line += 1
        statistics.lines += 1
        switch unsafe LineContent(read.bytes.span) {
        case .blank: statistics.blanks += 1
        case .comment: statistics.comments += 1
        case .fields(let fields):
            defer { mayBeHeader = false }
            guard mayBeHeader, !read.isCut, unsafe isHeader(fields, of: read.bytes.span) else {
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
            hasNames = true
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
        let bytes = unsafe read.bytes.span.extracting(fields.name)
        // Where the line is the name they share one string.
        let text = unsafe bytes.count == read.bytes.count ? input : nil
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

/// The progress of reading lists, in bytes as stored.
public struct ListProgress: Hashable, Sendable {
    /// Bytes read of all lists.
    public let bytesRead: Int

    /// Bytes of all lists; nil where one is no regular file, so that its size is not known.
    public let bytesTotal: Int?
}

/// What the lines read so far were; `lines` is the sum of all others but `invalid`.
public struct ListStatistics: Hashable, Sendable {
    /// Lines of all lists, the last one without terminator included.
    public internal(set) var lines = 0

    /// Lines that were delivered as entries.
    public internal(set) var entries = 0

    /// Entries that are no domain name.
    public internal(set) var invalid = 0

    /// Lines that hold a comment only.
    public internal(set) var comments = 0

    /// Lines that hold nothing.
    public internal(set) var blanks = 0

    /// First lines that name the columns.
    public internal(set) var headers = 0

    /// Lines left out because their name had been delivered already.
    public internal(set) var duplicates = 0

    /// No lines yet.
    public init() {}
}
