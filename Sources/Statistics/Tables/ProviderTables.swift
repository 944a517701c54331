/// Adoption by top-level domain.
func tldTable(_ table: GroupTable<String>) -> StatsTable {
    StatsTable(
        "tlds", "Adoption by top-level domain", labels: ["tld"], columns: AdoptionColumn.names,
        brief: AdoptionColumn.brief, share: AdoptionColumn.share,
        rows: table.entries.map { .init([$0.key], $0.counts) },
        rest: rest(of: table, labels: 1)
    ).sorted()
}

/// Adoption by who takes the mail.
func mxProviderTable(_ table: GroupTable<Operator>, _ view: OperatorView) -> StatsTable {
    StatsTable(
        "mx_providers", "Adoption by MX provider",
        note: "Of domains that take mail, by the host that a sender tries first. What no pattern "
            + "names stands under its registrable domain, or under the address that hosts of many "
            + "names share.",
        labels: ["provider", "kind", "class"], columns: AdoptionColumn.names,
        brief: AdoptionColumn.brief, share: AdoptionColumn.share,
        rows: table.entries.map {
            .init(view.labels($0.key) + [view.mxClass($0.key).rawValue], $0.counts)
        }, rest: rest(of: table, labels: 3)
    ).sorted()
}

/// The same for third parties and the rest.
func mxClassTable(_ table: GroupTable<Operator>, _ view: OperatorView) -> StatsTable {
    var sums = Dictionary(
        uniqueKeysWithValues: OperatorClass.allCases.map {
            ($0, AdoptionColumn.names.map { _ in 0 })
        })
    for (key, counts) in table.entries { add(counts, to: &sums[view.mxClass(key), default: []]) }
    add(table.others, to: &sums[.unclear, default: []])
    return StatsTable(
        "mx_classes", "Self-managed mail and third parties", labels: ["class"],
        columns: AdoptionColumn.names,
        brief: AdoptionColumn.brief, share: AdoptionColumn.share,
        rows: OperatorClass.allCases.map { .init([$0.rawValue], sums[$0] ?? []) })
}

/// Providers whose customers have records and not one valid policy.
func recordOnlyTable(_ table: GroupTable<Operator>, _ view: OperatorView) -> StatsTable {
    let columns: [AdoptionColumn] = [.records, .domains, .policies]
    let places = AdoptionColumn.places(columns)
    return StatsTable(
        "record_only", "MX providers with records and no valid policy",
        labels: ["provider", "kind", "class"], columns: columns.map(\.rawValue),
        rows: table.entries.compactMap { key, counts -> StatsTable.Row? in
            let row = places.map { counts[$0] }
            guard row[0] > 0, row[2] == 0, key != .own, key != .none else { return nil }
            return .init(view.labels(key) + [view.mxClass(key).rawValue], row)
        }
    ).sorted()
}

/// Whether mail and policy are at one provider, and the verdicts.
func pairTable(_ table: GroupTable<OperatorPair>, _ view: OperatorView) -> StatsTable {
    var sums: [PairClass: [Int]] = [:]
    for kind in PairClass.allCases { sums[kind] = PairColumn.allCases.map { _ in 0 } }
    for (pair, counts) in table.entries {
        add(counts, to: &sums[PairClass(pair, view), default: []])
    }
    add(table.others, to: &sums[.unclear, default: []])
    return StatsTable(
        "same_provider", "The same provider for mail and policy, or different ones",
        note: "Of domains that take mail and have a record.", labels: ["providers"],
        columns: PairColumn.allCases.map(\.rawValue),
        rows: PairClass.allCases.map { .init([$0.rawValue], sums[$0] ?? []) })
}

private enum PairClass: String, CaseIterable {
    case same
    case different
    /// The domain takes its mail itself.
    case mxSelf = "mx_self"
    /// The domain serves its policy itself.
    case policySelf = "policy_self"
    case bothSelf = "both_self"
    /// A class is unclear, or there is no policy host.
    case unclear

    init(_ pair: OperatorPair, _ view: OperatorView) {
        switch (view.mxClass(pair.mx), view.policyClass(pair.policy)) {
        case (.thirdParty, .thirdParty): self = view.isSame(pair) ? .same : .different
        case (.own, .thirdParty): self = .mxSelf
        case (.thirdParty, .own): self = .policySelf
        case (.own, .own): self = .bothSelf
        default: self = .unclear
        }
    }
}

/// What was counted of groups that were dropped.
func rest<Key>(of table: GroupTable<Key>, labels: Int) -> StatsTable.Row? {
    guard table.dropped > 0 else { return nil }
    return .init(["(others)"] + (1..<labels).map { _ in "" }, table.others)
}

func add(_ counts: [Int], to sums: inout [Int]) {
    for (place, count) in counts.enumerated() { sums[place] += count }
}
