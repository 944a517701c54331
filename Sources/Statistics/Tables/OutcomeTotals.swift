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
