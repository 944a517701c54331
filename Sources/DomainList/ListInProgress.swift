internal import DNS

/// A list that is being read: its lines, and what they give by its layout.
@safe final class ListInProgress {
    /// What a line, or a part of one, gives.
    struct Listed {
        var line: Int
        var name: Result<DomainName, InvalidName>
        var form: NameForm?
        var rank: Int?
        var input: String?
        var carried: CarriedColumns?
    }

    let lines: LineReader
    private let format: ListFormat
    private let keepsLines: Bool
    private let carriedNames: [String]
    /// How many lines were read.
    private(set) var line = 0
    /// Whether any line has given the name of a domain.
    private(set) var hasNames = false
    /// How many of the rows of the header are still to come.
    private var headerRows: Int
    private var cells: [Cell] = []
    private let cellsMax: Int
    /// What the line read last gives beside what was delivered, the last first.
    private var waiting: [Listed] = []
    private var zone: ZoneFile
    private let delegations: UniqueNames?
    private var lastDelegation: [UInt8] = []

    init(_ lines: LineReader, _ format: ListFormat, keepsLines: Bool) {
        self.lines = lines
        self.format = format
        self.keepsLines = keepsLines
        carriedNames = format.carried.map(\.name)
        headerRows = format.headerRows
        let columns = [format.domain, format.rank ?? 0] + format.carried.compactMap(\.column)
        cellsMax = 1 + columns.reduce(0, max)
        zone = ZoneFile(origin: format.origin, apex: format.apex)
        delegations = format.kind == .zone ? UniqueNames() : nil
    }

    /// What comes next; nil at the list's end.
    func next(counting statistics: inout ListStatistics) throws(ListError) -> Listed? {
        if let listed = waiting.popLast() { return noted(listed) }
        while let read = try nextLine() {
            line += 1
            statistics.lines += 1
            let first = line
            if read.lineFeeds > 0 {
                line += read.lineFeeds
                statistics.lines += read.lineFeeds
                statistics.continuations += read.lineFeeds
            }
            if let listed = listed(read, first, &statistics) { return noted(listed) }
        }
        return nil
    }

    private func nextLine() throws(ListError) -> LineReader.Line? {
        format.kind == .csv ? try lines.nextRow(format.delimiter) : try lines.next()
    }

    private func noted(_ listed: Listed) -> Listed {
        if !hasNames, case .success = listed.name { hasNames = true }
        return listed
    }

    private func listed(
        _ read: LineReader.Line, _ number: Int, _ statistics: inout ListStatistics
    ) -> Listed? {
        let bytes = unsafe read.bytes.span
        if format.kind == .zone, !read.isCut { return delegation(bytes, &statistics) }
        let content = trimmed(bytes.indices, of: bytes)
        guard let first = content.first else {
            statistics.blanks += 1
            return nil
        }
        guard bytes[first] != UInt8(ascii: "#") else {
            statistics.comments += 1
            return nil
        }
        guard headerRows == 0 else { return header(&statistics) }
        guard !read.isCut else {
            let limit = LineReader.lineBytesMax
            let fault = InvalidName(.lineTooLong, "the line has more than \(limit) bytes")
            return Listed(
                line: number, name: .failure(fault), input: InputText.text(of: bytes))
        }
        switch format.kind {
        case .lines: return name(bytes, content)
        case .csv: return row(bytes, number, &statistics)
        case .ndjson: return object(bytes, number)
        case .hosts: return hosts(bytes, &statistics)
        case .zone: return nil
        }
    }

    private func header(_ statistics: inout ListStatistics) -> Listed? {
        headerRows -= 1
        statistics.headers += 1
        return nil
    }

    // MARK: - A name a line

    private func name(_ line: Span<UInt8>, _ content: Range<Int>) -> Listed {
        let bytes = line.extracting(content)
        // Where the line is the name they share one string.
        let text = bytes.count <= ListEntry.inputBytesMax ? string(bytes) : nil
        var listed = ListedName(bytes, text: text)
        var rank: Int?
        if case .failure = listed.name, let row = LooseRow.name(bytes) { (listed, rank) = row }
        var result = self.listed(listed, cell: bytes, text: text, of: line, self.line)
        result.rank = rank
        return result
    }

    /// What a cell gives.
    private func listed(
        _ name: ListedName, cell: Span<UInt8>, text: String? = nil, of line: Span<UInt8>,
        _ number: Int
    ) -> Listed {
        Listed(
            line: number, name: name.name, form: name.form,
            input: keepsLines
                ? InputText.text(of: line) : InputText.domain(name, cell: cell, text: text))
    }

    // MARK: - Tables

    private func row(
        _ line: Span<UInt8>, _ number: Int, _ statistics: inout ListStatistics
    ) -> Listed? {
        TableRow.split(line, format.delimiter, most: cellsMax, into: &cells)
        if cells.allSatisfy(\.range.isEmpty), isEmpty(line) {
            statistics.blanks += 1
            return nil
        }
        // A row of one cell may be a name all the same.
        let place = cells.count == 1 ? 0 : format.domain
        let bytes = line.extracting(place < cells.count ? cells[place].range : 0..<0)
        let name = ListedName(bytes)
        var listed = listed(name, cell: bytes, of: line, number)
        if let rank = format.rank, cells.indices.contains(rank) {
            listed.rank = Decimal.number(cells[rank].range, of: line)
        }
        if !carriedNames.isEmpty {
            listed.carried = CarriedColumns(
                names: carriedNames,
                values: format.carried.map { column in
                    column.column.flatMap {
                        cells.indices.contains($0) ? cells[$0].text(in: line) : nil
                    }
                })
        }
        return listed
    }

    /// Whether a row has delimiters and blanks alone.
    private func isEmpty(_ line: Span<UInt8>) -> Bool {
        line.indices.allSatisfy { isBlank(line[$0]) || format.delimiter.isAt(line[$0]) }
    }

    // MARK: - JSON

    private func object(_ line: Span<UInt8>, _ number: Int) -> Listed {
        guard let object = JSONLine(line) else {
            let fault = InvalidName(.badCharacter, "the line is no JSON object")
            return Listed(
                line: number, name: .failure(fault),
                input: keepsLines ? InputText.text(of: line) : nil)
        }
        let member = format.domainKeys.lazy.compactMap { object.member($0) }.first
        let text = member.map { JSONLine.text($0, of: line) } ?? ""
        let bytes = Array(text.utf8)
        let content = trimmed(bytes.indices, of: bytes.span)
        let name = ListedName(bytes.span.extracting(content))
        var listed = listed(name, cell: bytes.span.extracting(content), of: line, number)
        if let rank = format.rankKey.flatMap({ object.member($0) }) {
            listed.rank = Decimal.number(rank.value, of: line)
        }
        if !carriedNames.isEmpty {
            listed.carried = CarriedColumns(
                names: carriedNames,
                values: format.carried.map { column in
                    column.key.flatMap { object.member($0) }
                        .map { JSONLine.text($0, of: line) }
                })
        }
        return listed
    }

    // MARK: - Hosts files

    private func hosts(_ line: Span<UInt8>, _ statistics: inout ListStatistics) -> Listed? {
        let names = HostsLine.names(on: line)
        guard !names.isEmpty else {
            let content = trimmed(line.indices, of: line)
            return name(line, content)
        }
        for range in names.reversed() {
            let bytes = line.extracting(range)
            guard hasDot(bytes) else { continue }
            var name = ListedName(bytes)
            if case .success = name.name { name.form = .hostsFile }
            waiting.append(listed(name, cell: bytes, of: line, self.line))
        }
        guard let first = waiting.popLast() else {
            statistics.passedOver[.ownName, default: 0] += 1
            return nil
        }
        statistics.furtherNames += waiting.count
        return first
    }

    private func hasDot(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices where bytes[index] == UInt8(ascii: ".") { return true }
        return false
    }

    // MARK: - Zone files

    private func delegation(
        _ line: Span<UInt8>, _ statistics: inout ListStatistics
    ) -> Listed? {
        switch zone.read(line) {
        case .blank: statistics.blanks += 1
        case .comment: statistics.comments += 1
        case .continuation: statistics.continuations += 1
        case .directive, .otherRecord:
            statistics.passedOver[.otherRecord, default: 0] += 1
        case .unknown: statistics.passedOver[.notUnderstood, default: 0] += 1
        case .delegation:
            if let listed = newDelegation(line) { return listed }
            statistics.passedOver[.repeatedDelegation, default: 0] += 1
        }
        return nil
    }

    /// The delegation that the zone file is at; nil where it was there before.
    private func newDelegation(_ line: Span<UInt8>) -> Listed? {
        // Nearly all repetitions follow each other.
        guard zone.owner != lastDelegation else { return nil }
        lastDelegation.removeAll(keepingCapacity: true)
        lastDelegation.append(contentsOf: zone.owner)
        let text = String(decoding: zone.owner, as: UTF8.self)
        guard delegations?.insert(text: text) == true else { return nil }
        let owner = zone.owner
        let name = ListedName(owner.span, text: text)
        return listed(name, cell: owner.span, text: text, of: line, self.line)
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
    /// The number in decimal digits; nil where it is none, or too large to be a rank.
    static func number(_ range: Range<Int>, of line: Span<UInt8>) -> Int? {
        guard !range.isEmpty, range.count <= 18 else { return nil }
        var value = 0
        for index in range {
            guard isDigit(line[index]) else { return nil }
            value = value * 10 + Int(line[index] - UInt8(ascii: "0"))
        }
        return value
    }
}

/// A row among lines that are no table: the name is first, or after a number.
enum LooseRow {
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
