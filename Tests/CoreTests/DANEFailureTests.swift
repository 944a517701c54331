import DNS
import Explanations
import Judgement
import Observations
import Testing

/// Why TLSA records are not met, by how they relate to what was shown.
@Suite struct DANEFailureTests {
    private static let tlsa = TLSARecord(
        usage: 3, selector: 1, matchingType: 1, data: Array(repeating: 7, count: 32))
    private static let anchor = TLSARecord(
        usage: 2, selector: 1, matchingType: 1, data: Array(repeating: 7, count: 32))
    private static let strong = TLSARecord(
        usage: 3, selector: 1, matchingType: 2, data: Array(repeating: 7, count: 64))

    /// A host with sessions at one address each, that show how the records relate.
    private func host(
        _ records: [TLSARecord], status: ProbeStatus = .ok, _ shown: DANEObservation?...
    ) -> HostObservation {
        let sessions = shown.enumerated().map { number, dane in
            var session = SessionObservation(address: .v4(UInt32(number + 1)), status: status)
            session.tls = TLSObservation()
            session.tls?.certificate = certificate(["mx.example.com"], [])
            session.tls?.dane = dane
            return session
        }
        let name = DomainName(canonical: "mx.example.com")
        let a = Lookup(
            status: .found, rcode: 0, isAuthenticated: true,
            records: sessions.map { .a($0.address) })
        return HostObservation(
            name: name, addresses: AddressLookup(a: a, aaaa: Lookup(status: .nodata)),
            tlsa: Lookup(
                status: .found, rcode: 0, isAuthenticated: true,
                records: records.map { .tlsa($0) }),
            tlsaBase: name, status: status, sessions: sessions, observedAt: 1_795_467_600,
            durationMS: 1)
    }

    private func failure(_ host: HostObservation) -> DANEFailure? {
        Scene(host, secure: true).judged().hosts[0].daneFailure
    }

    private func miss(_ relations: TLSARelation...) -> DANEObservation {
        DANEObservation(isMatch: false, relations: relations)
    }

    @Test(
        "a single record proves its mistake",
        arguments: [
            (.issuer, .issuerAsEE), (.leaf, .leafAsTA), (.notSent, .taNotSent),
            (.otherSelector, .otherSelector), (.empty, .digestOfNothing), (.pem, .digestOfPEM),
        ] as [(TLSARelation, DANEFailure)])
    func slips(relation: TLSARelation, expected: DANEFailure) {
        #expect(failure(host([Self.tlsa], miss(relation))) == expected)
        // Beside a record that says nothing, too.
        #expect(failure(host([Self.tlsa, Self.tlsa], miss(.nothing, relation))) == expected)
    }

    @Test func theMistakeIsSaidToTheOwner() throws {
        let scene = Scene(host([Self.tlsa], miss(.pem)), secure: true)
        let item = try #require(
            Diagnosis(of: domain, scene.observation, scene.judged(), at: 0).items.first)
        #expect(item.code == "dane.failed")
        #expect(item.found.contains("is the digest of a PEM text"), "\(item.found)")
        #expect(item.found.contains("3 1 1 0707"))
    }

    @Test func whatFitsNothingIsNotExplained() {
        #expect(failure(host([Self.tlsa], miss(.nothing))) == .eeMismatch)
        #expect(failure(host([Self.anchor], miss(.nothing))) == .taMismatch)
        // A record of an earlier program has no relations: nothing is proven.
        #expect(failure(host([Self.tlsa], miss())) == nil)
    }

    @Test func theStrongerDigestCounts() {
        #expect(
            failure(host([Self.tlsa, Self.strong], miss(.match, .nothing))) == .strongerDigest)
        var other = Self.strong
        other.usage = 2
        #expect(failure(host([Self.tlsa, other], miss(.match, .nothing))) == .taInvalid)
    }

    @Test func anAuthorityThatMatchesIsNotAll() {
        let expired = DANEObservation(isMatch: true, usage: 2, relations: [.match], error: .expired)
        #expect(failure(host([Self.anchor], expired)) == .taInvalid)
        var other = host([Self.anchor], DANEObservation(isMatch: true, usage: 2))
        #expect(failure(other) == nil)
        var session = other.sessions[0]
        session.tls?.certificate?.names = ["www.example.org"]
        other = HostObservation(
            name: other.name, addresses: other.addresses, tlsa: other.tlsa,
            tlsaBase: other.tlsaBase, status: .ok, sessions: [session], observedAt: 0,
            durationMS: 1)
        #expect(failure(other) == .taName)
    }

    @Test func withoutTLSThereIsNothingToCompare() {
        #expect(failure(host([Self.tlsa], status: .starttlsNotOffered, nil)) == .noTLS)
    }

    /// Postfix begins TLS after any 2xx (RFC 3207 §4 has 220), and TLSA decides then.
    @Test func anySuccessIsEnoughForPostfix() {
        let match = DANEObservation(isMatch: true, usage: 3, relations: [.match])
        let judged = Scene(host([Self.tlsa], status: .starttls2xx, match), secure: true).judged()
        #expect(judged.verdict == .refused)
        #expect(judged.senderVerdicts[.postfixTLSPol] == .protectedDANE)
        #expect(judged.senderVerdicts[.postfix] == .protectedDANE)
        #expect(judged.senderVerdicts[.exim] == .refused)
        let missed = Scene(host([Self.tlsa], status: .starttls2xx, miss(.nothing)), secure: true)
        #expect(missed.judged().senderVerdicts[.postfixTLSPol] == .refused)
        var unusable = Self.tlsa
        unusable.data = [1]
        let left = Scene(host([unusable], status: .starttls2xx, nil), secure: true).judged()
        #expect(left.senderVerdicts[.postfixTLSPol] == .opportunistic)
        #expect(left.verdict == .refused)
    }

    @Test func oneOfSeveralCertificatesIsPinned() {
        let match = DANEObservation(isMatch: true, usage: 3, relations: [.match])
        #expect(failure(host([Self.tlsa], match, miss(.nothing))) == .oneOfSeveral)
        #expect(failure(host([Self.tlsa], match, match)) == nil)
    }

    @Test(
        "a digest is as long as its type says",
        arguments: [(1, 64, true), (2, 32, true), (1, 31, false), (0, 32, true), (3, 32, false)]
            as [(UInt8, Int, Bool)])
    func lengths(type: UInt8, count: Int, isWrong: Bool) {
        var record = Self.tlsa
        record.matchingType = type
        record.data = Array(repeating: 7, count: count)
        // OpenSSL takes none of them, so that there is nothing to compare.
        #expect(failure(host([record], nil)) == (isWrong ? .wrongMatchingType : nil))
    }
}
