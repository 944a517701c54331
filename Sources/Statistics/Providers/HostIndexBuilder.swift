internal import DNS

/// What the host records show of who runs a host: its alias, and whom it shares an address with.
///
/// Bounded: of hosts beyond `hostsMax` only the names count.
public struct HostIndexBuilder: Sendable {
    /// The most hosts that are kept in mind, some 50 octets each; aliases beyond it are not
    /// followed.
    public static let hostsMax = 4 << 20

    private struct Note {
        var name: UInt64
        var address: AddressKey
        /// The hash of the registrable domain of the name.
        var registrable: UInt64
    }

    private var notes: [Note] = []
    private var aliases: [UInt64: String] = [:]
    private var traits = HostTraitIndex()
    /// Where hosts are, by the hashes of their names.
    private var places: [UInt64: Int32] = [:]
    private var placeSets: [NetworkPlaces] = []
    private var placeNumbers: [NetworkPlaces: Int32] = [:]
    /// Hosts that came when the index was full.
    private(set) var overflow = 0

    /// Nothing noted.
    public init() {}

    /// Notes a host.
    public mutating func add(_ host: HostFacts, suffixes: any PublicSuffixes) {
        guard traits.note(HostTraits(host), of: host.host, host.observation) else {
            overflow += 1
            return
        }
        if let networks = host.networks {
            notePlaces(NetworkPlaces(networks), of: stableHash(host.host))
        }
        guard let registrable = suffixes.registrableDomain(of: host.host) else { return }
        guard notes.count < Self.hostsMax, aliases.count < Self.hostsMax / 4 else {
            overflow += 1
            return
        }
        if let alias = host.cnames.last { aliases[stableHash(host.host)] = alias }
        guard let address = AddressKey.least(of: host.addresses) else { return }
        notes.append(
            Note(
                name: stableHash(host.host), address: address,
                registrable: stableHash(registrable)))
    }

    /// Notes where a host is; of hosts observed several times, all places count.
    private mutating func notePlaces(_ new: NetworkPlaces, of host: UInt64) {
        var all = new
        if let known = places[host] {
            all.merge(placeSets[Int(known)])
        } else if places.count >= Self.hostsMax {
            return
        }
        if placeNumbers[all] == nil {
            placeNumbers[all] = Int32(placeSets.count)
            placeSets.append(all)
        }
        places[host] = placeNumbers[all]
    }

    /// Adds the notes of another part of the scan.
    public mutating func merge(_ other: HostIndexBuilder) {
        let room = Self.hostsMax - notes.count
        notes += other.notes.prefix(room)
        aliases.merge(other.aliases) { first, _ in first }
        let untraced = traits.merge(other.traits)
        for (host, number) in other.places {
            notePlaces(other.placeSets[Int(number)], of: host)
        }
        overflow += other.overflow + max(untraced, other.notes.count - room)
    }

    /// What is known of hosts: their aliases, and the addresses that more than `few` registrable
    /// domains have hosts at.
    public func directory(few: Int) -> HostIndex {
        var shared: [UInt64: AddressKey] = [:]
        let sorted = notes.sorted { ($0.address, $0.registrable) < ($1.address, $1.registrable) }
        var start = sorted.startIndex
        while start < sorted.endIndex {
            let address = sorted[start].address
            let end = sorted[start...].firstIndex { $0.address != address } ?? sorted.endIndex
            var domains = 1
            for index in (start + 1)..<max(end, start + 1)
            where sorted[index].registrable != sorted[index - 1].registrable { domains += 1 }
            if domains > few {
                for note in sorted[start..<end] { shared[note.name] = address }
            }
            start = end
        }
        return HostIndex(
            shared: shared, aliases: aliases, traits: traits, places: places, placeSets: placeSets,
            overflow: overflow)
    }
}

/// Finds what is known of a host beyond its name.
public struct HostIndex: Sendable {
    private let shared: [UInt64: AddressKey]
    private let aliases: [UInt64: String]
    private let traits: HostTraitIndex
    private let places: [UInt64: Int32]
    private let placeSets: [NetworkPlaces]
    /// Hosts beyond the capacity, of which nothing is known.
    let overflow: Int

    /// Nothing known of any host.
    public init() {
        self.init(
            shared: [:], aliases: [:], traits: HostTraitIndex(), places: [:], placeSets: [],
            overflow: 0)
    }

    fileprivate init(
        shared: [UInt64: AddressKey], aliases: [UInt64: String], traits: HostTraitIndex,
        places: [UInt64: Int32], placeSets: [NetworkPlaces], overflow: Int
    ) {
        self.places = places
        self.placeSets = placeSets
        self.shared = shared
        self.aliases = aliases
        self.traits = traits
        self.overflow = overflow
    }

    /// The address that a host shares with hosts of many other domains.
    func sharedAddress(of host: String) -> AddressKey? { shared[stableHash(host)] }

    /// What a domain's host showed, by the number of its observation; nil where that is not known.
    func traits(of host: DomainFacts.Host) -> HostTraits? {
        traits.traits(of: host.name, host.observation)
    }

    /// Where a host is; nil where that is not recorded.
    func places(of host: String) -> NetworkPlaces? {
        places.isEmpty ? nil : places[stableHash(host)].map { placeSets[Int($0)] }
    }

    /// The name that a host is an alias of.
    func alias(of host: String) -> String? { aliases[stableHash(host)] }
}

/// FNV-1a of 64 bits, with its high bits mixed into the low ones.
package func stableHash(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for octet in text.utf8 { hash = (hash ^ UInt64(octet)) &* 0x0000_0100_0000_01B3 }
    return hash ^ hash >> 29
}

/// An IPv4 address, or the first 64 bits of an IPv6 address: what hosts at one location share.
struct AddressKey: Hashable, Sendable, Comparable {
    // An IPv4 address is in the low 32 bits. The prefixes of the IPv6 addresses that IANA has
    // assigned (2000::/3) are far above.
    let bits: UInt64

    /// The key of an address as text; nil where it is none.
    init?(_ text: String) {
        switch IPAddress(text) {
        case .v4(let value): bits = UInt64(value)
        case .v6(let high, _): bits = high
        case nil: return nil
        }
    }

    init(bits: UInt64) { self.bits = bits }

    /// The least of the addresses, so that hosts with the same set of addresses have one key.
    ///
    /// IPv4 comes before IPv6, whose hosts often have an address each.
    static func least(of addresses: [String]) -> AddressKey? {
        addresses.lazy.compactMap { AddressKey($0) }.min()
    }

    static func < (one: AddressKey, other: AddressKey) -> Bool { one.bits < other.bits }

    /// The address, or the prefix.
    var text: String {
        guard bits >> 32 != 0 else { return IPAddress.v4(UInt32(bits)).description }
        return IPAddress.v6(high: bits, low: 0).description + "/64"
    }
}
