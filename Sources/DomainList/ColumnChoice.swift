/// What the cells of a column are, those that are empty left out.
struct Column {
    private(set) var cells = 0
    /// Names with dots that stand for themselves.
    private(set) var bareDomains = 0
    /// Names that something stands around, mailboxes left out.
    private(set) var wrappedDomains = 0
    private(set) var mailAddresses = 0
    /// Names of one label.
    private(set) var words = 0
    private(set) var numbers = 0
    /// Numbers that a rank can be.
    private(set) var ordinals = 0
    /// Whether the cells are numbers that rise from 1.
    private(set) var risesFromOne = true
    private var last = 0
    private var values: Set<String> = []

    /// An empty column.
    init() {}

    /// The column at a place of some rows.
    init(_ rows: ArraySlice<[String]>, at column: Int) {
        for row in rows where row.indices.contains(column) { add(row[column]) }
    }

    /// Adds a cell.
    mutating func add(_ text: String) {
        guard !text.isEmpty else { return }
        cells += 1
        values.insert(text)
        let number = Int(text)
        risesFromOne = risesFromOne && number.map { cells == 1 ? $0 == 1 : $0 > last } == true
        last = number ?? 0
        if Self.isNumber(text) { numbers += 1 }
        if Decimal.number(in: text) != nil { ordinals += 1 }
        let name = ListedName(Array(text.utf8).span)
        switch (name.likeness, name.form) {
        case (.none, _): break
        case (.word, _): words += 1
        case (.domain, nil): bareDomains += 1
        case (.domain, .mailAddress): mailAddresses += 1
        case (.domain, _): wrappedDomains += 1
        }
    }

    /// Whether a text is a number, an amount or a date.
    static func isNumber(_ text: String) -> Bool {
        text.utf8.contains(where: isDigit)
            && text.utf8.allSatisfy { isDigit($0) || ".,-+:/% ".utf8.contains($0) }
    }

    /// The kind of a cell, as far as nearly all of a column may share it.
    enum Kind { case domain, number }

    /// The kind that nearly all cells have; nil where they have none.
    var kind: Kind? {
        if cells == 0 { return nil }
        if 10 * (bareDomains + wrappedDomains + mailAddresses) >= 9 * cells { return .domain }
        return 10 * numbers >= 9 * cells ? .number : nil
    }

    /// The kind of a single cell.
    static func kind(of cell: String) -> Kind? {
        if isNumber(cell) { return .number }
        return ListedName(Array(cell.utf8).span).likeness == .domain ? .domain : nil
    }

    /// How many of the cells name domains, of 1; what stands for itself counts most.
    var domainShare: Double {
        guard cells > 0 else { return 0 }
        let sum = Double(bareDomains) + 0.95 * Double(wrappedDomains) + 0.5 * Double(mailAddresses)
        return sum / Double(cells)
    }

    /// How many of the cells are names of any kind, of 1.
    var nameShare: Double {
        guard cells > 0 else { return 0 }
        let sum = bareDomains + wrappedDomains + mailAddresses + words
        return Double(sum) / Double(cells)
    }

    /// How many different cells there are.
    var distinctCells: Int { values.count }

    /// How many of the cells differ, of 1.
    var distinctShare: Double { cells == 0 ? 0 : Double(values.count) / Double(cells) }
}

/// Which of the columns names the domains.
struct ColumnChoice {
    private let columns: [Column]
    private let names: [String]
    /// How often the fullest column has a cell.
    private let rows: Int

    /// Columns with their names, which are empty where there is no header.
    init(_ columns: [Column], names: [String]) {
        self.columns = columns
        self.names = names
        rows = columns.map(\.cells).max() ?? 0
    }

    /// The column; where none names domains, the one behind a number, else the first.
    var best: Int {
        if let first = ranked.first { return first }
        if let named = columns.indices.max(by: { weight($0) < weight($1) }), weight(named) >= 60 {
            return named
        }
        let isNumbered = columns.first?.kind == .number
        return isNumbered && columns.count > 1 ? 1 : 0
    }

    /// The columns that may name the domains, the best first.
    var ranked: [Int] {
        let holdDomains = columns.indices.filter { columns[$0].domainShare > 0.5 }
        if !holdDomains.isEmpty { return ordered(holdDomains) { columns[$0].domainShare } }
        // Mailboxes, each of which counts half, are taken where there is nothing else.
        let holdMail = columns.indices.filter { columns[$0].domainShare >= 0.25 }
        if !holdMail.isEmpty { return ordered(holdMail) { columns[$0].domainShare } }
        // A list of TLDs: words, most of them different.
        let holdWords = columns.indices.filter { columns[$0].nameShare >= 0.5 }
        return ordered(holdWords) { columns[$0].distinctShare }
    }

    /// By header, then by what the cells are, as far as that makes a difference, then by place.
    private func ordered(_ candidates: [Int], by share: (Int) -> Double) -> [Int] {
        let most = candidates.map(share).max() ?? 0
        let distinct = candidates.map { columns[$0].distinctCells }.max() ?? 0
        func order(_ column: Int) -> (Int, Int, Int, Int) {
            let isFull = share(column) >= 0.8 * most && 2 * columns[column].cells >= rows
            // What repeats all the time says something of the domains, such as their provider.
            let cells = columns[column].distinctCells
            let isRepeated = cells == 1 && distinct > 2 || 10 * cells <= distinct
            return (-weight(column), isFull ? 0 : 1, isRepeated ? 1 : 0, column)
        }
        return candidates.sorted { order($0) < order($1) }
    }

    private func weight(_ column: Int) -> Int { ColumnWords.weight(names[column]) }
}

/// Which of the columns is the rank.
struct RankChoice {
    /// The column; nil where there is none.
    let column: Int?

    /// Columns with their names, and which of them is the domain's.
    init(_ columns: [Column], _ names: [String], domain: Int?) {
        let numbers = columns.indices.filter { columns[$0].kind == .number && $0 != domain }
        let named = numbers.filter { ColumnWords.rankWeight(names[$0]) > 0 }
        let best = named.max {
            (ColumnWords.rankWeight(names[$0]), -$0) < (ColumnWords.rankWeight(names[$1]), -$1)
        }
        if best != nil || names.contains(where: { !$0.isEmpty }) {
            column = best
        } else if let first = columns.first, domain != 0, first.ordinals > 0,
            2 * first.numbers > first.cells
        {
            // "rank,domain" without a header
            column = 0
        } else {
            column = numbers.first { columns[$0].risesFromOne && columns[$0].cells > 1 }
        }
    }
}

/// Which row names the columns.
struct HeaderChoice {
    /// The row, from 0; nil where there is none.
    let row: Int?

    /// How far from the first row a header is looked for: exports have a title before it.
    private static let rowsMax = 20

    init(_ rows: [[String]], columns: Int) {
        row =
            Self.named(rows, columns: columns)
            ?? (Self.isUnlike(rows, columns: columns) ? 0 : nil)
    }

    /// The first row with a known word, before any row that has a domain.
    private static func named(_ rows: [[String]], columns: Int) -> Int? {
        for (place, row) in rows.prefix(rowsMax).enumerated() {
            let below = rows.dropFirst(place + 1)
            if hasDomain(row, below) { return nil }
            let words = row.map(ColumnWords.plain).filter { ColumnWords.weight($0) >= 40 }
            guard !words.isEmpty, 2 * row.count >= columns else { continue }
            guard !below.isEmpty else { return place }
            let areTLDs = words.allSatisfy(ColumnWords.alsoTLDs.contains)
            return areTLDs && hasLikeCell(row, below, columns) ? nil : place
        }
        return nil
    }

    /// Whether a cell of the row is a domain; names of columns may have dots, but above domains.
    private static func hasDomain(_ row: [String], _ below: ArraySlice<[String]>) -> Bool {
        row.indices.contains { column in
            guard Column.kind(of: row[column]) == .domain else { return false }
            let cells = Column(below, at: column)
            return cells.cells == 0 || cells.domainShare > 0
        }
    }

    /// Whether a cell of the row is a number or a domain as those below it.
    private static func hasLikeCell(
        _ row: [String], _ below: ArraySlice<[String]>, _ columns: Int
    ) -> Bool {
        row.indices.contains { column in
            guard let kind = Column(below, at: column).kind else { return false }
            return Column.kind(of: row[column]) == kind
        }
    }

    /// Whether the first row has text where those below have numbers or domains, and neither of
    /// them anywhere.
    private static func isUnlike(_ rows: [[String]], columns: Int) -> Bool {
        guard let first = rows.first, rows.count > 1,
            first.allSatisfy({ Column.kind(of: $0) == nil })
        else { return false }
        let below = rows.dropFirst()
        return first.indices.contains { column in
            !first[column].isEmpty && Column(below, at: column).kind != nil
        }
    }
}
