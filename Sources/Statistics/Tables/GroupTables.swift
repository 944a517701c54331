extension GroupTotals {
    /// The tables of groups and of weights, as far as columns of the list were named for them.
    func tables(by group: String?, weight: String?) -> [StatsTable] {
        var tables: [StatsTable] = []
        if let group { tables.append(groupTable(group)) }
        if let weight { tables.append(weightTable(weight)) }
        if let group, let weight { tables.append(groupWeightTable(group, weight)) }
        return tables
    }

    /// Adoption by a column of the list.
    private func groupTable(_ group: String) -> StatsTable {
        StatsTable.adoption(
            "groups", "Adoption by \(group)",
            note: "Of domains scanned, by the column '\(group)' of the list.",
            labels: [.group],
            rows: groups.entries.map { .init([$0.key], $0.counts) },
            rest: rest(of: groups, labels: 1)
        ).sorted()
    }

    /// Adoption by weight beside adoption by domain.
    private func weightTable(_ weight: String) -> StatsTable {
        let all = AdoptionColumn.allCases
        let mail = all.firstIndex(of: .mail) ?? 0
        let rows = all.indices.map { place in
            let isPart = place > mail
            return StatsTable.Row(
                [all[place].rawValue, isPart ? "mail" : "domains"],
                [
                    shown(weights[place]), shown(weights[isPart ? mail : 0]),
                    domains[place], domains[isPart ? mail : 0],
                ])
        }
        let unknown = StatsTable.Row(
            ["weight_unknown", "domains"],
            [0, shown(weights[0]), domains[0] - weighed[0], domains[0]])
        return StatsTable(
            "weights", "Adoption by \(weight), and by domain",
            note: "The column '\(weight)' of the list is the weight of a domain. Where it is no "
                + "number the weight is unknown, and no part of the sums.\(unit)",
            labels: [
                .init("what", "What is summed, as a column of the tables of adoption."),
                .init("of", "The sum that it is a part of."),
            ],
            columns: [
                .init(
                    "weight", "The sum of weights.", of: .column("of_weight"), unit: .weight),
                .init("of_weight", "The sum under `of`.", unit: .weight),
                .init("domains", "The domains.", of: .column("of_domains")),
                .init("of_domains", "The domains under `of`."),
            ],
            brief: [0, 2], shares: ["weight", "domains"], rows: rows + [unknown])
    }

    private func groupWeightTable(_ group: String, _ weight: String) -> StatsTable {
        let isFull = otherWeights.contains { $0 != 0 }
        return StatsTable(
            "group_weights", "Adoption by \(group), in \(weight)",
            note: "Sums of the column '\(weight)' of the list, as far as it is known.\(unit)",
            labels: [.group],
            columns: AdoptionColumn.columns.map { column in
                var column = column
                column.unit = .weight
                return column
            },
            brief: AdoptionColumn.brief, shares: AdoptionColumn.shares,
            rows: groupWeights.map { .init([$0.key], $0.value.map(shown)) },
            rest: isFull ? .init(["(others)"], otherWeights.map(shown)) : nil
        ).sorted()
    }

    /// A sum as tables have it: whole where all weights are.
    private func shown(_ sum: Int128) -> Int {
        Int(clamping: hasFractions ? sum : sum / Self.parts)
    }

    private var unit: String { hasFractions ? " Sums are in millionths." : "" }
}

extension StatsTable.Label {
    fileprivate static let group = Self("group", "The value of the list's column.")
}
