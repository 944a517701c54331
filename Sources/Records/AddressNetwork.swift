public import DNS
public import Observations

/// Where an address is, by the files of `--asn-file`: what they say of the longest prefix.
public struct AddressNetwork: Hashable, Sendable {
    /// The address.
    public var address: IPAddress
    /// The numbers of the autonomous systems that announce its prefix, in the file's order; empty
    /// where no file knows one.
    public var systems: [UInt32]
    /// Who runs the first of them, as the file has it.
    public var name: String?
    /// The country, ISO 3166-1 alpha-2, as the file has it.
    public var country: String?
    /// The prefix, such as `192.0.2.0/24`.
    public var prefix: String?

    /// What is known of an address.
    public init(
        address: IPAddress, systems: [UInt32] = [], name: String? = nil, country: String? = nil,
        prefix: String? = nil
    ) {
        self.address = address
        self.systems = systems
        self.name = name
        self.country = country
        self.prefix = prefix
    }
}

/// The keys of an address's network.
private let networkFields: [Field<AddressNetwork>] = [
    Field("address", "The address.", "DNS") { $0.address },
    Field("asn", "Its autonomous system; null where no file knows one.", "--asn-file") {
        $0.systems.first
    },
    Field("other_asns", "Others that announce the same prefix (MOAS, AS sets).", "--asn-file") {
        Array($0.systems.dropFirst())
    },
    Field("as_name", "Who runs the first.", "--asn-file") { $0.name },
    Field("as_country", "The country, ISO 3166-1 alpha-2.", "--asn-file") { $0.country },
    Field("prefix", "The longest prefix that a file knows.", "--asn-file") { $0.prefix },
]

extension Field {
    /// The networks of addresses.
    static func networks(
        _ meaning: String, _ networks: @escaping @Sendable (Root) -> [AddressNetwork]?
    ) -> Field {
        nullableObjects("networks", meaning, "--asn-file", networkFields, networks).since(2)
    }
}

extension HostObservation {
    /// Each address that was found or tried, once: those of the lookups first.
    public var allAddresses: [IPAddress] {
        unique((addresses?.addresses ?? []) + sessions.map(\.address))
    }
}

extension PolicyObservation {
    /// Each address that was found or tried, once: those of the lookups first.
    public var allAddresses: [IPAddress] {
        unique((addresses?.addresses ?? []) + [address].compactMap(\.self))
    }
}

private func unique(_ addresses: [IPAddress]) -> [IPAddress] {
    var seen: Set<IPAddress> = []
    return addresses.filter { seen.insert($0).inserted }
}
