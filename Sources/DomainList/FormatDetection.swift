/// Finds how a list is laid out by looking at its beginning.
///
/// Of the layouts that a list may have, the one counts by which most of its lines name a domain; of
/// equal ones, the simplest. A column is chosen by its header where that names one that holds
/// domains, else by what the cells are.
struct FormatDetection {
    private let sample: ListSample
    private let reading: ListReading
    private let lines: [ArraySlice<UInt8>]

    /// How many rows of a table are looked at: a cell that is no name takes a while.
    private static let rowsMax = 250

    init(_ sample: ListSample, as reading: ListReading = ListReading()) {
        self.sample = sample
        self.reading = reading
        lines = sample.lines()
    }

    /// The layout.
    func format() -> ListFormat {
        var format =
            switch reading.kind {
            case .lines: lineFormat
            case .csv: tableFormat(isGiven: true)
            case .ndjson: objectFormat
            case .zone: zoneFormat
            case .hosts: hostsFormat
            case nil: found
            }
        format.lineEnd = sample.lineEnd
        return format
    }

    private var found: ListFormat {
        if isZone { return zoneFormat }
        if isNDJSON { return objectFormat }
        if isHostsFile { return hostsFormat }
        return tableFormat(isGiven: reading.column != nil)
    }

    /// Whether most of the lines are `true` for a test, and at least one is.
    private func isMost(_ lines: [ArraySlice<UInt8>], _ test: (ArraySlice<UInt8>) -> Bool) -> Bool {
        let count = lines.count(where: test)
        return count > 0 && 2 * count > lines.count
    }

    // MARK: - Zone files

    /// Whether most lines are records, and one of them is an NS or a directive; of a file that
    /// names its zone not all that is no record needs to be rare.
    private var isZone: Bool {
        var zone = ZoneFile(origin: nil, apex: nil)
        var counts = (records: 0, unknown: 0, marks: 0)
        for line in lines {
            switch zone.read(line.span) {
            case .otherRecord: counts.records += 1
            case .delegation, .directive, .otherRecords:
                counts.records += 1
                counts.marks += 1
            case .unknown: counts.unknown += 1
            case .blank, .comment, .continuation: break
            }
        }
        let least = zone.zone == nil ? 4 * counts.unknown : counts.unknown
        return counts.marks > 0 && counts.records > least
    }

    private var zoneFormat: ListFormat {
        var format = ListFormat()
        format.kind = .zone
        format.origin = reading.origin.map(Self.zoneName)
        var zone = ZoneFile(origin: format.origin, apex: nil)
        var owners: [[UInt8]] = []
        for line in lines {
            switch zone.read(line.span) {
            case .delegation: owners.append(zone.owner)
            case .otherRecords: format.hasOtherRecords = true
            default: break
            }
        }
        if zone.lacksOrigin { format.lacksOrigin = true }
        // Of a file that says nothing, the zone is the owner that all others are below.
        format.apex = zone.zone ?? Self.common(owners)
        return format
    }

    /// A name as zones are compared: lower case, without a dot at either end.
    private static func zoneName(_ text: String) -> String {
        var name = text.lowercased()[...]
        if name.hasSuffix(".") { name.removeLast() }
        if name.hasPrefix(".") { name.removeFirst() }
        return String(name)
    }

    /// How many names tell a zone by what all of them are below.
    private static let commonNamesMin = 20

    private static func common(_ owners: [[UInt8]]) -> String? {
        let names = Set(owners)
        guard names.count > 2, let shortest = names.min(by: { $0.count < $1.count }) else {
            return nil
        }
        if areAll(names, atOrBelow: shortest[...]) {
            return String(decoding: shortest, as: UTF8.self)
        }
        // Of a shuffled file the zone's own records may come late.
        guard names.count >= commonNamesMin else { return nil }
        var above = shortest[...]
        while let dot = above.firstIndex(of: UInt8(ascii: ".")) {
            above = above[(dot + 1)...]
            if areAll(names, atOrBelow: above) { return String(decoding: above, as: UTF8.self) }
        }
        return nil
    }

    private static func areAll(_ names: Set<[UInt8]>, atOrBelow name: ArraySlice<UInt8>) -> Bool {
        let suffix = [UInt8(ascii: ".")] + name
        return names.allSatisfy {
            $0.elementsEqual(name) || $0.suffix(suffix.count).elementsEqual(suffix)
        }
    }

    // MARK: - JSON

    private var isNDJSON: Bool {
        isMost(lines.filter(\.isContent)) { JSONLine($0.span) != nil }
    }

    private var objectFormat: ListFormat {
        var format = ListFormat()
        format.kind = .ndjson
        var columns: [String: Column] = [:]
        var arrays: Set<String> = []
        for line in lines.prefix(Self.rowsMax) {
            guard let object = JSONLine(line.span) else { continue }
            for member in object.members {
                if columns[member.key] == nil {
                    format.keys.append(member.key)
                    columns[member.key] = Column()
                }
                if member.isElement { arrays.insert(member.key) }
                columns[member.key]?.add(JSONLine.text(member, of: line.span))
            }
        }
        let all = format.keys.map { columns[$0] ?? Column() }
        let names = format.keys.map { String($0.split(separator: ".").last ?? "") }
        // An array of names is what is meant only where it is called so, or where nothing else is.
        let single = format.keys.indices.map { place in
            arrays.contains(format.keys[place]) && ColumnWords.weight(names[place]) < 60
                ? Column() : all[place]
        }
        let chosen = single.contains { $0.domainShare >= 0.25 } ? single : all
        format.domainKeys =
            if let given = reading.column {
                [format.keys.first { $0 == given } ?? given]
            } else {
                Self.keys(ColumnChoice(chosen, names: names).ranked, names, of: format.keys)
            }
        format.rankKey = RankChoice(all, names, domain: nil).column.map { format.keys[$0] }
        if reading.takesIndexes, format.keys.contains(Self.indexKey) {
            format.indexKey = Self.indexKey
        }
        return format
    }

    /// The key by which objects give their entries an index.
    private static let indexKey = "index"

    /// The best key, and the others that name the domain too, for objects without it.
    private static func keys(_ ranked: [Int], _ names: [String], of keys: [String]) -> [String] {
        let others = ranked.dropFirst().filter { ColumnWords.weight(names[$0]) >= 60 }
        return (ranked.prefix(1) + others).map { keys[$0] }
    }

    // MARK: - Hosts files

    private var hostsFormat: ListFormat {
        var format = ListFormat()
        format.kind = .hosts
        return format
    }

    private var isHostsFile: Bool {
        isMost(contentLines) { line in
            let line = line.span
            let names = HostsLine.names(on: line)
            return !names.isEmpty
                && names.allSatisfy { ListedName(line.extracting($0)).likeness != .none }
        }
    }

    // MARK: - Lines and tables

    /// A list as a table by one delimiter.
    private struct Table {
        var delimiter: Delimiter
        /// The rows that carry something.
        var rows: [[String]]
        /// The last comment before the first of them.
        var comment: [String]?
        /// How many columns most rows have.
        var columns: Int
        /// How likely its best column names domains, of 1.
        var score: Double

        /// Whether it is no table, but names of which several share a line: all cells are domains,
        /// and there is one row, or the rows differ in length.
        var isNames: Bool {
            guard rows.count == 1 || Set(rows.map(\.count)).count > 1 else { return false }
            return rows.allSatisfy { row in
                row.allSatisfy {
                    $0.isEmpty || ListedName(Array($0.utf8).span).likeness == .domain
                }
            }
        }
    }

    private var lineFormat: ListFormat {
        var format = ListFormat()
        let names = contentLines.prefix(Self.rowsMax)
            .map { ListedName($0.span.extracting(content(of: $0))) }
        guard !reading.hasNoHeader, let first = contentLines.first?.trimmedText else {
            return format
        }
        let word = ColumnWords.plain(first.trimmingQuotes)
        let others = names.dropFirst()
        let haveDots = 2 * others.count { $0.likeness == .domain } > others.count
        let isHeader =
            names.first?.likeness != .domain && ColumnWords.weight(word) >= 60
            && (haveDots || !ColumnWords.alsoTLDs.contains(word))
        if isHeader {
            format.header = [first.trimmingQuotes]
            format.headerRows = 1
        }
        return format
    }

    private func content(of line: ArraySlice<UInt8>) -> Range<Int> {
        trimmed(line.span.indices, of: line.span)
    }

    private var contentLines: [ArraySlice<UInt8>] {
        lines.filter(\.isListContent)
    }

    private var lineScore: Double {
        let lines = contentLines.prefix(Self.rowsMax)
        return Self.score(lines.map { ListedName($0.span.extracting(content(of: $0))).likeness })
    }

    /// A domain counts more than a word, which may be anything.
    private static func score(_ cells: [ListedName.Likeness]) -> Double {
        guard !cells.isEmpty else { return 0 }
        let sum = cells.reduce(0.0) { $0 + ($1 == .domain ? 1 : $1 == .word ? 0.4 : 0) }
        return sum / Double(cells.count)
    }

    private func tableFormat(isGiven: Bool) -> ListFormat {
        let tables = Delimiter.allCases.compactMap(table)
        // A table must be better than the lines as they stand.
        let better = tables.reduce(nil as Table?) { best, table in
            let least = best?.score ?? (isGiven ? -1 : lineScore)
            return table.score > least + 0.05 ? table : best
        }
        guard let table = better ?? (lineScore == 0 || isGiven ? tables.first : nil) else {
            return isGiven ? singleColumn : lineFormat
        }
        if !isGiven, table.isNames {
            var format = lineFormat
            format.separator = table.delimiter
            return format
        }
        return format(of: table)
    }

    /// A table of one column.
    private var singleColumn: ListFormat {
        var format = lineFormat
        format.kind = .csv
        return format
    }

    /// The list as a table; nil where most lines have one cell.
    private func table(_ delimiter: Delimiter) -> Table? {
        var rows: [[String]] = []
        var comment: [String]?
        var cells: [Cell] = []
        for line in sample.lines(delimiter) where rows.count < Self.rowsMax {
            guard let mark = line.firstMark else { continue }
            TableRow.split(line.span, delimiter, into: &cells)
            let row = cells.map { $0.text(in: line.span) }
            if mark == UInt8(ascii: "#") {
                if rows.isEmpty { comment = row }
            } else if line.isContent, row.contains(where: { !$0.utf8.allSatisfy(isRule) }) {
                rows.append(row)
            }
        }
        guard 2 * rows.count(where: { $0.count > 1 }) > rows.count else { return nil }
        let counts = Dictionary(grouping: rows, by: \.count).mapValues(\.count)
        guard
            let columns = counts.max(by: { ($0.value, $0.key) < ($1.value, $1.key) })?.key,
            columns > 1
        else { return nil }
        let score = (0..<columns).map { column in
            Self.score(
                rows.map { row in
                    row.indices.contains(column)
                        ? ListedName(Array(row[column].utf8).span).likeness : .none
                })
        }.max()
        return Table(
            delimiter: delimiter, rows: rows, comment: comment, columns: columns,
            score: score ?? 0)
    }

    private func format(of table: Table) -> ListFormat {
        var format = ListFormat()
        format.kind = .csv
        format.delimiter = table.delimiter
        format.columns = table.columns
        if !reading.hasNoHeader { setHeader(&format, table) }
        let rows = table.rows.dropFirst(format.headerRows).filter { $0 != format.header }[...]
        let columns = (0..<table.columns).map { Column(rows, at: $0) }
        let names = (0..<table.columns).map { format.header == nil ? "" : format.columnName($0) }
        format.domain = given(in: format) ?? ColumnChoice(columns, names: names).best
        format.rank = RankChoice(columns, names, domain: format.domain).column
        return format
    }

    private func setHeader(_ format: inout ListFormat, _ table: Table) {
        if let row = HeaderChoice(table.rows, columns: table.columns).row {
            format.header = table.rows[row]
            format.headerRows = row + 1
        } else if let comment = table.comment, comment.count == table.columns {
            // "# domain,sector": the header is in the comment before the first row.
            var header = comment
            header[0] = String(header[0].drop { $0 == "#" || $0 == " " })
            if header[0].isEmpty { header[0] = "#" }
            if header.contains(where: { ColumnWords.weight($0) > 0 }) { format.header = header }
        }
    }

    /// The column that the user named; nil where none was, or there is none of this name.
    private func given(in format: ListFormat) -> Int? {
        reading.column.flatMap { format.column(named: $0) }
    }
}
