/// Who runs a host, as far as names and addresses show.
enum Operator: Hashable, Sendable {
    /// A provider of the catalogue, by its index.
    case provider(Int)
    /// No pattern names it: the hosts of a registrable domain.
    case domain(String)
    /// Hosts that have a name of each domain that they serve, and an address in common.
    case address(AddressKey)
    /// The domain itself: a host below its name, at an address of few others.
    case own
    /// Nothing is known: there is no host, or it has no name and no address.
    case none
}

extension Operator {
    /// The operator's name and what it is.
    func labels(_ catalogue: ProviderCatalogue) -> [String] {
        switch self {
        case .provider(let index):
            [catalogue.providers[index].name, catalogue.providers[index].kind.rawValue]
        case .domain(let name): [name, "domain"]
        case .address(let address): [address.text, "address"]
        case .own: ["(self)", "self"]
        case .none: ["(none)", "none"]
        }
    }
}

/// Whether domains run a host themselves or have it run.
public enum OperatorClass: String, CaseIterable, Hashable, Sendable {
    case thirdParty = "third_party"
    case own = "self"
    case unclear
    case none

    /// The meaning of the value.
    var meaning: String {
        switch self {
        case .thirdParty: "A provider of the catalogue, or a host of many domains."
        case .own: "The domain's own host, or one of few domains."
        case .unclear: "A host of neither many nor few domains."
        case .none: "There is no host."
        }
    }
}

/// How many domains make a third party, and how few a host that is run for oneself.
public struct ClassThresholds: Hashable, Sendable {
    /// From so many domains on a host is a third party's; 50 in the survey of 2024.
    public var thirdParty: Int
    /// A host of up to so many domains counts as their own; 5 in the survey of 2024.
    public var own: Int

    /// Thresholds; those of Ashiq and others (IMC 2025) where nothing is given.
    public init(thirdParty: Int = 50, own: Int = 5) {
        self.thirdParty = thirdParty
        self.own = own
    }

    /// The class of an operator that serves `domains` domains.
    func classify(_ operator: Operator, domains: Int) -> OperatorClass {
        switch `operator` {
        case .provider: .thirdParty
        case .own: .own
        case .none: .none
        case .domain, .address:
            domains >= thirdParty ? .thirdParty : domains <= own ? .own : .unclear
        }
    }
}
