/// Names operators and parts them into classes by the number of their domains.
struct OperatorView {
    private let catalogue: ProviderCatalogue
    private let thresholds: ClassThresholds
    private var mxDomains: [Operator: Int] = [:]
    private var policyDomains: [Operator: Int] = [:]

    init(
        _ mx: GroupTable<Operator>, _ policies: GroupTable<Operator>,
        _ catalogue: ProviderCatalogue, _ thresholds: ClassThresholds
    ) {
        self.catalogue = catalogue
        self.thresholds = thresholds
        for (key, counts) in mx.entries { mxDomains[key] = counts[0] }
        for (key, counts) in policies.entries { policyDomains[key] = counts[0] }
    }

    /// The class of an operator of MX hosts; one that was dropped is unclear.
    func mxClass(_ key: Operator) -> OperatorClass {
        classify(key, domains: mxDomains[key])
    }

    /// The class of an operator of policy hosts; one that was dropped is unclear.
    func policyClass(_ key: Operator) -> OperatorClass {
        classify(key, domains: policyDomains[key])
    }

    private func classify(_ key: Operator, domains: Int?) -> OperatorClass {
        thresholds.classify(key, domains: domains ?? thresholds.own + 1)
    }

    /// The operator's name and what it is.
    func labels(_ key: Operator) -> [String] { key.labels(catalogue) }

    /// Whether the mail and the policy are at the same provider: one of the catalogue, one domain
    /// or address, or domains that differ in their public suffix only (`tutanota.de`, `.com`).
    func isSame(_ pair: OperatorPair) -> Bool {
        pair.mx == pair.policy || !brands(pair.mx).isDisjoint(with: brands(pair.policy))
    }

    private func brands(_ key: Operator) -> Set<Substring> {
        switch key {
        case .provider(let index):
            let provider = catalogue.providers[index]
            return Set((provider.mx + provider.policy).map(brand))
        case .domain(let name): return [name.prefix { $0 != "." }]
        case .address, .own, .none: return []
        }
    }
}

/// The label before the last, which for a pattern below no second-level suffix names the brand.
private func brand(_ pattern: String) -> Substring {
    let labels = pattern.split(separator: ".")
    return labels.count > 1 ? labels[labels.count - 2] : labels.last ?? ""
}
