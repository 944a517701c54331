internal import MTASTS
internal import Records

/// The charts of the report; each is nil where there is too little to draw.
extension Report {
    /// Records and enforced policies by rank.
    var rankChart: Chart? {
        let ranks = table("ranks")
        let rows = ranks.rows.filter {
            $0.labels[0] != "unranked" && $0.counts[ranks.place("mail")] >= BarTable.leastWhole
        }
        guard rows.count > 1 else { return nil }
        let step = 1 / Double(rows.count - 1)
        func series(_ words: String, _ tone: String, _ column: String) -> Chart.Series {
            .init(
                words: words, tone: tone,
                points: rows.enumerated().map { place, row in
                    let (part, whole) = (
                        row.counts[ranks.place(column)], row.counts[ranks.place("mail")]
                    )
                    return (
                        Double(place) * step, Double(part) / Double(whole),
                        "\(Self.rankWords(row)): \(grouped(part)) of \(grouped(whole)), "
                            + percent(part, of: whole)
                    )
                })
        }
        return Chart(
            summary: "Shares of the domains that take mail, by rank; the table has the figures.",
            axis: "rank in the list",
            ticks: rows.enumerated().map { place, row in
                (Double(place) * step, Self.rankTicks[row.labels[0]] ?? "")
            },
            series: [
                series("with a record", "plain", "records"),
                series("policy in mode enforce", "good", "enforce"),
            ])
    }

    private static func rankWords(_ row: StatsTable.Row) -> String {
        "rank " + GlossaryTerm.all(of: "ranks", row.labels)[0].label
    }

    private static let rankTicks = [
        "1-1000": "1–1k", "1001-10000": "1k–10k", "10001-100000": "10k–100k",
        "100001-1000000": "100k–1M", "1000001-": "1M–",
    ]

    /// For which share of the policies senders keep them no longer than a time.
    var maxAgeChart: Chart? {
        let values = table("max_age_values")
        // The rest has no values.
        guard values.rest == nil else { return nil }
        let rows = values.rows.compactMap { row in
            Int(row.labels[0]).map { (seconds: $0, counts: row.counts) }
        }.sorted { $0.seconds < $1.seconds }
        let series = [Mode.enforce, .testing].compactMap { mode -> Chart.Series? in
            let column = values.place(mode.rawValue)
            let total = rows.reduce(0) { $0 + $1.counts[column] }
            guard total >= BarTable.leastWhole else { return nil }
            var sum = 0
            var points = [(x: 0.0, share: 0.0, words: "")]
            for row in rows where row.counts[column] > 0 {
                sum += row.counts[column]
                points.append((Self.place(of: row.seconds), Double(sum) / Double(total), ""))
            }
            points.append((1, 1, ""))
            return .init(
                words: "mode \(mode.rawValue)", tone: mode.tone, points: points, kind: .steps)
        }
        guard !series.isEmpty else { return nil }
        return Chart(
            summary: "For which share of the policies max_age is at most so long; the table has "
                + "the figures.",
            axis: "max_age at most",
            ticks: [
                (3600, "1 h"), (86_400, "1 day"), (604_800, "1 week"), (2_592_000, "30 d"),
                (31_557_600, "1 y"),
            ].map { (Self.place(of: $0), $1) },
            series: series)
    }

    /// The place of a time between ten minutes and two years.
    private static func place(of seconds: Int) -> Double {
        let (least, most) = (logarithm(600), logarithm(63_115_200))
        return min(1, max(0, (logarithm(Double(max(seconds, 1))) - least) / (most - least)))
    }

    /// Top-level domains by size and share.
    var tldChart: Chart? {
        let tlds = table("tlds")
        let (mail, records) = (tlds.place("mail"), tlds.place("records"))
        let rows = tlds.rows.filter { $0.counts[mail] >= BarTable.leastWhole }
            .sorted { $0.counts[mail] > $1.counts[mail] }.prefix(300)
        guard rows.count >= 5, let largest = rows.first, let smallest = rows.last else {
            return nil
        }
        let start = logarithm(Double(smallest.counts[mail])) * 0.98
        let range = max(logarithm(Double(largest.counts[mail])) * 1.02 - start, 0.1)
        func place(_ count: Int) -> Double { (logarithm(Double(count)) - start) / range }
        let decades = [20, 50, 100, 200, 500, 1000, 10_000, 100_000, 1_000_000, 10_000_000]
        return Chart(
            summary: "Top-level domains by how many domains take mail, and the share of these "
                + "with a record; the table has the figures.",
            axis: "domains that take mail",
            ticks: decades.map { (place($0), grouped($0)) }.filter { (0...1).contains($0.0) }
                .apart(by: 0.12),
            series: [
                .init(
                    words: "share with a record", tone: "plain",
                    points: rows.map { row in
                        (
                            place(row.counts[mail]),
                            Double(row.counts[records]) / Double(row.counts[mail]),
                            ".\(row.labels[0]): \(grouped(row.counts[records])) of "
                                + "\(grouped(row.counts[mail])), "
                                + percent(row.counts[records], of: row.counts[mail])
                        )
                    }, kind: .points)
            ])
    }
}

extension [(x: Double, words: String)] {
    /// Those that are so far apart that their words do not meet.
    fileprivate func apart(by least: Double) -> Self {
        reduce(into: []) { kept, tick in
            if kept.last.map({ tick.x - $0.x >= least }) ?? true { kept.append(tick) }
        }
    }
}

/// The logarithm to base 2, to some six digits: the standard library has none.
func logarithm(_ number: Double) -> Double {
    guard number > 0 else { return 0 }
    var (result, rest) = (Double(number.exponent), number.significand)
    var digit = 0.5
    for _ in 0..<20 {
        rest *= rest
        if rest >= 2 {
            rest /= 2
            result += digit
        }
        digit /= 2
    }
    return result
}
