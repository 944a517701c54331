internal import Judgement
import MTASTS
import Observations
import Testing

@testable import Statistics

/// The last two labels, or three below `co.uk`.
struct TestSuffixes: PublicSuffixes {
    func registrableDomain(of name: String) -> String? {
        let labels = name.split(separator: ".")
        let count = name.hasSuffix("co.uk") ? 3 : 2
        return labels.count < count ? nil : labels.suffix(count).joined(separator: ".")
    }
}

func testCatalogue() throws -> ProviderCatalogue {
    try ProviderCatalogue(
        json: Array(
            """
            {"version": 1, "sources": {"s": {"title": "t"}}, "providers": [
            {"id": "big", "name": "Big", "kind": "mailbox", "mx": ["big.example"],
             "addresses": ["198.51.100.1"], "sources": ["s"]},
            {"id": "host", "name": "Host", "kind": "policy_host", "policy": ["host.example"],
             "addresses": ["198.51.100.2"], "sources": ["s"]}]}
            """.utf8))
}

/// A domain that takes mail at hosts and has a record.
func domain(
    _ name: String, hosts: [String] = [], policy: [String] = [], record: [String] = [],
    addresses: [String] = []
) -> DomainFacts {
    var facts = DomainFacts()
    facts.domain = name
    facts.verdict = .opportunistic
    facts.mx = .hasMX
    facts.record = .ok
    facts.hosts = hosts.map { DomainFacts.Host(name: $0) }
    facts.policyCNAMEs = policy
    facts.recordCNAMEs = record
    facts.policyAddresses = addresses
    return facts
}

@Suite struct AttributionTests {
    /// Hosts: four customers at one address, an alias, and one alone.
    func attribution() throws -> Attribution {
        var notes = HostIndexBuilder()
        for number in 1...4 {
            notes.add(
                host("mx.customer\(number).test", at: ["192.0.2.9"]), suffixes: TestSuffixes())
        }
        for number in 1...4 {
            notes.add(host("mx\(number).one.test", at: ["192.0.2.8"]), suffixes: TestSuffixes())
        }
        var alias = host("mail.alias.test", at: ["203.0.113.1"])
        alias.cnames = ["in.big.example"]
        notes.add(alias, suffixes: TestSuffixes())
        return Attribution(
            catalogue: try testCatalogue(), suffixes: TestSuffixes(),
            directory: notes.directory(few: 3))
    }

    private func host(_ name: String, at addresses: [String]) -> HostFacts {
        HostFacts(host: name, status: .ok, dane: .none, addresses: addresses)
    }

    @Test(arguments: [
        ("a.test", ["mx1.big.example"], Operator.provider(0)),
        ("a.test", ["mx.other.test"], .domain("other.test")),
        ("a.test", ["mx.a.test"], .own),
        ("www.a.test", ["mx.a.test"], .own),  // of the same registrable domain
        ("a.co.uk", ["mx.b.co.uk"], .domain("b.co.uk")),  // a suffix in common is not enough
        ("customer1.test", ["mx.customer1.test"], .address(AddressKey(bits: 0xC000_0209))),
        ("other.test", ["mx.customer1.test"], .domain("customer1.test")),  // by its name
        ("one.test", ["mx1.one.test"], .own),  // four hosts of one domain share nothing
        ("alias.test", ["mail.alias.test"], .provider(0)),
        ("a.test", ["localhost", "mx1.big.example"], .provider(0)),  // the first with a name
        ("a.test", ["192.0.2.25"], .none),
        ("a.test", [], .none),
    ])
    func mail(domainName: String, hosts: [String], expected: Operator) throws {
        var attribution = try attribution()
        let facts = domain(domainName, hosts: hosts)
        #expect(attribution.mxOperator(of: facts, domainName) == expected)
    }

    @Test func policyHosts() throws {
        let attribution = try attribution()
        func found(_ facts: DomainFacts) -> Operator {
            attribution.policyOperator(of: facts, "a.test")
        }
        #expect(found(domain("a.test", policy: ["a.cdn.test", "a.host.example"])) == .provider(1))
        #expect(found(domain("a.test", policy: ["a.host.example", "a.cdn.test"])) == .provider(1))
        #expect(found(domain("a.test", policy: ["a.cdn.test"])) == .domain("cdn.test"))
        // The CNAME of the record tells where the policy's own leads nowhere else.
        #expect(found(domain("a.test", record: ["a.host.example"])) == .provider(1))
        #expect(
            found(domain("a.test", policy: ["www.a.test"], addresses: ["203.0.113.7"]))
                == .address(AddressKey(bits: 0xCB00_7107)))
        // The least address, so that round robin does not part the hosts of one place.
        #expect(
            found(domain("a.test", addresses: ["203.0.113.7", "203.0.113.5", "2001:db8::1"]))
                == .address(AddressKey(bits: 0xCB00_7105)))
        #expect(found(domain("a.test", addresses: ["198.51.100.2"])) == .provider(1))
        #expect(found(domain("a.test")) == .none)
    }

    @Test func addressesAreWrittenAsOneReadsThem() {
        #expect(AddressKey("192.0.2.1")?.text == "192.0.2.1")
        #expect(AddressKey("2001:db8:1:2::3")?.text == "2001:db8:1:2::/64")
        #expect(AddressKey("mx.example") == nil)
    }

    @Test(arguments: [
        (Operator.domain("a"), 5, OperatorClass.own), (.domain("a"), 6, .unclear),
        (.domain("a"), 49, .unclear), (.domain("a"), 50, .thirdParty),
        (.provider(0), 1, .thirdParty), (.own, 1_000_000, .own), (.none, 7, .none),
    ])
    func thresholds(key: Operator, domains: Int, expected: OperatorClass) {
        #expect(ClassThresholds().classify(key, domains: domains) == expected)
    }
}
