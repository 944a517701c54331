import DNS
import MTASTS
import Testing

private func patterns(_ texts: [String]) throws -> [MXPattern] {
    try texts.map { try MXPattern(parsing: Array($0.utf8)) }
}

@Suite struct `mx patterns` {
    @Test(arguments: [
        ("mx.example.com", "mx.example.com", MXMatch.literal),
        ("MX.Example.com", "mx.example.COM.", .literal),  // case and root dot carry no meaning
        ("*.example.com", "mx.example.com", .wildcard),
        ("*.example.com", "example.com", .none),
        ("*.example.com", "a.b.example.com", .none),  // exactly one label
        ("*.mx.microsoft", "icewolf-li.h-v1.mx.microsoft", .none),
        ("mx.example.com", "mx.example.com.evil.net", .none),
        ("mx.example.com", "a.mx.example.com", .none),
        ("*.com", "example.com", .wildcard),
        ("*.example.com", ".", .none),
    ])
    func `match the MX record's name`(pattern: String, host: String, match: MXMatch) throws {
        #expect(MXMatch(try DomainName(host), try patterns([pattern])) == match)
    }

    @Test func `match literally before by wildcard`() throws {
        let policy = try patterns(["*.example.com", "mx.example.com"])
        #expect(MXMatch(try DomainName("mx.example.com"), policy) == .literal)
        #expect(MXMatch(try DomainName("mx.example.com"), []) == .none)
    }

    @Test(arguments: [
        ("mx.example.com", "mta-sts.example.com", NearMiss.mtaSTSLabel),
        ("mx.example.com", "mx.example.org", .otherTLD),
        ("mx.example.com", "*.example.net", .otherTLD),
        ("mx.example.com", "example.com", .extraLabels),
        ("a.b.example.com", "*.example.com", .extraLabels),
        ("a.b.example.co.uk", "mx.example.co.uk", .extraLabels),
        ("a.b.example.co.uk", "mx.other.co.uk", .other),  // co.uk is no registered domain
        ("mx1.example.com", "mx2.example.com", .typo),
        ("mx.example.com", "mx.exmaple.com", .typo),
        ("mx.example.com", "*.exampl.com", .typo),
        ("mx1.example.com", "mx.examplexyz.com", .other),  // four edits
        ("mx.example.com", "mail.provider.net", .other),
    ])
    func `miss nearly`(host: String, pattern: String, nearMiss: NearMiss) throws {
        #expect(NearMiss(host: try DomainName(host), patterns: try patterns([pattern])) == nearMiss)
    }

    @Test func `may match the certificate only`() throws {
        let host = try DomainName("mx.example.com")
        let policy = try patterns(["*.provider.net"])
        for name in ["a.provider.net", "*.provider.net"] {
            let names = [try DomainName(name)]
            let nearMiss = NearMiss(host: host, patterns: policy, certificateNames: names)
            #expect(nearMiss == .certificateOnly)
        }
        #expect(NearMiss(host: host, patterns: []) == .other)
    }

    @Test func `lead to the policy host`() throws {
        let host = PolicyHost(of: try DomainName("Example.com"))
        #expect(host?.name.text == "mta-sts.example.com")
        #expect(host?.url == "https://mta-sts.example.com/.well-known/mta-sts.txt")
    }

    @Test func `have the statuses of policies`() {
        for error in MXPatternError.allCases {
            #expect(PolicyStatus(error).rawValue == error.rawValue)
        }
    }
}
