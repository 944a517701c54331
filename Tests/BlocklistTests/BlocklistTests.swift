import Blocklist
import DNS
import Testing

private func name(_ text: String) throws(BlocklistFault) -> DomainName {
    guard let name = try? DomainName(text), name.isHostName(allowingUnderscore: true) else {
        throw BlocklistFault("'\(text)' is no domain name")
    }
    return name
}

private func list(_ text: String) throws(BlocklistFault) -> Blocklist {
    try Blocklist(reading: Array(text.utf8), name)
}

@Suite struct `a blocklist` {
    @Test(arguments: [
        ("example.org", "example.org", true),
        ("example.org", "a.b.example.org", true),
        ("example.org", "anexample.org", false),  // whole labels
        ("example.org", "org", false),
        (".example.org", "a.example.org", true),
        (".example.org", "example.org", false),  // below the name only
        ("*.example.org", "a.b.example.org", true),  // the same, as people write it elsewhere
        ("=example.org", "example.org", true),
        ("=example.org", "a.example.org", false),
        ("=example.org\n.example.org", "example.org", true),  // both together
        ("EXAMPLE.org", "example.org", true),
        ("example.org  # by mail of 3 May", "example.org", true),
        ("# example.org", "example.org", false),
        ("\r\n  example.org\r\n", "example.org", true),
        ("gov", "a.gov", true),  // a whole top-level domain
    ])
    func `excludes names`(text: String, asked: String, isExcluded: Bool) throws {
        #expect(try list(text).excludes(DomainName(asked)) == isExcluded)
    }

    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7", true),
        ("192.0.2.7", "192.0.2.8", false),
        ("192.0.2.0/24", "192.0.2.255", true),
        ("192.0.2.0/24", "192.0.3.0", false),
        ("192.0.2.9/24", "192.0.2.1", true),  // ZMap: bits behind the prefix do not count
        ("0.0.0.0/0", "203.0.113.1", true),
        ("255.255.255.255/32", "255.255.255.255", true),
        ("10.0.0.0/9\n10.128.0.0/9", "10.127.255.255", true),  // neighbours
        ("10.0.0.0/8\n10.1.0.0/16", "10.200.0.1", true),  // a block within another
        ("10.1.0.0/16\n10.0.0.0/8", "10.200.0.1", true),  // in any order
        ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::/32", "2001:db9::", false),
        ("2001:db8::1", "2001:db8::2", false),
        ("::/0", "2001:db8::2", true),
        ("192.0.2.0/24", "::ffff:192.0.2.1", true),  // RFC 4291 §2.5.5.2
        ("192.0.2.0/24", "64:ff9b::192.0.2.1", true),  // RFC 6052 §2.1
        ("192.0.2.0/24", "2001:db8::192.0.2.1", false),
    ])
    func `excludes addresses`(text: String, asked: String, isExcluded: Bool) throws {
        let address = try #require(IPAddress(asked))
        #expect(try list(text).excludes(address) == isExcluded)
    }

    @Test(arguments: [
        ("192.0.2.0/33", "'192.0.2.0/33': a prefix length is 0 to 32"),
        ("2001:db8::/129", "'2001:db8::/129': a prefix length is 0 to 128"),
        ("192.0.2.0/", "'192.0.2.0/': a prefix length is 0 to 32"),
        ("192.0.2.0/+8", "'192.0.2.0/+8': a prefix length is 0 to 32"),
        ("example.org/24", "'example.org/24': what stands before the slash is no address"),
        ("192.0.2", "'192.0.2' is no domain name"),
        ("a b.example", "'a b.example' is no domain name"),
        ("=", "'' is no domain name"),
        (".", "'' is no domain name"),
    ])
    func `tells line and value of a fault`(text: String, reason: String) throws {
        let fault = #expect(throws: BlocklistFault.self) { try list("# head\n\(text)\n") }
        #expect(fault?.line == 2)
        #expect(fault?.reason == reason)
    }

    @Test func `answers alike for 100,000 blocks and the blocks one by one`() throws {
        var random: UInt64 = 8461
        func next() -> UInt32 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt32(truncatingIfNeeded: random >> 32)
        }
        let blocks = (0..<100_000).map { _ in (value: next(), length: Int(16 + next() % 17)) }
        let list = Blocklist(
            blocks.map { BlocklistEntry.block(.v4($0.value), length: $0.length) })
        #expect(list.count == 100_000)
        for _ in 0..<100 {
            let asked = next()
            let isIn = blocks.contains { ($0.value ^ asked) >> UInt32(32 - $0.length) == 0 }
            #expect(list.excludes(IPAddress.v4(asked)) == isIn)
        }
    }
}
