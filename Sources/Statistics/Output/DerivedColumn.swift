/// A column that follows from the counts of a row: the whole, the share, or an end of its interval.
struct DerivedColumn {
    /// The stable name for programs.
    let name: String
    /// The meaning, a sentence.
    let meaning: String
    /// The number; nil where there is none.
    let text: (StatsTable, StatsTable.Row) -> String?
}

extension StatsTable {
    /// What JSON and CSV have beside the counts: the base, and the share of each count that is a
    /// part of something, with its interval where the list is a sample.
    var derivedColumns: [DerivedColumn] {
        let parts = countColumns.indices.filter { countColumns[$0].whole != nil }
        let hasBase = countColumns.contains { $0.whole == .base }
        let base =
            hasBase
            ? [
                DerivedColumn(
                    name: "base", meaning: "The whole of the shares that are of no other column."
                ) { table, _ in table.base.map { String($0.count) } }
            ] : []
        return base
            + parts.flatMap { [share(of: $0)] + (isSample ? interval(of: $0) : []) }
    }

    private func share(of column: Int) -> DerivedColumn {
        DerivedColumn(
            name: columns[column] + "_share",
            meaning: "\(columns[column]) as a part of \(words(for: countColumns[column].whole))."
        ) { table, row in table.share(row, column)?.value.description }
    }

    private func interval(of column: Int) -> [DerivedColumn] {
        guard countColumns[column].unit == .domains else { return [] }
        return [
            DerivedColumn(
                name: columns[column] + "_low", meaning: "The lower end of its 95 % interval."
            ) { table, row in table.interval(row, column)?.low.description },
            DerivedColumn(
                name: columns[column] + "_high", meaning: "The upper end of its 95 % interval."
            ) { table, row in table.interval(row, column)?.high.description },
        ]
    }

    /// The whole in words; empty where there is none.
    func words(for whole: Column.Whole?) -> String {
        switch whole {
        case .base: base?.words ?? "base"
        case .column(let name): name
        case nil: ""
        }
    }
}
