public import DNS

/// The right side of one MX record.
struct MXExchange: Hashable {
    var preference: UInt16
    var name: DomainName

    init(preference: UInt16, name: DomainName) {
        self.preference = preference
        self.name = name
    }

    /// That of a record; nil where it is no MX record.
    init?(_ record: RecordData) {
        guard case .mx(let preference, let exchange) = record else { return nil }
        self.init(preference: preference, name: exchange)
    }

    func isTried(before other: MXExchange) -> Bool {
        preference == other.preference
            ? name.text < other.name.text : preference < other.preference
    }
}

extension Lookup {
    /// The MX records as received.
    var exchanges: [MXExchange] {
        var exchanges: [MXExchange] = []
        exchanges.reserveCapacity(records.count)
        for case .mx(let preference, let exchange) in records {
            exchanges.append(MXExchange(preference: preference, name: exchange))
        }
        return exchanges
    }

    /// Whether the records are there and validated.
    var isSecure: Bool { status == .found && isAuthenticated }
}

extension DomainObservation {
    /// The hosts that mail goes to, in the order a sender tries them; none where it goes nowhere.
    public func mxHosts(of domain: DomainName) -> [DomainName] {
        destinations(of: domain, MXStatus(of: self, MXTargets(of: mx.records))).map(\.name)
    }

    /// Where mail goes, each name once: by preference (RFC 5321 §5.1), then by name so that the
    /// order does not hang on that of the answer.
    func destinations(of domain: DomainName, _ status: MXStatus) -> [MXExchange] {
        guard status.hasHosts else { return [] }
        guard status != .implicit else { return [MXExchange(preference: 0, name: domain)] }
        var inOrder = mx.exchanges
        if status == .nullMXPlus { inOrder.removeAll { $0.name.isRoot } }
        guard inOrder.count > 1 else { return inOrder }
        inOrder.sort { $0.isTried(before: $1) }
        // Nearly always all names differ, and a few are compared faster than they are hashed.
        if inOrder.count <= 8, inOrder.haveDistinctNames { return inOrder }
        var seen: Set<DomainName> = []
        return inOrder.filter { seen.insert($0.name).inserted }
    }
}

extension [MXExchange] {
    fileprivate var haveDistinctNames: Bool {
        indices.allSatisfy { index in
            !self[..<index].contains { $0.name == self[index].name }
        }
    }
}

extension AddressLookup {
    /// Whether there are addresses and every answer that holds some is validated: only then may
    /// TLSA be asked for (RFC 7672 §2.2.2).
    public var isSecure: Bool {
        guard a.status == .found || aaaa.status == .found else { return false }
        return [a, aaaa].allSatisfy { $0.status != .found || $0.isAuthenticated }
    }
}
