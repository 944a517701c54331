internal import DNS

/// A list that is being read: its lines, and what they give by its layout.
@safe final class ListInProgress {
    let lines: LineReader
    private let format: ListFormat
    private let keepsLines: Bool
    private let carriedNames: [String]
    private let source: String
    /// How many lines were read.
    private(set) var line = 0
    /// The line that began what was read last.
    private var firstLine = 0
    /// The index of the next entry.
    private var index = 0
    /// What the lines read so far were, apart from what their entries are.
    private(set) var statistics = ListStatistics()
    /// How many of the rows of the header are still to come.
    private var headerRows: Int
    private var cells: [Cell] = []
    private let cellsMax: Int
    /// What the line read last gives beside what was delivered, the last first.
    private var waiting: [ListEntry] = []
    private var zone: ZoneFile
    private let delegations: UniqueNames?
    private var lastDelegation: [UInt8] = []

    init(_ lines: LineReader, _ format: ListFormat, keepsLines: Bool) {
        self.lines = lines
        source = lines.source.name
        self.format = format
        self.keepsLines = keepsLines
        carriedNames = format.carried.map(\.name)
        headerRows = format.headerRows
        let columns = [format.domain, format.rank ?? 0] + format.carried.compactMap(\.column)
        cellsMax = 1 + columns.reduce(0, max)
        zone = ZoneFile(origin: format.origin, apex: format.apex)
        delegations = format.kind == .zone ? UniqueNames() : nil
    }

    /// The next entry, which gets an index; nil at the list's end.
    func next(at index: Int) throws(ListError) -> ListEntry? {
        if !waiting.isEmpty, let entry = waiting.popLast() { return entry }
        self.index = index
        while let read = try nextLine() {
            line += 1
            statistics.lines += 1
            firstLine = line
            if read.lineFeeds > 0 {
                line += read.lineFeeds
                statistics.lines += read.lineFeeds
                statistics.continuations += read.lineFeeds
            }
            if let entry = try entry(read) { return entry }
        }
        return nil
    }

    private func nextLine() throws(ListError) -> LineReader.Line? {
        format.kind == .csv ? try lines.nextRow(format.delimiter) : try lines.next()
    }

    private func entry(_ read: LineReader.Line) throws(ListError) -> ListEntry? {
        let bytes = unsafe read.bytes.span
        if format.kind == .zone, !read.isCut { return delegation(bytes) }
        let content = trimmed(bytes.indices, of: bytes)
        guard let first = content.first else {
            statistics.blanks += 1
            return nil
        }
        guard !isComment(bytes, at: first), !isCommentHere(bytes, at: first) else {
            statistics.comments += 1
            return nil
        }
        guard !isBracket(bytes, content) else {
            statistics.passedOver[.bracket, default: 0] += 1
            return nil
        }
        if format.kind == .csv, isEmpty(bytes) {
            statistics.blanks += 1
            return nil
        }
        guard headerRows == 0 else { return header() }
        guard !read.isCut else {
            let limit = LineReader.lineBytesMax
            if let key = format.indexKey {
                throw missing(key, "is not looked for in a line of more than \(limit) bytes")
            }
            let fault = InvalidName(.lineTooLong, "the line has more than \(limit) bytes")
            return entry(.failure(fault), input: InputText.text(of: bytes))
        }
        switch format.kind {
        case .lines: return name(bytes, content)
        case .csv: return row(bytes)
        case .ndjson: return try object(bytes)
        case .hosts: return hosts(bytes)
        case .zone: return nil
        }
    }

    /// Whether a comment of a list that is no table begins at a byte.
    private func isCommentHere(_ line: Span<UInt8>, at first: Int) -> Bool {
        (format.kind == .lines || format.kind == .hosts) && isListComment(line, at: first)
    }

    private func header() -> ListEntry? {
        headerRows -= 1
        statistics.headers += 1
        return nil
    }

    // MARK: - A name a line

    private func name(_ line: Span<UInt8>, _ content: Range<Int>) -> ListEntry? {
        let bytes = line.extracting(content)
        // Where the line is the name they share one string.
        let text = bytes.count <= ListEntry.inputBytesMax ? string(bytes) : nil
        if let header = format.header?.first, statistics.headers > 0,
            text?.trimmingQuotes == header,
            !ColumnWords.alsoTLDs.contains(ColumnWords.plain(header))
        {
            return repeatedHeader()
        }
        var name = ListedName(bytes, text: text)
        var rank: Int?
        if case .failure = name.name {
            let cells = LooseRow.names(bytes, format.separator)
            if !cells.isEmpty { return names(cells, of: bytes, line) }
            if let row = LooseRow.name(bytes) { (name, rank) = row }
        }
        return entry(name, cell: bytes, text: text, of: line, rank: rank)
    }

    /// The entries of several names on a line, of which the first is delivered.
    private func names(
        _ cells: [Range<Int>], of content: Span<UInt8>, _ line: Span<UInt8>
    ) -> ListEntry? {
        waiting = []
        for cell in cells {
            let cell = content.extracting(cell)
            waiting.append(entry(ListedName(cell), cell: cell, of: line))
            index += 1
        }
        statistics.furtherNames += cells.count - 1
        waiting.reverse()
        return waiting.popLast()
    }

    /// A header again, as in files that were put together.
    private func repeatedHeader() -> ListEntry? {
        statistics.headers += 1
        return nil
    }

    /// The entry of a cell.
    private func entry(
        _ name: ListedName, cell: Span<UInt8>, text: String? = nil, of line: Span<UInt8>,
        rank: Int? = nil, carried: CarriedColumns? = nil
    ) -> ListEntry {
        if let form = name.form { statistics.forms[form, default: 0] += 1 }
        let input =
            keepsLines ? InputText.text(of: line) : InputText.domain(name, cell: cell, text: text)
        return entry(name.name, input: input, rank: rank, carried: carried)
    }

    private func entry(
        _ name: Result<DomainName, InvalidName>, input: String?, rank: Int? = nil,
        carried: CarriedColumns? = nil
    ) -> ListEntry {
        ListEntry(
            index: index, source: source, line: firstLine, rank: rank, input: input, name: name,
            carried: carried)
    }

    // MARK: - Tables

    private func row(_ line: Span<UInt8>) -> ListEntry? {
        TableRow.split(line, format.delimiter, most: cellsMax, into: &cells)
        // A row of one cell may be a name all the same.
        let place = cells.count == 1 ? 0 : format.domain
        let bytes = line.extracting(place < cells.count ? cells[place].range : 0..<0)
        if isHeader(line, domain: bytes) { return repeatedHeader() }
        let text = bytes.count <= ListEntry.inputBytesMax ? string(bytes) : nil
        var rank: Int?
        if let column = format.rank, column < cells.count {
            rank = Decimal.number(cells[column].range, of: line)
        }
        return entry(
            ListedName(bytes, text: text), cell: bytes, text: text, of: line, rank: rank,
            carried: carriedNames.isEmpty ? nil : carried(line))
    }

    private func carried(_ line: Span<UInt8>) -> CarriedColumns {
        CarriedColumns(
            names: carriedNames,
            values: format.carried.map { carried in
                carried.column.flatMap { $0 < cells.count ? cells[$0].text(in: line) : nil }
            })
    }

    /// Whether a row has delimiters, blanks and the lines of a drawn table alone.
    private func isEmpty(_ line: Span<UInt8>) -> Bool {
        line.allBytes { isBlank($0) || format.delimiter.isAt($0) || isRule($0) }
    }

    /// Whether a row is the header, whose cells were split as far as they are needed.
    private func isHeader(_ line: Span<UInt8>, domain: Span<UInt8>) -> Bool {
        guard let header = format.header, header.count > 1, statistics.headers > 0,
            header.indices.contains(format.domain),
            domain.count == header[format.domain].utf8.count
        else { return false }
        var cells: [Cell] = []
        TableRow.split(line, format.delimiter, into: &cells)
        return cells.map { $0.text(in: line) } == header
    }

    // MARK: - JSON

    private func object(_ line: Span<UInt8>) throws(ListError) -> ListEntry? {
        let object = JSONLine(line)
        if let key = format.indexKey { index = try number(of: key, in: object, line) }
        guard let object else {
            let fault = InvalidName(.badCharacter, "the line is no JSON object")
            return entry(.failure(fault), input: keepsLines ? InputText.text(of: line) : nil)
        }
        let members = format.domainKeys.lazy.map(object.members).first { !$0.isEmpty } ?? []
        guard !members.isEmpty else {
            let keys = format.domainKeys.map { "'\($0)'" }.joined(separator: " nor ")
            let fault = InvalidName(.emptyLabel, "the object has no value of \(keys)")
            return entry(.failure(fault), input: keepsLines ? InputText.text(of: line) : nil)
        }
        if let key = format.indexKey, members.count > 1 {
            throw missing(key, "belongs to \(members.count) names")
        }
        let rank = format.rankKey.flatMap { object.member($0) }
            .flatMap { Decimal.number($0.value, of: line) }
        let carried = carriedNames.isEmpty ? nil : carried(object, line)
        waiting = []
        for member in members {
            let value = Array(JSONLine.text(member, of: line).utf8)
            let cell = value.span.extracting(trimmed(value.indices, of: value.span))
            waiting.append(
                entry(ListedName(cell), cell: cell, of: line, rank: rank, carried: carried))
            index += 1
        }
        statistics.furtherNames += members.count - 1
        waiting.reverse()
        return waiting.popLast()
    }

    /// The index that a line gives its entry: without it, a record could not be told from others.
    private func number(
        of key: String, in object: JSONLine?, _ line: Span<UInt8>
    ) throws(ListError) -> Int {
        let member = object?.member(key)
        if let member, !member.isString, let index = Decimal.number(member.value, of: line) {
            return index
        }
        throw missing(
            key, member.map { "is '\(JSONLine.text($0, of: line))'" } ?? "is missing")
    }

    private func missing(_ key: String, _ found: String) -> ListError {
        ListError(
            .damaged, source: source, offset: lines.source.bytesRead,
            reason: "line \(line): the key '\(key)' \(found); it takes a whole number of up to 18 "
                + "digits, and every line its own, or none")
    }

    private func carried(_ object: JSONLine, _ line: Span<UInt8>) -> CarriedColumns {
        CarriedColumns(
            names: carriedNames,
            values: format.carried.map { carried in
                let members = carried.key.map(object.members) ?? []
                let texts = members.map { JSONLine.text($0, of: line) }
                return texts.isEmpty ? nil : texts.joined(separator: ", ")
            })
    }

    // MARK: - Hosts files

    private func hosts(_ line: Span<UInt8>) -> ListEntry? {
        let names = HostsLine.names(on: line)
        guard !names.isEmpty else { return name(line, trimmed(line.indices, of: line)) }
        var entries: [ListEntry] = []
        for range in names {
            let cell = line.extracting(range)
            guard hasDot(cell) else { continue }
            var name = ListedName(cell)
            if case .success = name.name { name.form = .hostsFile }
            entries.append(entry(name, cell: cell, of: line))
            index += 1
        }
        guard !entries.isEmpty else {
            statistics.passedOver[.ownName, default: 0] += 1
            return nil
        }
        statistics.furtherNames += entries.count - 1
        waiting = entries.reversed()
        return waiting.popLast()
    }

    private func hasDot(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices where bytes[index] == UInt8(ascii: ".") { return true }
        return false
    }

    // MARK: - Zone files

    private func delegation(_ text: Span<UInt8>) -> ListEntry? {
        switch zone.read(text) {
        case .blank: statistics.blanks += 1
        case .comment: statistics.comments += 1
        case .continuation: statistics.continuations += 1
        case .directive, .otherRecord:
            statistics.passedOver[.otherRecord, default: 0] += 1
        case .otherRecords: statistics.passedOver[.notFollowed, default: 0] += 1
        case .unknown:
            statistics.passedOver[.notUnderstood, default: 0] += 1
            statistics.firstNotUnderstood = statistics.firstNotUnderstood ?? line
        case .delegation:
            if let entry = newDelegation(text) { return entry }
            statistics.passedOver[.repeatedDelegation, default: 0] += 1
        }
        return nil
    }

    /// The delegation that the zone file is at; nil where it was there before.
    private func newDelegation(_ line: Span<UInt8>) -> ListEntry? {
        // Nearly all repetitions follow each other.
        guard zone.owner != lastDelegation else { return nil }
        lastDelegation.removeAll(keepingCapacity: true)
        lastDelegation.append(contentsOf: zone.owner)
        let text = String(decoding: zone.owner, as: UTF8.self)
        guard delegations?.insert(text: text) == true else { return nil }
        let owner = zone.owner
        let name = ListedName(ofDelegation: owner.span, text: text)
        return entry(name, cell: owner.span, text: text, of: line)
    }
}

/// What an entry has of the columns that are carried.
public struct CarriedColumns: Hashable, Sendable {
    /// The names of the columns.
    public let names: [String]
    /// Their values; nil where the row has none.
    public let values: [String?]
}

/// Numbers of lists.
enum Decimal {
    /// The number that a text is.
    static func number(in text: String) -> Int? {
        let bytes = Array(text.utf8)
        return number(bytes.indices, of: bytes.span)
    }

    /// The number in decimal digits, with commas between the thousands or not; nil where it is
    /// none, or too large to be a rank.
    static func number(_ range: Range<Int>, of line: Span<UInt8>) -> Int? {
        guard let first = range.first, range.count <= 24, isDigit(line[first]) else { return nil }
        var value = 0
        var digits = 0
        var place = first
        while place < range.upperBound {
            if isDigit(line[place]) {
                guard digits < 18 else { return nil }
                value = value * 10 + Int(line[place] - UInt8(ascii: "0"))
                digits += 1
                place += 1
            } else if isThousands(place..<range.upperBound, of: line, after: digits) {
                place += 1
            } else {
                return isZeroFraction(place..<range.upperBound, of: line) ? value : nil
            }
        }
        return value
    }

    /// Whether a comma between groups of three digits begins the rest.
    private static func isThousands(
        _ rest: Range<Int>, of line: Span<UInt8>, after digits: Int
    ) -> Bool {
        guard line[rest.lowerBound] == UInt8(ascii: ","), rest.count % 4 == 0, digits > 0 else {
            return false
        }
        return rest.allSatisfy { index in
            (index - rest.lowerBound) % 4 == 0
                ? line[index] == UInt8(ascii: ",") : isDigit(line[index])
        }
    }

    /// Whether the rest is a dot with zeros behind it, or none, as of `1.` and `1.0`.
    ///
    /// Three zeros are none: `1.000` is a thousand to others.
    private static func isZeroFraction(_ rest: Range<Int>, of line: Span<UInt8>) -> Bool {
        line[rest.lowerBound] == UInt8(ascii: ".") && rest.count != 4
            && rest.dropFirst().allSatisfy { line[$0] == UInt8(ascii: "0") }
    }
}

/// A row among lines that are no table: names alone, or one that is first, or after a number.
enum LooseRow {
    /// The cells of a line that has two domains or more and nothing else; none of any other.
    static func names(_ line: Span<UInt8>, _ separator: Delimiter?) -> [Range<Int>] {
        var cells: [Cell] = []
        for delimiter in separator.map({ [$0] }) ?? [.comma, .semicolon, .tab] {
            TableRow.split(line, delimiter, into: &cells)
            let ranges = cells.map(\.range).filter { !$0.isEmpty }
            let areDomains = ranges.allSatisfy {
                ListedName(line.extracting($0)).likeness == .domain
            }
            if ranges.count > 1, areDomains { return ranges }
        }
        return []
    }

    /// The name; nil where the line has no comma and no tab.
    static func name(_ line: Span<UInt8>) -> (name: ListedName, rank: Int?)? {
        var cells: [Cell] = []
        for delimiter in [Delimiter.comma, .tab, .semicolon] {
            TableRow.split(line, delimiter, most: 2, into: &cells)
            guard cells.count == 2 else { continue }
            let rank = Decimal.number(cells[0].range, of: line)
            let name = ListedName(line.extracting(cells[rank == nil ? 0 : 1].range))
            if case .success = name.name { return (name, rank) }
        }
        return nil
    }
}
