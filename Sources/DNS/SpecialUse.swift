extension IPAddress {
    /// Whether the address is of special use, so that no public mail or policy host can have it.
    ///
    /// The table holds the blocks of the IANA IPv4 and IPv6 Special-Purpose Address Registries
    /// (RFC 6890, and the RFC named with each block), and multicast. Blocks that the registries
    /// call globally reachable but that only infrastructure uses (192.0.0.0/24, 2001::/23) count
    /// as a whole. An IPv4 address behind the NAT64 prefix counts as itself (RFC 6052 §3.1).
    public var isSpecialUse: Bool {
        switch self {
        case .v4(let value):
            return specialV4.contains { value >> (32 - $0.length) == $0.prefix }
        case .v6(0x0064_ff9b_0000_0000, let low) where low >> 32 == 0:
            return IPAddress.v4(UInt32(truncatingIfNeeded: low)).isSpecialUse
        case .v6(let high, let low):
            return specialV6.contains { $0.contains(high, low) }
        }
    }
}

/// A block of IPv4 addresses: the first `length` bits are `prefix`.
private struct BlockV4 {
    var prefix: UInt32
    var length: UInt32

    init(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32, length: UInt32) {
        prefix = (a << 24 | b << 16 | c << 8 | d) >> (32 - length)
        self.length = length
    }
}

/// A block of IPv6 addresses: the first `length` bits are those of `high` and `low`.
private struct BlockV6 {
    var high: UInt64
    var low: UInt64
    var length: UInt64

    init(_ high: UInt64, low: UInt64 = 0, length: UInt64) {
        self.high = high
        self.low = low
        self.length = length
    }

    func contains(_ high: UInt64, _ low: UInt64) -> Bool {
        // Shifts of 64 bits give 0 in Swift, so whole words compare as wanted.
        length <= 64
            ? (high ^ self.high) >> (64 - length) == 0
            : high == self.high && (low ^ self.low) >> (128 - length) == 0
    }
}

private let specialV4: [BlockV4] = [
    BlockV4(0, 0, 0, 0, length: 8),  // "this network", RFC 791
    BlockV4(10, 0, 0, 0, length: 8),  // private use, RFC 1918
    BlockV4(100, 64, 0, 0, length: 10),  // shared address space, RFC 6598
    BlockV4(127, 0, 0, 0, length: 8),  // loopback, RFC 1122
    BlockV4(169, 254, 0, 0, length: 16),  // link local, RFC 3927
    BlockV4(172, 16, 0, 0, length: 12),  // private use, RFC 1918
    BlockV4(192, 0, 0, 0, length: 24),  // IETF protocol assignments, RFC 6890
    BlockV4(192, 0, 2, 0, length: 24),  // TEST-NET-1, RFC 5737
    BlockV4(192, 88, 99, 0, length: 24),  // 6to4 relay anycast, deprecated, RFC 7526
    BlockV4(192, 168, 0, 0, length: 16),  // private use, RFC 1918
    BlockV4(198, 18, 0, 0, length: 15),  // benchmarking, RFC 2544
    BlockV4(198, 51, 100, 0, length: 24),  // TEST-NET-2, RFC 5737
    BlockV4(203, 0, 113, 0, length: 24),  // TEST-NET-3, RFC 5737
    BlockV4(224, 0, 0, 0, length: 4),  // multicast, RFC 5771
    BlockV4(240, 0, 0, 0, length: 4),  // reserved, RFC 1112, and limited broadcast, RFC 919
]

private let specialV6: [BlockV6] = [
    BlockV6(0, low: 0, length: 128),  // unspecified, RFC 4291
    BlockV6(0, low: 1, length: 128),  // loopback, RFC 4291
    BlockV6(0, low: 0xffff_0000_0000, length: 96),  // IPv4-mapped, RFC 4291
    BlockV6(0x0064_ff9b_0001_0000, length: 48),  // local-use translation, RFC 8215
    BlockV6(0x0100_0000_0000_0000, length: 64),  // discard only, RFC 6666
    BlockV6(0x0100_0000_0000_0001, length: 64),  // dummy prefix, RFC 9780
    BlockV6(0x2001_0000_0000_0000, length: 23),  // IETF protocol assignments, RFC 2928
    BlockV6(0x2001_0db8_0000_0000, length: 32),  // documentation, RFC 3849
    BlockV6(0x2002_0000_0000_0000, length: 16),  // 6to4, RFC 3056
    BlockV6(0x3fff_0000_0000_0000, length: 20),  // documentation, RFC 9637
    BlockV6(0x5f00_0000_0000_0000, length: 16),  // segment routing identifiers, RFC 9602
    BlockV6(0xfc00_0000_0000_0000, length: 7),  // unique local, RFC 4193
    BlockV6(0xfe80_0000_0000_0000, length: 10),  // link local, RFC 4291
    BlockV6(0xfec0_0000_0000_0000, length: 10),  // site local, deprecated, RFC 3879
    BlockV6(0xff00_0000_0000_0000, length: 8),  // multicast, RFC 4291
]
