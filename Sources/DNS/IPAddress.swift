/// An IPv4 or IPv6 address.
public enum IPAddress: Hashable, Sendable {
    case v4(UInt32)
    case v6(high: UInt64, low: UInt64)

    /// An address from 4 or 16 octets in network order; nil for another count.
    public init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4:
            self = .v4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16:
            self = .v6(
                high: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
                low: bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
        default:
            return nil
        }
    }

    /// The 4 or 16 octets in network order.
    public var bytes: [UInt8] {
        switch self {
        case .v4(let value): octets(UInt64(value), count: 4)
        case .v6(let high, let low): octets(high, count: 8) + octets(low, count: 8)
        }
    }

    /// Whether this is an IPv4 address.
    public var isV4: Bool {
        if case .v4 = self { true } else { false }
    }
}

extension IPAddress: Comparable {
    /// IPv4 before IPv6, each by its octets.
    public static func < (one: IPAddress, other: IPAddress) -> Bool {
        switch (one, other) {
        case (.v4(let one), .v4(let other)): one < other
        case (.v6(let high, let low), .v6(let otherHigh, let otherLow)):
            (high, low) < (otherHigh, otherLow)
        case (.v4, .v6): true
        case (.v6, .v4): false
        }
    }
}

private func octets(_ value: UInt64, count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - $0))) }
}

extension IPAddress {
    /// The name at which PTR gives the address's name: RFC 1035 §3.5, RFC 3596 §2.5.
    public var reverseName: DomainName {
        let labels: [String]
        switch self {
        case .v4: labels = bytes.reversed().map { String($0) } + ["in-addr", "arpa"]
        case .v6:
            labels =
                bytes.reversed().flatMap { [$0 & 15, $0 >> 4] }.map { String($0, radix: 16) }
                + ["ip6", "arpa"]
        }
        return DomainName(canonical: labels.joined(separator: "."))
    }
}
