internal import Records

/// The autonomous systems and countries that some addresses are in, each once.
struct NetworkPlaces: Hashable, Sendable {
    private(set) var systems: [UInt32] = []
    private(set) var countries: [String] = []

    /// Those of addresses, as far as they are known.
    init(_ networks: [AddressNetwork]) {
        for network in networks { add(network.systems, [network.country].compactMap(\.self)) }
    }

    /// Adds those of other addresses.
    mutating func merge(_ other: NetworkPlaces) { add(other.systems, other.countries) }

    private mutating func add(_ systems: [UInt32], _ countries: [String]) {
        self.systems = Set(self.systems + systems).sorted()
        self.countries = Set(self.countries + countries).sorted()
    }
}

/// What is counted by AS and by country.
enum NetworkColumn: String, CaseIterable {
    case hosts
    case domains
    case policyDomains = "policy_domains"

    /// The columns as tables have them.
    static let columns = allCases.map {
        StatsTable.Column($0.rawValue, $0.meaning, unit: $0 == .hosts ? .hosts : .domains)
    }

    private var meaning: String {
        switch self {
        case .hosts: "Records of MX hosts."
        case .domains: "Domains that take mail, by their MX hosts."
        case .policyDomains: "Domains with a policy host, by that."
        }
    }
}

/// Counts by AS and by country; each thing counts once for each AS that its addresses are in.
struct NetworkTotals: Sendable {
    /// One kind of place.
    struct Places<Key: GroupKey>: Sendable {
        private(set) var table: GroupTable<Key>
        /// How many things no place is known of, by column.
        private(set) var unknown = NetworkColumn.allCases.map { _ in 0 }

        init(_ groupsMax: Int) {
            table = GroupTable(width: NetworkColumn.allCases.count, capacity: groupsMax)
        }

        mutating func count(_ column: Int, of keys: [Key]) {
            if keys.isEmpty { unknown[column] += 1 }
            for key in keys { table.count([column], of: key) }
        }

        mutating func merge(_ other: Places) {
            table.merge(other.table)
            for column in unknown.indices { unknown[column] += other.unknown[column] }
        }
    }

    private(set) var systems: Places<UInt32>
    private(set) var countries: Places<String>
    /// The names of systems: of several, the first in order.
    private(set) var names: [UInt32: String] = [:]
    /// Whether any record says where an address is.
    private(set) var isKnown = false
    private let groupsMax: Int

    init(groupsMax: Int) {
        self.groupsMax = groupsMax
        systems = Places(groupsMax)
        countries = Places(groupsMax)
    }

    /// Counts something by its places.
    mutating func count(_ column: NetworkColumn, at places: NetworkPlaces?) {
        let index = NetworkColumn.allCases.firstIndex(of: column) ?? 0
        systems.count(index, of: places?.systems ?? [])
        countries.count(index, of: places?.countries ?? [])
    }

    /// Notes the names of systems, and that records say where addresses are.
    mutating func note(_ networks: [AddressNetwork]?) {
        guard let networks else { return }
        isKnown = true
        for network in networks {
            guard let system = network.systems.first, let name = network.name else { continue }
            note(name, of: system)
        }
    }

    private mutating func note(_ name: String, of system: UInt32) {
        guard names[system] != nil || names.count < groupsMax else { return }
        names[system] = min(names[system] ?? name, name)
    }

    /// Adds the counts of another part of the scan.
    mutating func merge(_ other: NetworkTotals) {
        systems.merge(other.systems)
        countries.merge(other.countries)
        for (system, name) in other.names { note(name, of: system) }
        isKnown = isKnown || other.isKnown
    }
}

extension UInt32: GroupKey {
    var isKept: Bool { false }
}
