import DNS
import Testing

@Suite struct `addresses` {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"),
        ("::", "::"),
        ("::1", "::1"),
        ("1::", "1::"),
        ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),  // RFC 5952 §4.2.3: the first of equal runs
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),  // RFC 5952 §4.2.2: no single group
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),  // the longest run
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),  // RFC 5952 §5
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ])
    func `read and write text`(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
        #expect(IPAddress(bytes: address.bytes) == address)
    }

    @Test(arguments: [
        ("192.0.2.1", "1.2.0.192.in-addr.arpa"),
        (
            "2001:db8::1",
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
        ),
    ])
    func `have a name for PTR`(text: String, name: String) throws {
        #expect(try #require(IPAddress(text)).reverseName.text == name)
    }

    @Test(arguments: [
        "", ".", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "+1.2.3.4", "1..2.3",
        ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "::g", "::+1",
        "1.2.3.4::", "::1.2.3", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "fe80::1%eth0", "[::1]",
        "1:2:3:4::5:6:7:8",
    ])
    func `refuse what is no address`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "169.254.1.1",
        "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1",
        "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::ffff:8.8.8.8", "64:ff9b::10.0.0.1", "64:ff9b:1::1",
        "100::1", "100:0:0:1::1", "2001::1", "2001:1ff::1", "2001:db8::1", "2002::1", "3fff::1",
        "3fff:fff::1", "5f00::1", "fc00::1", "fdff::1", "fe80::1", "fec0::1", "ff02::1",
    ])
    func `know special use`(text: String) throws {
        #expect(try #require(IPAddress(text)).isSpecialUse)
    }

    @Test(arguments: [
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.0.0.1",
        "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.0.3.1", "198.17.255.255", "198.20.0.0",
        "223.255.255.255", "::2", "64:ff9b::8.8.8.8", "64:ff9b:2::1", "100:0:0:2::1",
        "2001:200::1", "2001:db7::1", "2001:4860:4860::8888", "2003::1", "2a00::1", "3fff:1000::1",
        "5eff::1",
    ])
    func `know public use`(text: String) throws {
        #expect(try !#require(IPAddress(text)).isSpecialUse)
    }
}
