import DNS
import Judgement
import MTASTS
import Observations
import Testing

/// Facts, and what they must amount to, in the words of the output.
struct VerdictVector: CustomTestStringConvertible, Sendable {
    var why: String
    var scene: Scene
    var verdict: String
    var reason: String
    var failure: String?

    init(_ why: String, _ scene: Scene, _ verdict: String, _ reason: String, _ failure: String?) {
        self.why = why
        self.scene = scene
        self.verdict = verdict
        self.reason = reason
        self.failure = failure
    }

    var testDescription: String { why }
}

private let mx = "mx.example.com"
private let found = Lookup(status: .found, rcode: 0, records: [.a(.v4(1))])
private let nothing = Lookup(status: .nodata, rcode: 0)

private let mxVectors: [VerdictVector] = [
    .init("null MX", Scene(mx: ""), "no_mail", "null_mx", nil),
    .init("null MX twice says the same", Scene(mx: "", ""), "no_mail", "null_mx", nil),
    .init("NXDOMAIN", Scene(.nxdomain), "no_mail", "nxdomain", "mx.nxdomain"),
    .init("no address", Scene(.nodata).address(nothing, nothing), "no_mail", "nodata", "mx.nodata"),
    .init("localhost", Scene(mx: "localhost"), "no_mail", "junk", "mx.junk"),
    .init("an address for a name", Scene(mx: "192.0.2.1"), "no_mail", "junk", "mx.junk"),
    .init("~", Scene(mx: "~", "mail"), "no_mail", "junk", "mx.junk"),
    .init("SERVFAIL", Scene(.servfail), "unknown", "mx_unknown", "mx.servfail"),
    .init("REFUSED", Scene(.refused), "unknown", "mx_unknown", "mx.refused"),
    .init("no answer", Scene(.timeout), "unknown", "mx_unknown", "mx.timeout"),
    .init("no way", Scene(.unreachable), "unknown", "mx_unknown", "mx.unreachable"),
    .init("garbage", Scene(.malformed), "unknown", "mx_unknown", "mx.dns_error"),
    .init(
        "addresses unknown", Scene(.nodata).address(nothing, Lookup(status: .timeout)),
        "unknown", "mx_unknown", "mx.timeout"),
    .init(
        "implicit MX, not probed", Scene(.nodata).address(found, nothing),
        "unknown", "mx_unreached", nil),
    .init(
        "tcp timeout", Scene(host(mx, .tcpTimeout)), "unknown", "mx_unreached", "smtp.tcp_timeout"),
    .init(
        "null MX beside a host", nullMXPlus, "opportunistic", "no_record", "record.absent"),
]

private var nullMXPlus: Scene {
    var scene = Scene(host())
    scene.mx = scene.mx.adding(preference: 0, "")
    return scene
}

/// The same, where the domain is an alias of this name.
private func aliased(_ scene: Scene, _ name: String) -> Scene {
    var scene = scene
    scene.mx = scene.mx.with(aliases: [DomainName(canonical: name)])
    return scene
}

private let opportunisticVectors: [VerdictVector] = [
    .init(
        "a policy that was not to be fetched",
        Scene(host()).record("v=STSv1; id=1;").fetch(.notFetched), "unknown",
        "policy_not_fetched", nil),
    .init("no record", Scene(host()), "opportunistic", "no_record", "record.absent"),
    .init(
        "other TXT", Scene(host()).record("v=spf1 -all"),
        "opportunistic", "no_record", "record.unrelated"),
    .init(
        "no STARTTLS", Scene(host(mx, .starttlsNotOffered)),
        "opportunistic", "no_record", "record.absent"),
    .init(
        "bad id", Scene(host()).policy("enforce", mx).record("v=STSv1; id=2024-01-01;"),
        "opportunistic", "record_invalid", "record.bad_id"),
    .init(
        "two records", Scene(host()).record("v=STSv1; id=1;", "v=STSv1; id=2;"),
        "opportunistic", "record_invalid", "record.multiple"),
    .init(
        "record unknown", Scene(host()).record(.servfail),
        "unknown", "record_unknown", "record.servfail"),
    .init(
        "record times out", Scene(host()).record(.timeout),
        "unknown", "record_unknown", "record.timeout"),
    .init(
        "404", Scene(host()).record("v=STSv1; id=1;").fetch(.http404, body: "no"),
        "opportunistic", "policy_fetch_failed", "policy_fetch.http_404"),
    .init(
        "HTML", Scene(host()).record("v=STSv1; id=1;").fetch(.ok, body: "<html>"),
        "opportunistic", "policy_invalid", "policy.html"),
    .init("mode none", Scene(host()).policy("none"), "opportunistic", "mode_none", nil),
    .init("testing, good", Scene(host()).policy("testing", mx), "testing_ok", "mode_testing", nil),
    .init(
        "testing, wrong pattern", Scene(host()).policy("testing", "mail.example.com"),
        "testing_would_fail", "mode_testing", "mx_match.none"),
    .init(
        "testing, one not allowed and not there",
        Scene(host(), host("b.example.net", .tcpTimeout)).policy("testing", mx),
        "testing_would_fail", "mode_testing", "mx_match.none"),
    .init(
        "testing, one allowed and not there",
        Scene(host(), host("b.example.com", .tcpTimeout)).policy("testing", "*.example.com"),
        "testing_ok", "mode_testing", nil),
    .init(
        "503 for the policy: none, to a sender without a cache",
        Scene(host()).record("v=STSv1; id=1;").fetch(.http5xx),
        "opportunistic", "policy_fetch_failed", "policy_fetch.http_5xx"),
    .init(
        "the policy host times out in DNS: none as well",
        Scene(host()).record("v=STSv1; id=1;").fetch(.dnsTimeout),
        "opportunistic", "policy_fetch_failed", "policy_fetch.dns_timeout"),
    .init(
        "testing, expired", Scene(host(errors: [.expired])).policy("testing", mx),
        "testing_would_fail", "mode_testing", "certificate.expired"),
    .init(
        "testing, no STARTTLS", Scene(host(mx, .starttlsStripped)).policy("testing", mx),
        "testing_would_fail", "mode_testing", "smtp.starttls_stripped"),
]

private let enforceVectors: [VerdictVector] = [
    .init("enforce, good", Scene(host()).policy("enforce", mx), "protected_sts", "enforced", nil),
    .init(
        "enforce, wildcard", Scene(host()).policy("enforce", "*.example.com"),
        "protected_sts", "enforced", nil),
    .init(
        "a wildcard is one label",
        Scene(host("a.mx.example.com")).policy("enforce", "*.example.com"),
        "refused", "enforced", "mx_match.none"),
    .init(
        "self-signed", Scene(host(errors: [.selfSigned])).policy("enforce", mx),
        "refused", "enforced", "certificate.self_signed"),
    .init(
        "no STARTTLS", Scene(host(mx, .starttlsNotOffered)).policy("enforce", mx),
        "refused", "enforced", "smtp.starttls_not_offered"),
    .init(
        "allowed but not there", Scene(host(mx, .tcpRefused)).policy("enforce", mx),
        "unknown", "mx_unreached", "smtp.tcp_refused"),
    .init(
        "not allowed, so not tried",
        Scene(host(mx, .tcpRefused)).policy("enforce", "a.example.com"),
        "refused", "enforced", "mx_match.none"),
    .init(
        "one not allowed and not tried, the other allowed and not there",
        Scene(host(mx, .tcpTimeout), host("b.example.net", .tcpTimeout)).policy("enforce", mx),
        "unknown", "mx_unreached", "smtp.tcp_timeout"),
    .init(
        "one not allowed, the other allowed and not there",
        Scene(host(mx, .tcpTimeout), host("b.example.net")).policy("enforce", mx),
        "refused", "enforced", "mx_match.none"),
    .init(
        "not probed, not allowed", Scene(mx: mx).policy("enforce", "a.example.com"),
        "refused", "enforced", "mx_match.none"),
    .init(
        "not probed, allowed", Scene(mx: mx).policy("enforce", mx),
        "unknown", "mx_unreached", nil),
    .init(
        "not probed, not allowed, and DANE may decide",
        Scene(mx: mx).secured.policy("enforce", "a.example.com"),
        "unknown", "mx_unreached", nil),
    .init(
        "one of two expired",
        Scene(host(), host("b.example.com", errors: [.expired])).policy("enforce", "*.example.com"),
        "protected_sts", "enforced", nil),
    .init(
        "one of two not there",
        Scene(host(), host("b.example.com", .tcpTimeout)).policy("enforce", "*.example.com"),
        "protected_sts", "enforced", nil),
    .init(
        "one of two not in the policy", Scene(host(), host("b.example.net")).policy("enforce", mx),
        "protected_sts", "enforced", nil),
    .init(
        "the first not in the policy, the second protected",
        Scene(host("b.example.net"), host()).policy("enforce", mx),
        "protected_sts", "enforced", nil),
    .init(
        "one not in the policy, one without STARTTLS",
        Scene(host("b.example.net"), host(mx, .starttlsNotOffered)).policy("enforce", mx),
        "refused", "enforced", "mx_match.none"),
]

/// A validated MX RRset, and a host whose TLSA answer is not validated.
private func unsigned(_ host: HostObservation) -> Scene {
    Scene(
        HostObservation(
            name: host.name, addresses: host.addresses,
            tlsa: host.tlsa?.with(isAuthenticated: false), tlsaBase: host.tlsaBase,
            status: host.status, sessions: host.sessions, observedAt: 0, durationMS: 0),
        secure: true)
}

private let daneVectors: [VerdictVector] = [
    .init(
        "DANE-EE needs no valid date",
        Scene(host(errors: [.expired], dane: .match), secure: true),
        "protected_dane", "dane", nil),
    .init(
        "DANE-TA with the host's name", Scene(host(dane: .anchor(names: [mx])), secure: true),
        "protected_dane", "dane", nil),
    .init(
        "DANE-TA with the domain's name",
        Scene(host(dane: .anchor(names: ["EXAMPLE.com"])), secure: true),
        "protected_dane", "dane", nil),
    .init(
        "DANE-TA with the name that the domain is an alias of",
        aliased(
            Scene(host(dane: .anchor(names: ["alias.example"])), secure: true), "alias.example"),
        "protected_dane", "dane", nil),
    .init(
        "DANE-TA with the host's name as CN, and no dNSName",
        Scene(host(errors: [.cnOnly], dane: .anchor(names: [])), secure: true),
        "protected_dane", "dane", nil),
    .init(
        "DANE-TA with the domain's name as CN, and no dNSName",
        Scene(
            host(errors: [.nameMismatch], dane: .anchor(names: []), commonName: "example.com"),
            secure: true),
        "protected_dane", "dane", nil),
    .init(
        "DANE-TA, and the chain up to there has expired",
        Scene(host(errors: [.expired], dane: .anchor(names: [mx], .expired)), secure: true),
        "refused", "dane", "dane.failed"),
    .init(
        "DANE-EE, and the key is too weak for the verifier",
        Scene(host(errors: [.invalid], dane: .weakMatch), secure: true),
        "refused", "dane", "dane.failed"),
    .init(
        "DANE-TA with a name that ends in the root's dot, which OpenSSL takes for another",
        Scene(host(dane: .anchor(names: ["example.com."])), secure: true),
        "refused", "dane", "dane.failed"),
    .init(
        "DANE protects the one, MTA-STS refuses the other",
        Scene(host(dane: .match), host("b.example.com", errors: [.expired]), secure: true)
            .policy("enforce", "*.example.com"),
        "protected_dane", "dane", nil),
    .init(
        "DANE refuses one, MTA-STS only tests the other",
        Scene(host(dane: .mismatch), host("b.example.com"), secure: true)
            .policy("testing", "*.example.com"),
        "partial", "mixed", "dane.failed"),
    .init(
        "DANE protects one, the other's records are not usable",
        Scene(host(dane: .match), host("b.example.com", dane: .unusable), secure: true),
        "partial", "mixed", "dane.unusable"),
    .init(
        "DANE protects one, and mode none asks nothing of the other",
        Scene(host(dane: .match), host("b.example.com", errors: [.expired]), secure: true)
            .policy("none"),
        "partial", "mixed", nil),
    .init(
        "DANE beside mode none",
        Scene(host(dane: .mismatch), secure: true).policy("none"),
        "refused", "dane", "dane.failed"),
    .init(
        "DANE beside mode testing",
        Scene(host(dane: .match), secure: true).policy("testing", "a.example.com"),
        "protected_dane", "dane", nil),
    .init(
        "unvalidated TLSA binds nobody", unsigned(host(dane: .mismatch)),
        "opportunistic", "no_record", "record.absent"),
    .init(
        "DANE-TA without a name",
        Scene(host(dane: .anchor(names: ["a.example.net"])), secure: true).policy("enforce", mx),
        "refused", "dane", "dane.failed"),
    .init(
        "MTA-STS rescues no failing DANE",
        Scene(host(dane: .mismatch), secure: true).policy("enforce", mx),
        "refused", "dane", "dane.failed"),
    .init(
        "MTA-STS refuses no DANE",
        Scene(host(dane: .match), secure: true).policy("enforce", "a.example.com"),
        "protected_dane", "dane", nil),
    .init(
        "TLSA, and no STARTTLS", Scene(host(mx, .starttlsNotOffered, dane: .match), secure: true),
        "refused", "dane", "smtp.starttls_not_offered"),
    .init(
        "TLSA lookup fails", Scene(host(dane: .tempfail), secure: true).policy("enforce", mx),
        "unknown", "dane_tempfail", "dane.tempfail"),
    .init(
        "no usable TLSA", Scene(host(dane: .unusable), secure: true).policy("testing", mx),
        "opportunistic", "dane_unusable", "dane.unusable"),
    .init(
        "no usable TLSA, which fails no validation, and a policy that is met",
        Scene(host(dane: .unusable), secure: true).policy("enforce", mx),
        "protected_sts", "enforced", nil),
    .init(
        "no usable TLSA, and a policy that is not met",
        Scene(host(dane: .unusable), secure: true).policy("enforce", "a.example.com"),
        "refused", "enforced", "mx_match.none"),
    .init(
        "no usable TLSA, no STARTTLS", Scene(host(mx, .starttls5xx, dane: .unusable), secure: true),
        "refused", "dane", "smtp.starttls_5xx"),
    .init(
        "secure absence leaves it to MTA-STS",
        Scene(host(dane: .absent), secure: true).policy("enforce", mx),
        "protected_sts", "enforced", nil),
    .init(
        "insecure MX: TLSA binds nobody", Scene(host(dane: .mismatch)).policy("enforce", mx),
        "protected_sts", "enforced", nil),
    .init(
        "DANE here, MTA-STS there",
        Scene(host(dane: .match), host("b.example.com"), secure: true)
            .policy("enforce", "*.example.com"),
        "protected_sts", "mixed", nil),
    .init(
        "DANE, whatever a policy says that was not to be fetched",
        Scene(host(dane: .match), secure: true).record("v=STSv1; id=1;").fetch(.notFetched),
        "protected_dane", "dane", nil),
    .init(
        "DANE here, nothing there",
        Scene(host(dane: .match), host("b.example.com"), secure: true),
        "partial", "mixed", "record.absent"),
    .init(
        "refused here, opportunistic there",
        Scene(host(dane: .mismatch), host("b.example.com"), secure: true),
        "partial", "mixed", "record.absent"),
    .init(
        "put off here, protected there",
        Scene(host(dane: .tempfail), host("b.example.com", dane: .match), secure: true),
        "protected_dane", "dane", nil),
]

@Suite struct `verdicts` {
    @Test(arguments: mxVectors + opportunisticVectors + enforceVectors + daneVectors)
    func `follow the rules`(vector: VerdictVector) {
        let judgement = vector.scene.judged()
        #expect(judgement.verdict.rawValue == vector.verdict)
        #expect(judgement.reason.rawValue == vector.reason)
        #expect(judgement.firstFailure?.text == vector.failure)
    }

    @Test func `cover every verdict, reason and layer`() {
        let vectors = mxVectors + opportunisticVectors + enforceVectors + daneVectors
        #expect(Set(vectors.map(\.verdict)) == Set(Verdict.allCases.map(\.rawValue)))
        #expect(Set(vectors.map(\.reason)) == Set(VerdictReason.allCases.map(\.rawValue)))
        let layers = Set(vectors.compactMap { $0.failure?.prefix { $0 != "." } })
        #expect(layers == Set(FirstFailure.allCases.map { $0.text.prefix { $0 != "." } }))
    }

    @Test(arguments: mxVectors + opportunisticVectors + enforceVectors + daneVectors)
    func `name failures of the closed vocabulary`(vector: VerdictVector) {
        let failure = vector.scene.judged().firstFailure
        #expect(failure.map { FirstFailure.allCases.contains($0) } ?? true)
    }
}
