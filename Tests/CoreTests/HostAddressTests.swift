import DNS
import Judgement
import Observations
import SMTP
import Testing

private let mx = "mx.example.com"
private let base = DomainName(canonical: "base.example.com")

/// A session of a host at an address that ends in this octet.
private func session(
    _ octet: UInt8, _ status: ProbeStatus = .ok, errors: [CertificateError] = [],
    asking name: String? = mx, dane: DANEObservation? = nil
) -> SessionObservation {
    var session = SessionObservation(address: .v4(0xC000_0200 + UInt32(octet)), status: status)
    session.serverName = name.map { DomainName(canonical: $0) }
    guard status == .ok || status == .tlsAlert || status == .starttls2xx else { return session }
    session.tls = TLSObservation()
    session.tls?.certificate = certificate([mx], errors)
    session.tls?.dane = dane
    return session
}

/// The host of these sessions, signed and with TLSA records where there is a base domain.
private func host(
    _ sessions: SessionObservation..., tlsaBase: DomainName? = nil, rounds: Int = 1
) -> HostObservation {
    let plain = CoreTests.host(mx, dane: tlsaBase == nil ? .insecure : .match)
    return HostObservation(
        name: plain.name, addresses: plain.addresses, tlsa: plain.tlsa, tlsaBase: tlsaBase,
        status: .notProbed, sessions: sessions, observedAt: 0, durationMS: 0, rounds: rounds)
}

/// The findings but those of the policy's text.
private func ofHosts(_ judgement: Judgement) -> [SurveyFinding] {
    judgement.findings.filter { $0.layer != .policy }
}

/// How the domain of a host is judged whose policy is enforced, and the codes of its findings.
private func judged(
    _ host: HostObservation, isSigned: Bool = false
) -> (verdict: Verdict, postfix: Verdict, codes: [String]) {
    var results: [(Verdict, Verdict, [String])] = []
    // What is kept of a host says the same as what was seen.
    for host in [host, host.forJudging] {
        var scene = Scene(host).policy("enforce", mx)
        if isSigned { scene.mx = scene.mx.with(isAuthenticated: true) }
        let judgement = scene.judged()
        let codes = ofHosts(judgement).map { "\($0.layer.rawValue).\($0.code)" }
        results.append((judgement.verdict, judgement.postfixVerdict, codes))
    }
    #expect(results[0] == results[1])
    return results[0]
}

@Suite struct `a host of several addresses, judged` {
    @Test(arguments: [[.selfSigned], [.expired], [.nameMismatch]] as [[CertificateError]])
    func `is good where one is, whatever the order`(errors: [CertificateError]) {
        for sessions in [
            host(session(1, errors: errors), session(2)),
            host(session(1), session(2, errors: errors)),
            host(session(1, .starttlsNotOffered), session(2)),
            host(session(1), session(2, .tlsAlert)),
        ] {
            let result = judged(sessions)
            #expect(result.verdict == .protectedSTS && result.postfix == .protectedSTS)
            #expect(result.codes == ["smtp.address_fails"])
        }
    }

    @Test func `names those that fail`() throws {
        let seen = host(
            session(1, errors: [.selfSigned]), session(2), session(3, .starttls5xx),
            session(4, .tcpTimeout))
        let findings = ofHosts(Scene(seen).policy("enforce", mx).judged())
        let finding = try #require(findings.first)
        #expect(finding.severity == .warning && findings.count == 1)
        #expect(
            finding.message == """
                mx.example.com fails at 192.0.2.1 (self_signed), 192.0.2.3 (starttls_5xx); senders \
                use another of its addresses.
                """)
        #expect(Scene(seen).judged().findings.map(\.severity) == [.note])
    }

    @Test func `has no such finding for one that says nothing of TLS`() {
        let unreached: [ProbeStatus] = [
            .tcpTimeout, .greeting5xx, .ehlo4xx, .ehlo5xx, .tlsEHLOClosed, .notProbed, .blocked,
        ]
        for status in unreached {
            let result = judged(host(session(1, status), session(2)))
            #expect(result.verdict == .protectedSTS && result.codes == [])
        }
    }

    @Test func `is as bad as its best where none is good`() {
        let refused = host(session(1, .starttlsNotOffered), session(2, errors: [.expired]))
        #expect(refused.certificateStatus == .expired)
        let result = judged(refused)
        #expect(result.verdict == .refused && result.codes == ["certificate.expired"])
        #expect(judged(host(session(1, .ehlo4xx), session(2, .ehlo5xx))).verdict == .unknown)
        #expect(host(session(1, .notProbed), session(2, .blocked)).status == .blocked)
    }

    @Test(arguments: [
        (ProbeStatus.ehlo4xx, true), (.greeting4xx, true), (.tlsEHLOTimeout, true),
        (.tcpTimeout, false), (.tcpUnreachable, false), (.ehlo5xx, false),
    ])
    func `is tried again where one may yet be good`(status: ProbeStatus, isTransient: Bool) {
        #expect(host(session(1, errors: [.expired]), session(2, status)).isTransient == isTransient)
        #expect(!host(session(1), session(2, status)).isTransient)
    }
}

@Suite struct `a host whose TLSA stands at another name` {
    private let match = DANEObservation(isMatch: true, usage: 3)

    @Test func `is judged by the session that asks as the sender does`() {
        let seen = host(
            session(1, errors: [.nameMismatch], asking: base.text, dane: match), session(1),
            tlsaBase: base)
        #expect(judged(seen, isSigned: true).verdict == .protectedDANE)
        #expect(judged(seen).verdict == .protectedSTS)
        #expect(judged(seen).codes == [] && judged(seen, isSigned: true).codes == [])
        let other = host(
            session(1, asking: base.text, dane: match), session(1, errors: [.selfSigned]),
            tlsaBase: base)
        #expect(judged(other, isSigned: true).verdict == .protectedDANE)
        #expect(judged(other).verdict == .refused)
    }

    @Test func `is good by TLSA where one address is`() {
        let mismatch = DANEObservation(isMatch: false)
        let seen = host(
            session(1, asking: base.text, dane: mismatch), session(1),
            session(2, asking: base.text, dane: match), session(2), tlsaBase: base)
        let result = judged(seen, isSigned: true)
        #expect(result.verdict == .protectedDANE && result.codes == ["smtp.address_fails"])
        #expect(judged(seen).codes == [])
    }

    @Test func `of an earlier program is judged by the session that there is`() {
        let seen = host(session(1, asking: nil, dane: match), tlsaBase: base)
        #expect(judged(seen, isSigned: true).verdict == .protectedDANE)
        #expect(judged(seen).verdict == .protectedSTS)
    }
}

@Suite struct `a host whose replies differ from the grammar` {
    @Test func `is a finding for each way, and no failure`() {
        var odd = session(1)
        odd.deviations = [.mixedCodes, .longLine]
        let result = judged(host(odd))
        #expect(result.verdict == .protectedSTS)
        #expect(result.codes == ["smtp.mixed_codes", "smtp.long_line"])
    }

    @Test func `differs by sender where the RFC does not have what the host says`() throws {
        let result = judged(host(session(1, .starttls2xx)))
        #expect(result.verdict == .refused && result.postfix == .protectedSTS)
        #expect(result.codes == ["smtp.starttls_2xx"])
        let judgement = Scene(host(session(1, .starttls2xx))).policy("enforce", mx).judged()
        #expect(ofHosts(judgement).map(\.isContested) == [true])
        #expect(judgement.firstFailure?.text == "smtp.starttls_2xx")
    }
}
