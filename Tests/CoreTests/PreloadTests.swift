import DNS
import Judgement
import Lint
internal import Observations
import Testing

/// Facts and the list's patterns, and whether MX hosts and certificates meet them.
struct PreloadVector: CustomTestStringConvertible, Sendable {
    var why: String
    var scene: Scene
    var patterns: [String]
    var mx: Bool?
    var certificate: Bool?

    init(_ why: String, _ scene: Scene, _ patterns: String..., mx: Bool?, certificate: Bool?) {
        (self.why, self.scene, self.patterns) = (why, scene, patterns)
        (self.mx, self.certificate) = (mx, certificate)
    }

    var testDescription: String { why }
}

private let mx = "mx.example.com"

private let vectors: [PreloadVector] = [
    .init("a name", Scene(host()), mx, mx: true, certificate: true),
    .init("a suffix", Scene(host()), ".example.com", mx: true, certificate: true),
    .init(
        "one label only", Scene(host("a.mx.example.com")), ".example.com", mx: false,
        certificate: false),
    .init(
        "not the suffix itself", Scene(host("example.com")), ".example.com", mx: false,
        certificate: false),
    .init(
        "a certificate with a wildcard", Scene(host(names: ["*.example.com"])), mx,
        mx: true, certificate: true),
    .init(
        "a wildcard under a suffix", Scene(host(names: ["*.EXAMPLE.com"])), ".example.com",
        mx: true, certificate: true),
    .init(
        "the certificate has another name",
        Scene(host(errors: [.nameMismatch], names: ["b.example"])),
        mx, mx: true, certificate: false),
    .init(
        "a listed name that is not the host's",
        Scene(host(errors: [.nameMismatch], names: ["b.example"])), mx, "b.example",
        mx: true, certificate: true),
    .init("expired", Scene(host(errors: [.expired])), mx, mx: true, certificate: false),
    .init("no TLS", Scene(host(mx, .starttlsNotOffered)), mx, mx: true, certificate: nil),
    .init("one host of two", Scene(host(), host("b.example")), mx, mx: false, certificate: false),
    .init("no hosts", Scene(mx: ""), mx, mx: nil, certificate: nil),
]

private func judged(_ scene: Scene, _ entries: [DomainName: PreloadList.Entry]) -> PreloadJudgement
{
    PreloadJudgement(
        of: domain, scene.observation, scene.judged(), in: PreloadList(entries: entries))
}

@Suite struct `a preload list` {
    @Test(arguments: vectors)
    func `has patterns for hosts and certificates`(vector: PreloadVector) {
        let patterns = vector.patterns.compactMap(PreloadPattern.init)
        let preload = judged(
            vector.scene, [domain: PreloadList.Entry(mode: .testing, patterns: patterns)])
        #expect(preload.isListed && preload.mode == .testing)
        #expect((preload.mxMatch, preload.certificateMatch) == (vector.mx, vector.certificate))
    }

    @Test func `says nothing of a domain that it does not have`() {
        let preload = judged(Scene(host()), [:])
        #expect(!preload.isListed && preload.mode == nil)
        #expect(preload.mxMatch == nil && preload.certificateMatch == nil)
    }

    @Test(
        arguments: [
            ("enforce", 10_886_400, true, true), ("enforce", 10_886_399, false, true),
            ("enforce", 604_800, false, true), ("enforce", 604_799, false, false),
            ("testing", 31_557_600, true, false), ("none", 31_557_600, false, false),
            ("enforce", 31_557_601, false, false),
        ])
    func `takes valid policies`(mode: String, maxAge: Int, eligible: Bool, hint: Bool) {
        let body = "version: STSv1\nmode: \(mode)\nmx: mx.example.com\nmax_age: \(maxAge)\n"
        let scene = Scene(host()).record("v=STSv1; id=1").fetch(.ok, body: body)
        let preload = judged(scene, [:])
        #expect((preload.isEligible, preload.isHintEligible) == (eligible, hint))
        #expect(!judged(scene.record("v=STSv1;"), [:]).isEligible)
    }

    @Test(arguments: ["", ".", "*.a.example", "a b", "192.0.2.1", "..a.example"])
    func `has no such pattern`(text: String) { #expect(PreloadPattern(text) == nil) }
}
