import DNS
import Foundation
import Records
import Testing

@testable import Networks

private let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "Fixtures")

private func fixture(_ name: String) -> String { fixtures.appending(path: name).path }

/// A file of these octets, for as long as the body runs.
private func withFile<Value>(
    _ octets: some Sequence<UInt8>, _ body: (String) throws -> Value
) throws -> Value {
    let path = NSTemporaryDirectory() + "networks-\(UInt64.random(in: 0..<(.max)))"
    try Data(octets).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

private func ask(_ files: NetworkFiles, _ address: String) throws -> AddressNetwork {
    var finder = NetworkFinder(files)
    let address = try #require(IPAddress(address))
    let found = try #require(finder.networks(of: [address]).first)
    // The second answer comes from the cache.
    #expect(finder.networks(of: [address]) == [found])
    return found
}

private func refusal(_ paths: [String]) -> String {
    do throws(NetworkFileError) {
        _ = try NetworkFiles(paths)
        return "none"
    } catch {
        return error.description
    }
}

struct MaxMindTests {
    @Test(arguments: [
        ("192.0.2.1", UInt32(64500), "Example Mail", "CH", "192.0.2.0/25"),
        ("192.0.2.200", 64501, "Inner Example", "DE", "192.0.2.128/25"),
        ("2001:db8:1::5", 64503, "Inner Six", "SE", "2001:db8:1::/48"),
        ("::1", 64511, "Loopback Six", "NO", "::1/128"),
    ])
    func systemAndCountryComeFromTwoFiles(
        _ address: String, _ system: UInt32, _ name: String, _ country: String, _ prefix: String
    ) throws {
        let files = try NetworkFiles([fixture("asn.mmdb"), fixture("country.mmdb")])
        let found = try ask(files, address)
        #expect(found.systems == [system])
        #expect(found.name == name)
        #expect(found.country == country)
        #expect(found.prefix == prefix)
    }

    @Test func whatIsNotThereIsNotGuessed() throws {
        let files = try NetworkFiles([fixture("asn.mmdb"), fixture("country.mmdb")])
        let unknown = try ask(files, "203.0.113.1")
        #expect(unknown == AddressNetwork(address: unknown.address))
        #expect(try ask(files, "198.51.100.7").country == nil)
        #expect(try ask(files, "198.51.100.7").systems == [4_200_000_000])
    }

    @Test func keysOfIPinfoAreFound() throws {
        let files = try NetworkFiles([fixture("ipinfo.mmdb")])
        let found = try ask(files, "192.0.2.9")
        #expect(found.systems == [64500])
        #expect(found.name == "Example Mail")
        #expect(found.country == "CH")
        #expect(try ask(files, "198.51.100.9").systems == [])
        #expect(try ask(files, "198.51.100.9").country == "US")
        #expect(files.identities.first?.keys == ["asn", "as_name", "country"])
    }

    @Test func aFileOfOtherThingsIsRefusedWithItsKeys() {
        let words = refusal([fixture("other.mmdb")])
        #expect(words.contains("other.mmdb"))
        #expect(words.contains("city.name, speed"))
    }

    @Test func theManifestNamesTheFile() throws {
        let identity = try #require(try NetworkFiles([fixture("asn.mmdb")]).identities.first)
        #expect(identity.name == "asn.mmdb")
        #expect(identity.kind == "MMDB GeoLite2-ASN")
        #expect(identity.dateSource == .build)
        #expect(identity.sha256.count == 64)
    }

    /// No damage may crash, or go unseen where the tree leads outside the data.
    @Test func damageIsRefusedOrHarmless() throws {
        let whole = try Data(contentsOf: URL(filePath: fixture("asn.mmdb")))
        for end in stride(from: 0, to: whole.count, by: 97) {
            try withFile(whole.prefix(end)) { path in
                #expect(refusal([path]).contains(path), "cut at \(end)")
            }
        }
        for place in stride(from: 0, to: whole.count, by: 5) {
            var damaged = whole
            damaged[place] ^= 0xFF
            try withFile(damaged) { path in
                guard let files = try? NetworkFiles([path]) else { return }
                for address in ["192.0.2.1", "2001:db8:1::5", "255.0.0.1"] {
                    _ = try ask(files, address)
                }
            }
        }
        var outside = whole
        outside.replaceSubrange(0..<3, with: [0xFF, 0xFF, 0xF0])
        try withFile(outside) { path in
            #expect(refusal([path]).contains("damaged MaxMind DB"))
        }
    }
}

struct PrefixTableTests {
    private static let routeViews = """
        192.0.2.0\t24\t64500
        192.0.2.128\t25\t64501_64502
        198.51.100.0\t24\t64503,64504
        2001:db8::\t32\t64505
        0.0.0.0\t0\t64506

        """

    @Test(arguments: [
        ("192.0.2.1", [UInt32(64500)], "192.0.2.0/24"),
        ("192.0.2.129", [64501, 64502], "192.0.2.128/25"),
        ("198.51.100.255", [64503, 64504], "198.51.100.0/24"),
        ("203.0.113.1", [64506], "0.0.0.0/0"),
        ("2001:db8::1", [64505], "2001:db8::/32"),
        ("2001:db9::1", [], nil),
    ])
    func tablesOfRouteViews(_ address: String, _ systems: [UInt32], _ prefix: String?) throws {
        try withFile(Self.routeViews.utf8) { path in
            let found = try ask(try NetworkFiles([path]), address)
            #expect(found.systems == systems)
            #expect(found.prefix == prefix)
            #expect(found.name == nil)
        }
    }

    @Test func tablesOfPyasn() throws {
        try withFile("; comment\n192.0.2.0/24\t64500\r\n2001:db8::/32\tAS64501".utf8) { path in
            let files = try NetworkFiles([path])
            #expect(try ask(files, "192.0.2.77").systems == [64500])
            #expect(try ask(files, "2001:db8::77").systems == [64501])
        }
    }

    @Test func tablesOfRanges() throws {
        let text = """
            192.0.2.0\t192.0.2.159\t64500\tCH\tEXAMPLE Mail AG
            192.0.2.160\t192.0.2.255\t0\tNone\tNot routed
            2001:db8::\t2001:db8:0:ffff:ffff:ffff:ffff:ffff\t64501\tse\tSix

            """
        try withFile(text.utf8) { path in
            let files = try NetworkFiles([path])
            let found = try ask(files, "192.0.2.130")
            #expect(found.systems == [64500])
            #expect(found.name == "EXAMPLE Mail AG")
            #expect(found.country == "CH")
            // The largest block of the range around the address.
            #expect(found.prefix == "192.0.2.128/27")
            #expect(try ask(files, "192.0.2.161").systems == [])
            #expect(try ask(files, "2001:db8::1").prefix == "2001:db8::/48")
            #expect(files.identities.first?.kind == "table of ranges")
        }
    }

    @Test(arguments: [
        ("192.0.2.0\t24\t64500\n192.0.2.0\t33\t1\n", "line 2: '33' is no length"),
        ("192.0.2.1\t24\t64500\n", "line 1: 192.0.2.1 has bits beyond the length 24"),
        ("192.0.2.0\t24\tx\n", "line 1: 'x' is no AS number"),
        ("192.0.2.0\t24\t4294967296\n", "line 1: '4294967296' is no AS number"),
        ("example.org\t24\t1\n", "line 1: 'example.org' is no IP address"),
        ("1.0.0.0/8 1\nhello\n", "line 2: 'hello' is no row"),
        ("1.0.0.0\t1.0.0.9\t1\n1.0.0.5\t1.0.0.20\t2\n", "lies partly in another"),
        ("1.0.0.0\t1.0.0.9\t1\n1.0.0.0\t8\t2\n", "line 2: the rows before"),
        ("# nothing\n", "no row"), ("", "no row"), ("a\0b", "no text"),
    ])
    func aBadLineIsNamed(_ text: String, _ reason: String) throws {
        try withFile(text.utf8) { path in
            let words = refusal([path])
            #expect(words.contains(reason) && words.contains(path), "\(words)")
        }
    }

    @Test func aMissingFileIsNamed() {
        #expect(refusal(["/nowhere/x"]).contains("/nowhere/x"))
        #expect(refusal(["/tmp"]).contains("not a regular file"))
    }

    @Test func aTableOfAnASComesBeforeAnother() throws {
        try withFile("192.0.2.0\t23\t1\n".utf8) { path in
            let files = try NetworkFiles([path, fixture("asn.mmdb")])
            let found = try ask(files, "192.0.2.1")
            #expect(found.systems == [1])
            // The other file has the name of another AS.
            #expect(found.name == nil)
        }
    }
}
