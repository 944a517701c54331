/// Names the operators of a domain's MX hosts and of its policy host.
struct Attribution: Sendable {
    let catalogue: ProviderCatalogue
    let suffixes: any PublicSuffixes
    let directory: HostIndex

    /// The most hosts whose operator is kept in mind.
    private static let knownMax = 1 << 16

    private struct Known {
        /// By a pattern, by the alias, or by the name.
        var `operator`: Operator
        var registrable: String
        /// Whether the operator is that domain.
        var isByName: Bool
    }

    private var known: [String: Known?] = [:]

    init(
        catalogue: ProviderCatalogue, suffixes: any PublicSuffixes, directory: HostIndex
    ) {
        self.catalogue = catalogue
        self.suffixes = suffixes
        self.directory = directory
    }

    /// The operator of the hosts that mail goes to: of the first that has a name at all.
    mutating func mxOperator(of facts: DomainFacts, _ domain: String) -> Operator {
        for host in facts.hosts {
            guard let known = knowledge(of: host.name) else { continue }
            guard known.isByName, isWithin(domain, known.registrable) else {
                return known.operator
            }
            return directory.sharedAddress(of: host.name).map(Operator.address) ?? .own
        }
        return .none
    }

    /// The operator of the policy host: by the CNAMEs of `mta-sts.`, then of `_mta-sts.`, then by
    /// the address.
    func policyOperator(of facts: DomainFacts, _ domain: String) -> Operator {
        for chain in [facts.policyCNAMEs, facts.recordCNAMEs] {
            for target in chain.reversed() {
                if let provider = catalogue.provider(ofPolicyTarget: target) {
                    return .provider(provider)
                }
            }
        }
        for chain in [facts.policyCNAMEs, facts.recordCNAMEs] {
            if let target = chain.last, let found = suffixes.registrableDomain(of: target),
                !isWithin(domain, found)
            {
                return .domain(found)
            }
        }
        guard let address = AddressKey.least(of: facts.policyAddresses) else { return .none }
        return catalogue.provider(at: address).map(Operator.provider) ?? .address(address)
    }

    /// Whether `registrable` is the registrable domain of a name.
    private func isWithin(_ name: String, _ registrable: String) -> Bool {
        name.utf8.count >= registrable.utf8.count
            && name.utf8.suffix(registrable.utf8.count).elementsEqual(registrable.utf8)
            && suffixes.registrableDomain(of: name) == registrable
    }

    private mutating func knowledge(of host: String) -> Known? {
        if let known = known[host] { return known }
        if known.count >= Self.knownMax { known.removeAll(keepingCapacity: true) }
        let found = look(up: host)
        known[host] = .some(found)
        return found
    }

    private func look(up host: String) -> Known? {
        // An address in an MX record has labels of digits, and no registrar.
        guard
            host.utf8.last.map({ !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) ?? false,
            let registrable = suffixes.registrableDomain(of: host)
        else { return nil }
        if let provider = catalogue.provider(ofHost: host) {
            return Known(
                operator: .provider(provider), registrable: registrable, isByName: false)
        }
        guard let alias = directory.alias(of: host) else { return byAddress(host, registrable) }
        if let provider = catalogue.provider(ofHost: alias) {
            return Known(
                operator: .provider(provider), registrable: registrable, isByName: false)
        }
        let target = suffixes.registrableDomain(of: alias) ?? registrable
        return Known(
            operator: .domain(target), registrable: registrable,
            isByName: target == registrable)
    }

    private func byAddress(_ host: String, _ registrable: String) -> Known {
        let address = directory.sharedAddress(of: host)
        let provider = address.flatMap { catalogue.provider(at: $0) }
        return Known(
            operator: provider.map(Operator.provider) ?? .domain(registrable),
            registrable: registrable, isByName: provider == nil)
    }
}
