internal import Records
internal import Statistics

/// Which record of a host counts where there are several: that with the least number.
///
/// A host is observed by several shards, or again after it had been forgotten.
struct HostObservations: Sendable {
    /// The most hosts that are kept in mind, some 30 octets each; beyond it each record counts.
    private static let hostsMax = HostIndexBuilder.hostsMax

    /// The least number of each host, by the hash of its name.
    private var numbers: [UInt64: Int] = [:]
    /// How many records there are of hosts that have one already.
    private(set) var repeated = 0
    private var hasOverflowed = false

    /// Whether a host has several records.
    var hasRepeated: Bool { repeated > 0 }

    /// What a reader of the counts must know.
    var caution: String? {
        guard hasRepeated else { return nil }
        let beyond =
            hasOverflowed
            ? "; of more than \(grouped(Self.hostsMax)) hosts, the others count once a record" : ""
        return "\(grouped(repeated)) more records are of hosts that were observed several times, "
            + "and count once\(beyond)"
    }

    /// Notes a record.
    mutating func note(_ host: HostFacts) { note(host.observation, of: stableHash(host.host)) }

    private mutating func note(_ number: Int, of host: UInt64) {
        if let known = numbers[host] {
            repeated += 1
            if number < known { numbers[host] = number }
        } else if numbers.count < Self.hostsMax {
            numbers[host] = number
        } else {
            hasOverflowed = true
        }
    }

    /// Adds the notes of another part of the scan.
    mutating func merge(_ other: HostObservations) {
        repeated += other.repeated
        hasOverflowed = hasOverflowed || other.hasOverflowed
        for (host, number) in other.numbers { note(number, of: host) }
    }

    /// Whether the record counts.
    func counts(_ host: HostFacts) -> Bool {
        numbers[stableHash(host.host)].map { $0 == host.observation } ?? true
    }
}
