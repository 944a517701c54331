internal import Findings

/// A table of counts: the labels of each row, and its counts.
public struct StatsTable: Sendable {
    /// A row.
    public struct Row: Hashable, Sendable {
        /// What the row is about, a value for each of the table's labels.
        public var labels: [String]
        /// A count for each of the table's columns.
        public var counts: [Int]

        init(_ labels: [String], _ counts: [Int]) {
            self.labels = labels
            self.counts = counts
        }
    }

    /// What counts are parts of.
    public struct Base: Hashable, Sendable {
        /// What is counted, as text.
        public var words: String
        /// How many there are.
        public var count: Int
    }

    /// The stable name for programs.
    public let name: String
    /// The title for people.
    public let title: String
    /// What one needs to know to read the table; empty where nothing.
    public let note: String
    /// What the labels of each row are.
    public let rowLabels: [Label]
    /// What the counts of each row are.
    public let countColumns: [Column]
    /// The whole of the columns that are parts of the base; nil where there is none.
    public internal(set) var base: Base?
    /// The positions of the columns that a person reads first; all of them by default.
    let brief: [Int]
    /// The columns whose shares a person reads; the first by default, if it is a part of the base.
    let sharesShown: [String]
    /// The rows in their order.
    public internal(set) var rows: [Row]
    /// The sum of the rows that were left out; nil where none was.
    public internal(set) var rest: Row?
    /// Whether shares have 95 % intervals: the domains are a random sample.
    var isSample = false

    init(
        _ name: String, _ title: String, note: String = "", labels: [Label], columns: [Column],
        base: Base? = nil, brief: [Int]? = nil, shares: [String]? = nil, rows: [Row],
        rest: Row? = nil
    ) {
        self.name = name
        self.title = title
        self.note = note
        rowLabels = labels
        countColumns = columns
        self.base = base
        self.brief = brief ?? Array(columns.indices)
        sharesShown = shares ?? columns.prefix(1).filter { $0.whole == .base }.map(\.name)
        self.rows = rows
        self.rest = rest
    }

    /// A table of this name that has nothing.
    static func empty(_ name: String) -> StatsTable {
        StatsTable(
            name, name, labels: [Label("", "")], columns: [Column("", "")], rows: [])
    }

    /// The names of the labels.
    public var labels: [String] { rowLabels.map(\.name) }

    /// The names of the columns.
    public var columns: [String] { countColumns.map(\.name) }

    /// The rows, and the rest as the last where there is one.
    public var allRows: [Row] { rows + (rest.map { [$0] } ?? []) }

    /// The same with the first `count` rows, and the sum of all others as rest.
    func top(_ count: Int) -> StatsTable {
        guard rows.count > count else { return self }
        var table = self
        table.rows = Array(rows[..<count])
        var sums = rest?.counts ?? columns.map { _ in 0 }
        for row in rows[count...] { add(row.counts, to: &sums) }
        table.rest = Row(["(others)"] + labels.dropFirst().map { _ in "" }, sums)
        return table
    }

    /// The same without rows that count nothing.
    func dropZeros() -> StatsTable {
        var table = self
        table.rows.removeAll { $0.counts.allSatisfy { $0 == 0 } }
        return table
    }

    /// The same with the largest first counts first, and equal ones by their labels.
    func sorted() -> StatsTable {
        var table = self
        table.rows.sort {
            let (one, other) = ($0.counts.first ?? 0, $1.counts.first ?? 0)
            return one != other ? one > other : $0.labels.lexicographicallyPrecedes($1.labels)
        }
        return table
    }
}

// MARK: What labels and columns are

extension StatsTable {
    /// A label that rows have.
    public struct Label: Hashable, Sendable {
        /// A value that the label can have.
        public struct Value: Hashable, Sendable {
            /// The value.
            public let name: String
            /// The meaning.
            public let meaning: String
        }

        /// The stable name for programs.
        public let name: String
        /// The meaning, a sentence.
        public let meaning: String
        /// All values, where they are of a closed vocabulary; empty where they are not.
        public let values: [Value]

        init(_ name: String, _ meaning: String, values: [(name: String, meaning: String)] = []) {
            self.name = name
            self.meaning = meaning
            self.values = values.map { Value(name: $0.name, meaning: $0.meaning) }
        }

        /// A label whose values are those of a vocabulary.
        init<Word: DocumentedValue>(_ name: String, _ meaning: String, of words: Word.Type) {
            self.init(name, meaning, values: words.allCases.map { ($0.rawValue, $0.meaning) })
        }
    }

    /// A column of counts.
    public struct Column: Hashable, Sendable {
        /// What is counted.
        public enum Unit: String, Sendable {
            case domains, hosts, weight
        }

        /// What counts are parts of.
        public enum Whole: Hashable, Sendable {
            /// The table's base.
            case base
            /// Another column of the row.
            case column(String)
        }

        /// The stable name for programs.
        public let name: String
        /// The meaning, a sentence.
        public let meaning: String
        /// What is counted.
        public var unit: Unit
        /// What each count is a part of; nil where of nothing.
        public let whole: Whole?

        init(_ name: String, _ meaning: String, of whole: Whole? = nil, unit: Unit = .domains) {
            self.name = name
            self.meaning = meaning
            self.unit = unit
            self.whole = whole
        }

        /// A column for each value of a vocabulary.
        static func each<Word: DocumentedValue>(
            _ words: Word.Type, prefix: String = "", of whole: Whole, unit: Unit = .domains
        ) -> [Column] {
            words.allCases.map {
                Column(prefix + $0.rawValue, $0.meaning, of: whole, unit: unit)
            }
        }
    }

    /// The share that a count of a row is; nil where it is none, or of nothing.
    public func share(_ row: Row, _ column: Int) -> Share? {
        switch countColumns[column].whole {
        case .base: base.flatMap { Share(row.counts[column], of: $0.count) }
        case .column(let name):
            columns.firstIndex(of: name).flatMap {
                Share(row.counts[column], of: row.counts[$0])
            }
        case nil: nil
        }
    }

    /// The 95 % interval of that share; nil where the list is no sample of the domains counted.
    ///
    /// A sample of domains is none of hosts, which are the likelier in it the more domains they
    /// have, and none of weights.
    func interval(_ row: Row, _ column: Int) -> Share.Interval? {
        guard isSample, countColumns[column].unit == .domains else { return nil }
        return share(row, column)?.interval
    }
}

// MARK: Sums

/// The combinations of outcomes that occurred, to be summed in any direction.
struct OutcomeTotals {
    let cells: [OutcomeCount]

    /// For how many domains a condition is true.
    func count(_ condition: (DomainOutcomes) -> Bool) -> Int {
        cells.reduce(0) { condition($1.profile) ? $0 + $1.domains : $0 }
    }

    /// How many domains have a record, valid or not.
    var recordBase: StatsTable.Base {
        .init(words: "domains with a record", count: count(\.hasRecord))
    }

    /// How many domains have a valid policy behind a valid record.
    var policyBase: StatsTable.Base {
        .init(words: "domains with a valid policy", count: count(\.hasPolicy))
    }

    /// How many domains were scanned.
    var scannedBase: StatsTable.Base {
        .init(words: "domains scanned", count: count(\.isScanned))
    }

    /// A row for each value of a vocabulary, with counts under each of the conditions.
    func rows<Word: RawRepresentable & CaseIterable>(
        by words: Word.Type, _ has: (DomainOutcomes, Word) -> Bool,
        _ conditions: [(DomainOutcomes) -> Bool]
    ) -> [StatsTable.Row] where Word.RawValue == String {
        Word.allCases.map { word in
            .init(
                [word.rawValue],
                conditions.map { condition in count { has($0, word) && condition($0) } })
        }
    }
}
