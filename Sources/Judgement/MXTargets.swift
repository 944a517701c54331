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
