import DNS
import Testing

/// A block of a special-purpose registry, by its first and last address.
private struct Block: Sendable, CustomTestStringConvertible {
    let first: String
    let last: String
    /// Whether its addresses are public, and those right before and behind it.
    let isPublic: Bool
    let isPublicBefore: Bool
    let isPublicBehind: Bool

    init(
        _ first: String, _ last: String, _ isPublic: Bool = false, before: Bool, behind: Bool
    ) {
        self.first = first
        self.last = last
        self.isPublic = isPublic
        isPublicBefore = before
        isPublicBehind = behind
    }

    var testDescription: String { "\(first) to \(last)" }
}

extension IPAddress {
    /// The address `distance` (1 or -1) further on; nil beyond the ends.
    fileprivate func neighbour(_ distance: Int) -> IPAddress? {
        var octets = bytes
        for place in octets.indices.reversed() {
            let end: UInt8 = distance > 0 ? 255 : 0
            guard octets[place] == end else {
                octets[place] = distance > 0 ? octets[place] + 1 : octets[place] - 1
                return IPAddress(bytes: octets)
            }
            octets[place] = 255 - end
        }
        return nil
    }
}

private let blocks: [Block] = [
    // IANA IPv4 Special-Purpose Address Registry, and multicast.
    Block("0.0.0.0", "0.255.255.255", before: false, behind: true),
    Block("10.0.0.0", "10.255.255.255", before: true, behind: true),
    Block("100.64.0.0", "100.127.255.255", before: true, behind: true),
    Block("127.0.0.0", "127.255.255.255", before: true, behind: true),
    Block("169.254.0.0", "169.254.255.255", before: true, behind: true),
    Block("172.16.0.0", "172.31.255.255", before: true, behind: true),
    Block("192.0.0.0", "192.0.0.8", before: true, behind: true),
    Block("192.0.0.9", "192.0.0.10", true, before: false, behind: false),
    Block("192.0.0.11", "192.0.0.255", before: true, behind: true),
    Block("192.0.0.170", "192.0.0.171", before: false, behind: false),
    Block("192.0.2.0", "192.0.2.255", before: true, behind: true),
    Block("192.31.196.0", "192.31.196.255", true, before: true, behind: true),
    Block("192.52.193.0", "192.52.193.255", true, before: true, behind: true),
    Block("192.88.99.0", "192.88.99.255", before: true, behind: true),
    Block("192.168.0.0", "192.168.255.255", before: true, behind: true),
    Block("192.175.48.0", "192.175.48.255", true, before: true, behind: true),
    Block("198.18.0.0", "198.19.255.255", before: true, behind: true),
    Block("198.51.100.0", "198.51.100.255", before: true, behind: true),
    Block("203.0.113.0", "203.0.113.255", before: true, behind: true),
    Block("224.0.0.0", "239.255.255.255", before: true, behind: false),
    Block("240.0.0.0", "255.255.255.255", before: false, behind: false),
    // Around global unicast (RFC 4291 §2.4), and the embedded forms of IPv4 addresses.
    Block("::", "64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff", before: false, behind: false),
    Block("::127.0.0.1", "::127.0.0.1", before: false, behind: false),
    Block("::8.8.8.8", "::8.8.8.8", before: false, behind: false),
    Block("::ffff:0.0.0.0", "::ffff:255.255.255.255", before: false, behind: false),
    Block("::ffff:8.8.8.8", "::ffff:8.8.8.8", before: false, behind: false),
    Block("64:ff9b::10.0.0.0", "64:ff9b::10.255.255.255", before: true, behind: true),
    Block("64:ff9b::127.0.0.0", "64:ff9b::127.255.255.255", before: true, behind: true),
    Block("64:ff9b::192.168.0.0", "64:ff9b::192.168.255.255", before: true, behind: true),
    Block("64:ff9b::1.0.0.0", "64:ff9b::9.255.255.255", true, before: false, behind: false),
    Block("64:ff9b::224.0.0.0", "64:ff9b::255.255.255.255", before: true, behind: false),
    Block("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", before: false, behind: false),
    Block("100::", "100::ffff:ffff:ffff:ffff", before: false, behind: false),
    Block("100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff", before: false, behind: false),
    Block("64:ff9b::1:0:0", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", before: false, behind: true),
    Block("4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", before: true, behind: false),
    Block("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", before: false, behind: false),
    Block("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", before: false, behind: false),
    Block("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", before: false, behind: false),
    Block("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", before: false, behind: false),
    Block("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", before: false, behind: false),
    // IANA IPv6 Special-Purpose Address Registry, within global unicast.
    Block("2001::", "2001:1::", before: true, behind: true),
    Block("2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "2001:1::", before: false, behind: true),
    Block("2001:1::1", "2001:1::3", true, before: false, behind: false),
    Block("2001:1::4", "2001:2:ffff:ffff:ffff:ffff:ffff:ffff", before: true, behind: true),
    Block("2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", before: false, behind: false),
    Block("2001:3::", "2001:3:ffff:ffff:ffff:ffff:ffff:ffff", true, before: false, behind: false),
    Block(
        "2001:4:112::", "2001:4:112:ffff:ffff:ffff:ffff:ffff", true, before: false, behind: false),
    Block("2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff", before: false, behind: true),
    Block("2001:20::", "2001:3f:ffff:ffff:ffff:ffff:ffff:ffff", true, before: false, behind: false),
    Block("2001:40::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", before: true, behind: true),
    Block("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", before: true, behind: true),
    Block("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", before: true, behind: true),
    Block("2002:808:808::", "2002:808:808::1", before: false, behind: false),
    Block(
        "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", true,
        before: true, behind: true),
    Block("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", before: true, behind: true),
]

@Suite struct `addresses that are not public` {
    @Test(arguments: blocks)
    fileprivate func `are those of the registries`(block: Block) throws {
        let first = try #require(IPAddress(block.first))
        let last = try #require(IPAddress(block.last))
        #expect(first.isSpecialUse == !block.isPublic)
        #expect(last.isSpecialUse == !block.isPublic)
        if let before = first.neighbour(-1) {
            #expect(before.isSpecialUse == !block.isPublicBefore, "\(before)")
        }
        if let behind = last.neighbour(1) {
            #expect(behind.isSpecialUse == !block.isPublicBehind, "\(behind)")
        }
    }

    @Test(arguments: [
        "1.1.1.1", "64:ff9b::8.8.8.8", "2000::1", "2001:200::1", "2001:4860:4860::8888", "2003::1",
        "2a00::1", "3fff:1000::1", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "223.255.255.255",
    ])
    func `are none of the rest`(text: String) throws {
        #expect(try !#require(IPAddress(text)).isSpecialUse)
    }
}
