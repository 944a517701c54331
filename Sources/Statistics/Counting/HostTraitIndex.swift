/// Finds the traits of the host that a domain record refers to.
///
/// Bounded: of hosts beyond `HostIndexBuilder.hostsMax` nothing is known.
struct HostTraitIndex: Sendable {
    /// The place in `traits` by the hash of an observation of a host.
    private var places: [UInt64: Int32] = [:]
    private var traits: [HostTraits] = []
    private var known: [HostTraits: Int32] = [:]

    /// Notes the traits of an observation; false where there is no room.
    mutating func note(_ traits: HostTraits, of host: String, _ observation: Int) -> Bool {
        guard places.count < HostIndexBuilder.hostsMax else { return false }
        places[Self.key(host, observation)] = place(of: traits)
        return true
    }

    /// Adds the notes of another part of the scan; gives how many there was no room for.
    mutating func merge(_ other: HostTraitIndex) -> Int {
        let moved = other.traits.map { place(of: $0) }
        var dropped = 0
        for (key, place) in other.places {
            if places.count < HostIndexBuilder.hostsMax {
                places[key] = moved[Int(place)]
            } else {
                dropped += 1
            }
        }
        return dropped
    }

    /// The traits of an observation of a host; nil where it is not known.
    func traits(of host: String, _ observation: Int) -> HostTraits? {
        places[Self.key(host, observation)].map { traits[Int($0)] }
    }

    /// Equal traits are kept once; a few more than those that are counted apart.
    private mutating func place(of wanted: HostTraits) -> Int32 {
        var wanted = wanted
        if traits.count >= HostTraitTotals.combinationsMax, known[wanted] == nil {
            wanted.certificate = wanted.certificate?.unnamed
        }
        if let place = known[wanted] { return place }
        let place = Int32(traits.count)
        traits.append(wanted)
        known[wanted] = place
        return place
    }

    private static func key(_ host: String, _ observation: Int) -> UInt64 {
        stableHash(host) &+ UInt64(truncatingIfNeeded: observation) &* 0x9E37_79B9_7F4A_7C15
    }
}
