internal import Judgement
internal import Observations
import Records
import Testing

/// Facts, and what they must amount to by the RFC and behind Postfix.
struct DialectVector: CustomTestStringConvertible, Sendable {
    var why: String
    var scene: Scene
    var rfc: String
    var postfix: String

    init(_ why: String, _ scene: Scene, _ rfc: String, _ postfix: String) {
        (self.why, self.scene, self.rfc, self.postfix) = (why, scene, rfc, postfix)
    }

    var testDescription: String { why }
}

private let mx = "mx.example.com"
private let deep = "a.h1.mx.example.net"

private let vectors: [DialectVector] = [
    .init(
        "a good host", Scene(host()).policy("enforce", mx), "protected_sts", "protected_sts"),
    .init(
        "a wildcard, right depth", Scene(host()).policy("enforce", "*.example.com"),
        "protected_sts", "protected_sts"),
    .init(
        "a wildcard, too deep", Scene(host(deep)).policy("enforce", "*.mx.example.net"),
        "refused", "protected_sts"),
    .init(
        "a wildcard does not cover its own domain",
        Scene(host("example.com")).policy("enforce", "*.example.com"), "refused", "refused"),
    .init(
        "the pattern is in the certificate only",
        Scene(host(mx, names: [mx, "mta.example.net"])).policy("enforce", "mta.example.net"),
        "refused", "protected_sts"),
    .init(
        "the host is in no name of its certificate",
        Scene(host(mx, errors: [.nameMismatch], names: ["mta.example.net"]))
            .policy("enforce", mx, "mta.example.net"), "refused", "protected_sts"),
    .init(
        "a name that no pattern has",
        Scene(host(mx, errors: [.nameMismatch], names: ["b.example"]))
            .policy("enforce", mx), "refused", "refused"),
    .init(
        "the certificate has the wildcard",
        Scene(host(mx, names: ["*.example.com"]))
            .policy("enforce", mx), "protected_sts", "protected_sts"),
    .init(
        "wildcards on both sides",
        Scene(host(mx, names: ["*.example.com"]))
            .policy("enforce", "*.example.com"), "protected_sts", "protected_sts"),
    .init(
        "a wildcard of a top-level domain counts nowhere",
        Scene(host("example.com", errors: [.nameMismatch], names: ["*.com"]))
            .policy("enforce", "example.com"), "refused", "refused"),
    .init(
        "a common name alone, which OpenSSL falls back to",
        Scene(host(mx, errors: [.cnOnly], names: [])).policy("enforce", mx),
        "refused", "protected_sts"),
    .init(
        "expired", Scene(host(mx, errors: [.expired])).policy("enforce", mx),
        "refused", "refused"),
    .init(
        "no STARTTLS", Scene(host(mx, .starttlsNotOffered)).policy("enforce", mx),
        "refused", "refused"),
    .init(
        "not allowed and not reached", Scene(host(mx, .tcpTimeout)).policy("enforce", "b.example"),
        "refused", "unknown"),
    .init(
        "one of two hosts too deep",
        Scene(host("a.example.net"), host("b.a.example.net")).policy("enforce", "*.example.net"),
        "protected_sts", "protected_sts"),
    .init(
        "testing, too deep", Scene(host(deep)).policy("testing", "*.mx.example.net"),
        "testing_would_fail", "testing_ok"),
    .init(
        "DANE decides in both",
        Scene(host(mx, dane: .mismatch), secure: true)
            .policy("enforce", mx), "refused", "refused"),
    .init("no record", Scene(host()), "opportunistic", "opportunistic"),
    .init("no mail", Scene(mx: ""), "no_mail", "no_mail"),
]

@Suite struct `senders read a policy` {
    @Test(arguments: vectors)
    func `each in their senderModel`(vector: DialectVector) {
        let judged = vector.scene.judged()
        #expect(judged.verdict.rawValue == vector.rfc)
        #expect(judged.postfixVerdict.rawValue == vector.postfix)
        let isHostDifferent = judged.hosts.contains { $0.outcome != $0.postfixOutcome }
        #expect(judged.dependsOnSender == (vector.rfc != vector.postfix || isHostDifferent))
    }
}
