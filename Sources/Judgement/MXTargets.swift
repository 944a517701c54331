public import DNS
public import Observations

/// Where mail to a domain goes, by its lookups.
///
/// Its hosts are probed and then judged: it is found once for both.
public struct MXTargets: Sendable {
    /// What DNS says of it.
    let status: MXStatus
    /// The hosts, each once, in the order a sender tries them; none where mail goes nowhere.
    let exchanges: [MXExchange]
    /// Whether MX records name something that is no host.
    let hasOthers: Bool

    /// The route to `domain` by what was seen there.
    public init(to domain: borrowing DomainName, _ seen: borrowing DomainObservation) {
        let records = MXRecords(seen.mx.records)
        status = MXStatus(of: seen, records)
        hasOthers = records.hasNull || records.hasJunk
        switch status {
        case .hasMX, .nullMXPlus: exchanges = records.exchanges
        case .implicit: exchanges = [MXExchange(preference: 0, name: copy domain)]
        default: exchanges = []
        }
    }

    /// The names of the first hosts.
    public func hosts(limit: Int) -> [DomainName] { exchanges.prefix(limit).map(\.name) }
}

/// What the MX records of a domain name, looked through once.
struct MXRecords {
    private(set) var hasHost = false
    private(set) var hasNull = false
    private(set) var hasJunk = false
    /// All but the null MX, which names nothing (RFC 7505 §3), each name once: by preference
    /// (RFC 5321 §5.1), then by name so that the order does not hang on that of the answer.
    private(set) var exchanges: [MXExchange] = []

    init(_ records: [RecordData]) {
        exchanges.reserveCapacity(records.count)
        for case .mx(let preference, let name) in records {
            switch MXTarget.classify(name) {
            case .host: hasHost = true
            case .null:
                hasNull = true
                continue
            case .localhost, .addressLiteral, .singleLabel: hasJunk = true
            }
            exchanges.append(MXExchange(preference: preference, name: name))
        }
        if exchanges.count > 1 { exchanges.putInOrder() }
    }
}

extension [MXExchange] {
    fileprivate mutating func putInOrder() {
        sort { $0.isTried(before: $1) }
        // Nearly always all names differ, and a few are compared faster than they are hashed.
        if count <= 8, haveDistinctNames { return }
        var seen: Set<DomainName> = []
        removeAll { !seen.insert($0.name).inserted }
    }

    private var haveDistinctNames: Bool {
        for place in indices {
            for earlier in 0..<place where self[earlier].name == self[place].name { return false }
        }
        return true
    }
}

/// The right side of one MX record.
package struct MXExchange: Sendable {
    package var preference: UInt16
    package var name: DomainName

    func isTried(before other: MXExchange) -> Bool {
        preference == other.preference
            ? name.text < other.name.text : preference < other.preference
    }
}

extension MXExchange {
    /// That of a record; nil where it is no MX record.
    package init?(_ record: RecordData) {
        guard case .mx(let preference, let exchange) = record else { return nil }
        self.init(preference: preference, name: exchange)
    }
}

extension Lookup {
    /// Whether the records are there and validated.
    var isSecure: Bool { status == .found && isAuthenticated }
}

extension AddressLookup {
    /// Whether there are addresses and every answer that has some is validated: only then may TLSA
    /// be looked up (RFC 7672 §2.2.2).
    public var isSecure: Bool {
        guard a.status == .found || aaaa.status == .found else { return false }
        return (a.status != .found || a.isSecure) && (aaaa.status != .found || aaaa.isSecure)
    }
}
