import DNS
import Testing

@testable import Scan

private func identity(
    _ status: LookupStatus, _ names: [(String, [String])], ehlo: [String] = ["203.0.114.7"],
    at address: String = "203.0.114.7"
) throws -> SourceIdentity {
    SourceIdentity(
        address: try #require(IPAddress(address)), reverseStatus: status,
        names: names.map { (DomainName(canonical: $0), $1.compactMap { IPAddress($0) }) },
        ehloAddresses: ehlo.compactMap { IPAddress($0) })
}

@Suite struct `the scanner's own address` {
    private let good = [("scan.example", ["203.0.114.7"])]

    @Test func `is fine where names and addresses agree`() throws {
        #expect(try identity(.found, good).warning(ehloName: "scan.example") == nil)
        // One of several names is enough.
        let two = [("old.example", ["192.0.2.1"])] + good
        #expect(try identity(.found, two).warning(ehloName: "scan.example") == nil)
    }

    @Test func `is warned of where they do not`() throws {
        for (status, word) in [(LookupStatus.nxdomain, "no reverse name"), (.nodata, "PTR")] {
            let warning = try identity(status, []).warning(ehloName: "scan.example")
            #expect(warning?.contains(word) == true)
        }
        let forward = try identity(.found, [("scan.example", ["192.0.2.1"])])
        #expect(forward.warning(ehloName: "scan.example")?.contains("resolve back") == true)
        let ehlo = try identity(.found, good, ehlo: [])
        #expect(ehlo.warning(ehloName: "other.example")?.contains("'other.example'") == true)
    }

    @Test func `is not judged where nobody knows`() throws {
        // RFC 2308 §2: a failed lookup is no absence.
        #expect(try identity(.servfail, []).warning(ehloName: "scan.example") == nil)
        let private10 = try identity(.nodata, [], at: "10.0.0.7").warning(ehloName: "x.example")
        #expect(private10?.contains("another address") == true)
    }
}
