extension IPAddress {
    /// Whether the address is not one of the public Internet, so that no public mail or policy host
    /// can have it.
    ///
    /// Public is what the IANA address registries have allocated to unicast: IPv4 up to
    /// 223.255.255.255, and of IPv6 2000::/3 alone (RFC 4291 §2.4). Of that, the IANA IPv4 and IPv6
    /// Special-Purpose Address Registries (RFC 6890) take blocks out again; where blocks are
    /// nested, the smallest decides by its column "Globally Reachable", in which "N/A" counts as
    /// "False". An IPv4 address after the NAT64 prefix counts as itself (RFC 6052 §3.1); in any
    /// other form (mapped, compatible, 6to4, Teredo) it is not public.
    public var isSpecialUse: Bool {
        switch self {
        case .v4(let value):
            return !isReachable(0, UInt64(value) | ipv4Prefix, in: registryV4)
        case .v6(let high, let low):
            if let address = translatedIPv4 { return address.isSpecialUse }
            return !isReachable(high, low, in: registryV6)
        }
    }
}

extension IPAddress {
    /// The IPv4 address that a NAT64 translator makes of this one (RFC 6052 §2.1); nil for others.
    public var translatedIPv4: IPAddress? {
        guard case .v6(nat64High, let low) = self, low >> 32 == 0 else { return nil }
        return .v4(UInt32(truncatingIfNeeded: low))
    }
}

/// The high half of 64:ff9b::/96, the well-known prefix of RFC 6052 §2.1.
private let nat64High: UInt64 = 0x0064_ff9b_0000_0000
/// The prefix of an IPv4 address in its mapped form (RFC 4291 §2.5.5.2): both registries are tables
/// of IPv6 blocks here.
private let ipv4Prefix: UInt64 = 0xffff_0000_0000

/// A block of addresses: the first `length` bits are those of `high` and `low`.
private struct Block {
    let high: UInt64
    let low: UInt64
    let length: UInt64
    let isReachable: Bool

    /// An IPv6 block.
    init(_ high: UInt64, _ low: UInt64 = 0, length: UInt64, reachable: Bool = false) {
        self.high = high
        self.low = low
        self.length = length
        isReachable = reachable
    }

    /// An IPv4 block.
    init(
        v4 a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64, _ bits: UInt64,
        _ isReachable: Bool = false
    ) {
        high = 0
        low = ipv4Prefix | a << 24 | b << 16 | c << 8 | d
        length = 96 + bits
        self.isReachable = isReachable
    }

    func contains(_ high: UInt64, _ low: UInt64) -> Bool {
        // Shifts of 64 bits give 0 in Swift, so whole words compare as wanted.
        length <= 64
            ? (high ^ self.high) >> (64 - length) == 0
            : high == self.high && (low ^ self.low) >> (128 - length) == 0
    }
}

/// What the smallest block around the address says; `blocks` holds none smaller before a larger.
private func isReachable(_ high: UInt64, _ low: UInt64, in blocks: [Block]) -> Bool {
    blocks.last { $0.contains(high, low) }?.isReachable ?? false
}

/// The IANA IPv4 Special-Purpose Address Registry; of blocks in one another the larger first.
private let registryV4: [Block] = [
    Block(v4: 0, 0, 0, 0, 0, true),  // all unicast
    Block(v4: 0, 0, 0, 0, 8),  // "this network", RFC 791
    Block(v4: 10, 0, 0, 0, 8),  // private use, RFC 1918
    Block(v4: 100, 64, 0, 0, 10),  // shared address space, RFC 6598
    Block(v4: 127, 0, 0, 0, 8),  // loopback, RFC 1122
    Block(v4: 169, 254, 0, 0, 16),  // link local, RFC 3927
    Block(v4: 172, 16, 0, 0, 12),  // private use, RFC 1918
    Block(v4: 192, 0, 0, 0, 24),  // IETF protocol assignments, RFC 6890
    Block(v4: 192, 0, 0, 9, 32, true),  // Port Control Protocol anycast, RFC 7723
    Block(v4: 192, 0, 0, 10, 32, true),  // TURN anycast, RFC 8155
    Block(v4: 192, 0, 2, 0, 24),  // TEST-NET-1, RFC 5737
    Block(v4: 192, 31, 196, 0, 24, true),  // AS112-v4, RFC 7535
    Block(v4: 192, 52, 193, 0, 24, true),  // AMT, RFC 7450
    Block(v4: 192, 88, 99, 0, 24),  // 6to4 relay anycast, deprecated, RFC 7526
    Block(v4: 192, 168, 0, 0, 16),  // private use, RFC 1918
    Block(v4: 192, 175, 48, 0, 24, true),  // direct delegation of AS112, RFC 7534
    Block(v4: 198, 18, 0, 0, 15),  // benchmarking, RFC 2544
    Block(v4: 198, 51, 100, 0, 24),  // TEST-NET-2, RFC 5737
    Block(v4: 203, 0, 113, 0, 24),  // TEST-NET-3, RFC 5737
    Block(v4: 224, 0, 0, 0, 4),  // multicast, RFC 5771
    Block(v4: 240, 0, 0, 0, 4),  // reserved, RFC 1112, and limited broadcast, RFC 8190
]

/// The IANA IPv6 Special-Purpose Address Registry, as far as it is in 2000::/3: what is outside
/// (::, ::1, ::ffff:0:0/96, 64:ff9b:1::/48, 100::/64, 100:0:0:1::/64, 5f00::/16, fc00::/7,
/// fe80::/10), and all that is not allocated, is not public anyhow.
private let registryV6: [Block] = [
    Block(0x2000_0000_0000_0000, length: 3, reachable: true),  // global unicast, RFC 4291
    Block(0x2001_0000_0000_0000, length: 23),  // IETF protocol assignments, RFC 2928
    Block(0x2001_0000_0000_0000, length: 32),  // Teredo, RFC 4380: N/A
    Block(0x2001_0001_0000_0000, 1, length: 128, reachable: true),  // PCP anycast, RFC 7723
    Block(0x2001_0001_0000_0000, 2, length: 128, reachable: true),  // TURN anycast, RFC 8155
    Block(0x2001_0001_0000_0000, 3, length: 128, reachable: true),  // SRP anycast, RFC 9665
    Block(0x2001_0002_0000_0000, length: 48),  // benchmarking, RFC 5180
    Block(0x2001_0003_0000_0000, length: 32, reachable: true),  // AMT, RFC 7450
    Block(0x2001_0004_0112_0000, length: 48, reachable: true),  // AS112-v6, RFC 7535
    Block(0x2001_0010_0000_0000, length: 28),  // ORCHID, deprecated, RFC 4843: N/A
    Block(0x2001_0020_0000_0000, length: 28, reachable: true),  // ORCHIDv2, RFC 7343
    Block(0x2001_0030_0000_0000, length: 28, reachable: true),  // DRIP entity tags, RFC 9374
    Block(0x2001_0db8_0000_0000, length: 32),  // documentation, RFC 3849
    Block(0x2002_0000_0000_0000, length: 16),  // 6to4, RFC 3056: N/A
    Block(0x2620_004f_8000_0000, length: 48, reachable: true),  // AS112, RFC 7534
    Block(0x3fff_0000_0000_0000, length: 20),  // documentation, RFC 9637
]
