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

    /// What the first counts are parts of.
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
    /// The names of the labels.
    public let labels: [String]
    /// The names of the columns.
    public let columns: [String]
    /// The denominator of the first count of each row; nil where there is none.
    public let base: Base?
    /// The positions of the columns that a person reads first; all of them by default.
    let brief: [Int]
    /// Column pairs whose quotient is a share to show in each row.
    let shares: [(part: Int, whole: Int)]
    /// The rows in their order.
    public internal(set) var rows: [Row]
    /// The sum of the rows that were left out; nil where none was.
    public internal(set) var rest: Row?

    init(
        _ name: String, _ title: String, note: String = "", labels: [String], columns: [String],
        base: Base? = nil, brief: [Int]? = nil, share: (part: Int, whole: Int)? = nil,
        shares: [(part: Int, whole: Int)] = [], rows: [Row], rest: Row? = nil
    ) {
        self.name = name
        self.title = title
        self.note = note
        self.labels = labels
        self.columns = columns
        self.base = base
        self.brief = brief ?? Array(columns.indices)
        self.shares = shares + (share.map { [$0] } ?? [])
        self.rows = rows
        self.rest = rest
    }

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

    /// How many domains have a valid policy.
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
