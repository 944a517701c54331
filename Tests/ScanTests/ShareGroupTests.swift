import DNS
import Observations
import Testing

@testable import Scan

private let host = DomainName(canonical: "c.example.org")

/// The session of a host that showed a certificate with this digest; nil: no TLS.
private func sessions(_ host: String, _ digest: String?) throws -> SharedSessions? {
    var session = SessionObservation(
        address: try #require(IPAddress("192.0.2.1")),
        status: digest == nil ? .starttlsNotOffered : .ok)
    session.observed = .direct
    if let digest {
        session.tls = TLSObservation()
        session.tls?.certificate = CertificateObservation(
            subject: "", issuer: "", names: ["*.example.org"], notBefore: 0, notAfter: 0,
            keyType: "", keyBits: 0, signatureAlgorithm: "", sha256: digest, spkiSHA256: "",
            chainLength: 1, errors: [.expired], detail: nil)
    }
    return SharedSessions(of: DomainName(canonical: host), [session])
}

extension ShareGroup {
    /// Whether each of so many further hosts is to be probed.
    fileprivate mutating func probes(_ count: Int = 1) -> [Bool] {
        (0..<count).map { _ in if case .probe = next(host) { true } else { false } }
    }
}

@Suite struct `hosts at the same addresses` {
    @Test func `share once so many direct probes agree`() throws {
        var group = ShareGroup(ShareRule(after: 2, sampleEvery: 100))
        #expect(group.probes(2) == [true, true])
        // The third waits for the two.
        guard case .wait = group.next(host) else {
            Issue.record("it does not wait")
            return
        }
        #expect(group.saw(try sessions("a.example.org", "aa"), isSample: false) == nil)
        #expect(group.saw(try sessions("b.example.org", "aa"), isSample: false) == nil)
        guard case .share(let known) = group.next(host) else {
            Issue.record("it does not share")
            return
        }
        // What is wrong with the chain stays.
        let session = known.asShared[0]
        #expect(session.tls?.certificate?.errors == [.expired])
        #expect(session.observed == .shared)
        #expect(session.sharedFrom?.text == "a.example.org")
    }

    @Test func `are probed where the certificate does not name them`() throws {
        var group = ShareGroup(ShareRule(after: 1, sampleEvery: 100))
        _ = group.next(host)
        _ = group.saw(try sessions("a.example.net", "aa"), isSample: false)
        #expect(!group.isAgreed)
        group = ShareGroup(ShareRule(after: 1, sampleEvery: 100))
        _ = group.next(host)
        _ = group.saw(try sessions("a.example.org", "aa"), isSample: false)
        #expect(group.isAgreed)
        guard case .probe(isSample: false) = group.next(DomainName(canonical: "c.example.net"))
        else {
            Issue.record("it is not probed")
            return
        }
    }

    @Test func `do not share where certificates differ, or none is shown`() throws {
        for (first, second) in [("aa", "bb"), ("aa", nil), (nil, nil)] as [(String?, String?)] {
            var group = ShareGroup(ShareRule(after: 2, sampleEvery: 100))
            _ = (group.next(host), group.next(host))
            _ = group.saw(try sessions("a.example.org", first), isSample: false)
            _ = group.saw(try sessions("b.example.org", second), isSample: false)
            #expect(!group.isAgreed)
            #expect(group.probes() == [true])
        }
    }

    @Test func `share no longer once a sample disagrees`() throws {
        var group = ShareGroup(ShareRule(after: 1, sampleEvery: 2))
        _ = group.next(host)
        _ = group.saw(try sessions("a.example.org", "aa"), isSample: false)
        #expect(group.probes() == [false])
        #expect(group.probes() == [true])  // the second is a sample
        // A sample that shows nothing says nothing.
        #expect(group.saw(try sessions("b.example.org", nil), isSample: true) == nil)
        #expect(group.isAgreed)
        let reference = group.saw(try sessions("c.example.org", "bb"), isSample: true)
        #expect(reference?.text == "a.example.org")
        #expect(group.probes(2) == [true, true])
    }
}
