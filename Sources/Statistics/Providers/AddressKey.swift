internal import DNS

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
