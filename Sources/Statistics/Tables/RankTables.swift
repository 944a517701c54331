extension OutcomeTotals {
    /// Adoption by popularity.
    var ranks: StatsTable {
        .adoption(
            "ranks", "Adoption by rank", labels: [.rank],
            rows: RankBucket.allCases.map { bucket in
                .init([bucket.rawValue], adoption { $0.isScanned && $0.rank == bucket })
            })
    }

    /// Adoption from the first rank to the last of each bucket, as far as ranks go.
    var cumulativeRanks: StatsTable {
        let buckets = RankBucket.ranked
        let sizes = buckets.map { bucket in count { $0.isScanned && $0.rank == bucket } }
        let used = sizes.lastIndex { $0 > 0 }.map { buckets[...$0] } ?? []
        return .adoption(
            "ranks_cumulative", "Adoption from the first rank on",
            note: "Each row has all domains of the ranks that it names, those of the rows above "
                + "among them.",
            labels: [.init("ranks", "The ranks in the list, from the first on.")],
            rows: used.indices.map { last in
                let within = Set(used[...last])
                return .init(
                    [used[last].fromFirst],
                    adoption { $0.isScanned && within.contains($0.rank) })
            })
    }

    private func adoption(_ condition: (DomainOutcomes) -> Bool) -> [Int] {
        AdoptionColumn.allCases.map { column in
            count { condition($0) && column.counts($0) }
        }
    }
}

/// Adoption by top-level domain and rank: the largest TLDs first, their ranks in order.
func tldRankTable(_ table: GroupTable<TLDRank>) -> StatsTable {
    var sizes: [String: Int] = [:]
    for (key, counts) in table.entries { sizes[key.tld, default: 0] += counts[0] }
    let order = Dictionary(
        uniqueKeysWithValues: RankBucket.allCases.enumerated().map { ($0.element, $0.offset) })
    func place(_ key: TLDRank) -> (Int, String, Int) {
        (-(sizes[key.tld] ?? 0), key.tld, order[key.rank] ?? 0)
    }
    return .adoption(
        "tld_ranks", "Adoption by top-level domain and rank",
        note: "Domains that the list ranks.", labels: [.tld, .rank],
        rows: table.entries.sorted { place($0.key) < place($1.key) }.map {
            .init([$0.key.tld, $0.key.rank.rawValue], $0.counts)
        }, rest: rest(of: table, labels: 2))
}

extension StatsTable.Label {
    static let tld = Self("tld", "The top-level domain.")
    static let rank = Self("rank", "The rank in the list, as a range.")
}
