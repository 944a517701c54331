internal import MTASTS
internal import Observations

/// The steps of getting a policy, as Ashiq and others (IMC 2025) divide them.
enum RetrievalLayer: String, CaseIterable {
    case ok
    case dns
    case tcp
    case tls
    case http
    case syntax
    case notContacted = "not_contacted"

    /// The meaning of the value.
    var meaning: String {
        switch self {
        case .ok: "The policy was fetched, and its text is valid."
        case .dns: "The policy host has no address, or the lookup failed."
        case .tcp: "No connection to the policy host."
        case .tls: "No TLS with the policy host, or no valid certificate."
        case .http: "Another response than 200 with a policy, or none."
        case .syntax: "The policy was fetched, and its text is not valid."
        case .notContacted: "The address was not to be contacted."
        }
    }

    init(_ fetch: PolicyFetchStatus) {
        let word = fetch.rawValue.prefix { $0 != "_" }
        self =
            fetch == .tooLarge ? .http : RetrievalLayer(rawValue: String(word)) ?? .notContacted
    }

    /// The columns of a delegation that belong to the layer.
    var columns: [DelegationColumn] {
        switch self {
        case .ok: [.policy(.ok)]
        case .syntax: PolicyStatus.allCases.filter { $0 != .ok }.map { .policy($0) }
        default: PolicyFetchStatus.allCases.filter { RetrievalLayer($0) == self }.map { .fetch($0) }
        }
    }
}

/// Counts of a delegation under names.
private struct Delegation {
    let counts: [Int]

    subscript(_ columns: DelegationColumn...) -> Int { sum(columns) }

    func sum(_ columns: [DelegationColumn]) -> Int {
        columns.reduce(0) { sum, column in
            sum + (DelegationColumn.places[column].map { counts[$0] } ?? 0)
        }
    }
}

/// Adoption by who hosts the policy.
func policyProviderTable(_ table: GroupTable<Operator>, _ view: OperatorView) -> StatsTable {
    StatsTable(
        "policy_providers", "Adoption by policy host provider",
        note: "Of domains with a record, by the CNAMEs of `mta-sts.` and `_mta-sts.`, then by the "
            + "address of the policy host.",
        labels: [.provider, .kind, .operatorClass],
        columns: [.init("domains", "Domains with a record, valid or not.")]
            + StatsTable.Column.each(Mode.self, of: .column("domains"))
            + RetrievalLayer.allCases.map {
                .init($0.rawValue, $0.meaning, of: .column("domains"))
            } + [
                .init(
                    "all_mismatch", "The policy names none of the hosts.", of: .column("domains")),
                .init("refused", "Domains whose verdict is refused.", of: .column("domains")),
            ],
        rows: table.entries.map { key, counts in
            let delegation = Delegation(counts: counts)
            let values =
                [delegation[.records]] + Mode.allCases.map { delegation[.mode($0)] }
                + RetrievalLayer.allCases.map { delegation.sum($0.columns) }
                + [delegation[.allMismatch], delegation[.refused]]
            return .init(view.labels(key) + [view.policyClass(key).rawValue], values)
        }
    ).sorted().dropZeros()
}

/// Leftovers after an opt-out: aliases that still lead to the provider.
func residueTable(_ table: GroupTable<Operator>, _ view: OperatorView) -> StatsTable {
    let tls = PolicyFetchStatus.allCases.filter { RetrievalLayer($0) == .tls }
    return StatsTable(
        "residue", "Delegations that give no policy in force",
        note: "Domains whose names lead to a third party's policy host: the record gone, the host "
            + "gone, no certificate for it, an empty file, mode none, a policy that names none of "
            + "the hosts.",
        labels: [.provider, .kind],
        columns: [.init("domains", "Domains whose names lead to the operator.")]
            + [
                ("record_gone", "There is no MTA-STS record any more."),
                ("host_gone", "There is no policy host any more."),
                ("certificate", "No valid certificate for the policy host, or no TLS."),
                ("not_found", "The policy host has no such file."),
                ("empty", "The policy file is empty."),
                ("mode_none", "The policy has mode none."),
                ("all_mismatch", "The policy names none of the hosts."),
            ].map { .init($0, $1, of: .column("domains")) },
        rows: table.entries.compactMap { key, counts -> StatsTable.Row? in
            guard view.policyClass(key) == .thirdParty else { return nil }
            let row = Delegation(counts: counts)
            return .init(
                view.labels(key),
                [
                    row[.domains], row[.recordGone],
                    row[.fetch(.dnsNXDomain), .fetch(.dnsNoData)], row.sum(tls.map { .fetch($0) }),
                    row[.fetch(.http404)], row[.policy(.empty)], row[.mode(.none)],
                    row[.allMismatch],
                ])
        }
    ).sorted()
}

/// Policies that could not be had, by layer and reason, for third parties and the rest.
func policyErrorTable(_ table: GroupTable<Operator>, _ view: OperatorView) -> StatsTable {
    let sums = classSums(table, view)
    let errors =
        PolicyFetchStatus.allCases.filter { $0 != .ok }
        .map { (RetrievalLayer($0), $0.rawValue, DelegationColumn.fetch($0)) }
        + PolicyStatus.allCases.filter { $0 != .ok }
        .map { (.syntax, $0.rawValue, DelegationColumn.policy($0)) }
    return StatsTable(
        "policy_errors", "Policies that could not be had, by layer and reason",
        labels: [.layer, .init("reason", "How the fetch ended, or what is wrong in the text.")],
        columns: classColumns, base: recordBase(table),
        rows: errors.map { layer, reason, column in
            .init([layer.rawValue, reason], classRow(sums) { $0[column] })
        }
    ).dropZeros()
}

/// The same by layer.
func policyLayerTable(_ table: GroupTable<Operator>, _ view: OperatorView) -> StatsTable {
    let sums = classSums(table, view)
    let layers = RetrievalLayer.allCases.map { layer in
        StatsTable.Row([layer.rawValue], classRow(sums) { $0.sum(layer.columns) })
    }
    let records = StatsTable.Row(["records"], classRow(sums) { $0[.records] })
    return StatsTable(
        "policy_layers", "Policy retrieval by layer",
        note: "Every fetch that a record called for, whether the record is valid or not.",
        labels: [.layer], columns: classColumns, base: recordBase(table), rows: [records] + layers)
}

private let classColumns =
    [StatsTable.Column("domains", "Domains with a record, valid or not.", of: .base)]
    + OperatorClass.allCases.map {
        .init($0.rawValue, "Policy hosts: " + $0.meaning, of: .column("domains"))
    }

extension StatsTable.Label {
    fileprivate static let layer = Self(
        "layer", "The step of getting a policy that fails; the row `records` is of all.",
        values: RetrievalLayer.allCases.map { ($0.rawValue, $0.meaning) })
}

private func classSums(
    _ table: GroupTable<Operator>, _ view: OperatorView
) -> [OperatorClass: Delegation] {
    var sums: [OperatorClass: [Int]] = [:]
    for kind in OperatorClass.allCases { sums[kind] = Array(repeating: 0, count: table.width) }
    for (key, counts) in table.entries {
        add(counts, to: &sums[view.policyClass(key), default: []])
    }
    add(table.others, to: &sums[.unclear, default: []])
    return sums.mapValues { Delegation(counts: $0) }
}

private func classRow(
    _ sums: [OperatorClass: Delegation], _ value: (Delegation) -> Int
) -> [Int] {
    let values = OperatorClass.allCases.map { sums[$0].map(value) ?? 0 }
    return [values.reduce(0, +)] + values
}

private func recordBase(_ table: GroupTable<Operator>) -> StatsTable.Base {
    let total = table.entries.reduce(0) { $0 + Delegation(counts: $1.counts)[.records] }
    return .init(
        words: "domains with a record",
        count: total + Delegation(counts: table.others)[.records])
}
