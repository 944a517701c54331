internal import MTASTS
internal import Records

/// How long policies are to be kept.
func maxAgeTable(_ cells: [MaxAgeCell: Int]) -> StatsTable {
    let total = cells.values.reduce(0, +)
    return StatsTable(
        "max_age", "max_age of valid policies, in seconds",
        labels: [
            .init("max_age", "The max_age in seconds, a range."),
            .init("words", "The range in words."),
        ],
        columns: maxAgeColumns(of: .base),
        base: .init(words: "domains with a valid policy", count: total),
        rows: MaxAgeBucket.allCases.map { bucket in
            let counts = Mode.allCases.map { mode in
                cells.reduce(0) {
                    $1.key.bucket == bucket && $1.key.mode == mode ? $0 + $1.value : $0
                }
            }
            return .init([bucket.rawValue, bucket.words], [counts.reduce(0, +)] + counts)
        })
}

/// The values themselves.
func maxAgeValueTable(_ table: GroupTable<MaxAge>) -> StatsTable {
    var values: [Int: [Int]] = [:]
    for (key, counts) in table.entries {
        for (place, mode) in Mode.allCases.enumerated() where mode == key.mode {
            values[key.seconds, default: Mode.allCases.map { _ in 0 }][place] += counts[0]
        }
    }
    let rest = table.dropped > 0 ? table.others[0] : nil
    return StatsTable(
        "max_age_values", "The max_age values met",
        labels: [.init("max_age", "The max_age in seconds.")], columns: maxAgeColumns(of: nil),
        rows: values.map { .init([String($0.key)], [$0.value.reduce(0, +)] + $0.value) },
        rest: rest.map { .init(["(others)"], [$0] + Mode.allCases.map { _ in 0 }) }
    ).sorted()
}

private func maxAgeColumns(of whole: StatsTable.Column.Whole?) -> [StatsTable.Column] {
    [.init("domains", "Domains with a valid policy behind a valid record.", of: whole)]
        + StatsTable.Column.each(Mode.self, of: .column("domains"))
}
