package import DNS
public import Observations

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
