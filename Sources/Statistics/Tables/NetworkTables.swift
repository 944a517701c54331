extension NetworkTotals {
    /// The tables by AS and by country, which are there where records say where addresses are.
    var tables: [StatsTable] { [systemTable, countryTable] }

    private static let note =
        "MX hosts by their addresses, domains that take mail by their hosts, and domains by their "
        + "policy host. Each counts once for each place that an address is in, and as unknown "
        + "where the place of no address is known."

    private var systemTable: StatsTable {
        StatsTable(
            "networks", "By autonomous system", note: Self.note,
            labels: [
                .init("asn", "The number of the autonomous system."),
                .init("as_name", "Who operates the system; empty where that is not known."),
            ],
            columns: NetworkColumn.columns,
            rows: systems.table.entries.map { system, counts in
                .init(["\(system)", names[system] ?? ""], counts)
            },
            rest: rest(of: systems.table, labels: 2)
        ).sorted().beginning(with: .init(["(unknown)", ""], systems.unknown))
    }

    private var countryTable: StatsTable {
        StatsTable(
            "countries", "By country", note: Self.note,
            labels: [.init("country", "The country by ISO 3166-1.")],
            columns: NetworkColumn.columns,
            rows: countries.table.entries.map { .init([$0.key], $0.counts) },
            rest: rest(of: countries.table, labels: 1)
        ).sorted().beginning(with: .init(["(unknown)"], countries.unknown))
    }
}

extension StatsTable {
    /// The same with a row before all others, which is there however few rows are shown.
    fileprivate func beginning(with row: Row) -> StatsTable {
        var table = self
        table.rows.insert(row, at: 0)
        return table
    }
}
