/// Adoption by top-level domain.
func tldTable(_ table: GroupTable<String>) -> StatsTable {
    StatsTable.adoption(
        "tlds", "Adoption by top-level domain", labels: [.tld],
        rows: table.entries.map { .init([$0.key], $0.counts) },
        rest: rest(of: table, labels: 1)
    ).sorted()
}

/// Adoption by who takes the mail.
func mxProviderTable(_ table: GroupTable<Operator>, _ view: OperatorView) -> StatsTable {
    StatsTable.adoption(
        "mx_providers", "Adoption by MX provider",
        note: "Of domains that take mail, by the host that a sender tries first. What no pattern "
            + "names stands under its registrable domain, or under the address that hosts of many "
            + "names share.",
        labels: [.provider, .kind, .operatorClass],
        rows: table.entries.map {
            .init(view.labels($0.key) + [view.mxClass($0.key).rawValue], $0.counts)
        }, rest: rest(of: table, labels: 3)
    ).sorted()
}

/// The same for third parties and the rest.
func mxClassTable(_ table: GroupTable<Operator>, _ view: OperatorView) -> StatsTable {
    var sums = Dictionary(
        uniqueKeysWithValues: OperatorClass.allCases.map {
            ($0, AdoptionColumn.allCases.map { _ in 0 })
        })
    for (key, counts) in table.entries { add(counts, to: &sums[view.mxClass(key), default: []]) }
    add(table.others, to: &sums[.unclear, default: []])
    return .adoption(
        "mx_classes", "Self-managed mail and third parties", labels: [.operatorClass],
        rows: OperatorClass.allCases.map { .init([$0.rawValue], sums[$0] ?? []) })
}

/// Providers whose customers have records and not one valid policy.
func recordOnlyTable(_ table: GroupTable<Operator>, _ view: OperatorView) -> StatsTable {
    let places = AdoptionColumn.places([.records, .domains, .policies])
    return StatsTable(
        "record_only", "MX providers with records and no valid policy",
        labels: [.provider, .kind, .operatorClass],
        columns: [
            .init(
                "records", "Domains with a record, valid or not.", of: .column("domains")),
            .init("domains", "Domains that take mail at the operator."),
            .init("policies", "Domains with a valid policy, which are none."),
        ],
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
        note: "Of domains that take mail and have a record.",
        labels: [
            .init(
                "providers", "How the operators of mail and policy compare.",
                values: PairClass.allCases.map { ($0.rawValue, $0.meaning) })
        ],
        columns: PairColumn.columns,
        rows: PairClass.allCases.map { .init([$0.rawValue], sums[$0] ?? []) })
}

private enum PairClass: String, CaseIterable {
    case same
    case different
    case mxSelf = "mx_self"
    case policySelf = "policy_self"
    case bothSelf = "both_self"
    case unclear

    var meaning: String {
        switch self {
        case .same: "One third party has both."
        case .different: "Two third parties have one each."
        case .mxSelf: "The domain takes its mail itself, and a third party serves the policy."
        case .policySelf: "A third party takes the mail, and the domain serves its policy itself."
        case .bothSelf: "The domain does both itself."
        case .unclear: "The class of an operator is unclear, or there is no policy host."
        }
    }

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

extension StatsTable.Label {
    static let provider = Self(
        "provider",
        "The operator: a provider's name, a registrable domain, an address, (self) or (none).")
    static let kind = Self("kind", "How the operator was found, or what kind of provider it is.")
    static let operatorClass = Self(
        "class", "Whether the operator is a third party, by the number of its domains.",
        values: OperatorClass.allCases.map { ($0.rawValue, $0.meaning) })
}
