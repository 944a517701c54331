import DNS
import Judgement
import Observations
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

/// Facts, the verdict by the RFCs, and those of the senders that differ from it.
struct SenderVector: CustomTestStringConvertible, Sendable {
    var why: String
    var scene: Scene
    var rfc: Verdict
    var others: [Sender: Verdict]

    init(_ why: String, _ scene: Scene, _ rfc: Verdict, _ others: [Sender: Verdict] = [:]) {
        (self.why, self.scene, self.rfc, self.others) = (why, scene, rfc, others)
    }

    var testDescription: String { why }
}

private let legacy: [Sender] = [.postfixLegacyTLSPol, .postfixLegacyResolver]
private let resolver: [Sender] = [.postfixLegacyResolver, .postfixResolver]
private let tlspol: [Sender] = [.postfixLegacyTLSPol, .postfixTLSPol]
private let postfix = legacy + [.postfixTLSPol, .postfixResolver]
/// All that have MTA-STS, `rfc` apart.
private let policySenders = postfix + [.mox, .stalwart, .kumomta]

private func all(_ senders: [Sender], _ verdict: Verdict) -> [Sender: Verdict] {
    Dictionary(uniqueKeysWithValues: senders.map { ($0, verdict) })
}

extension [Sender: Verdict] {
    fileprivate func with(_ others: [Sender: Verdict]) -> [Sender: Verdict] {
        merging(others) { $1 }
    }
}

/// A domain whose host is good, with a policy of this text.
private func served(_ body: String) -> Scene {
    Scene(host()).record("v=STSv1; id=1;").fetch(.ok, body: body)
}

private let lines = ["version: STSv1", "mode: enforce", "mx: mx.example.com", "max_age: 1209600"]
private let body = lines.map { $0 + "\n" }.joined()

/// A good policy under other headers.
private func headed(_ type: String?, coding: String? = nil, coded: Bool = false) -> Scene {
    var scene = served(body)
    scene.policy?.contentType = type.map { Array($0.utf8) }
    scene.policy?.contentEncoding = coding.map { Array($0.utf8) }
    if coded {
        scene.policy?.status = .httpProtocol
        scene.policy?.httpStatus = 200
        scene.policy?.isBodyCoded = true
    }
    return scene
}

/// What Exim does with any policy.
private let noPolicy = [Sender.exim: Verdict.opportunistic]

private let textVectors: [SenderVector] = [
    .init("plain", served(body), .protectedSTS, noPolicy),
    .init(
        "blank lines at the end", served(body + "\n\n"), .opportunistic,
        all(resolver + [.stalwart, .kumomta], .protectedSTS)),
    .init(
        "a blank line first", served("\r\n" + body), .opportunistic,
        all(resolver + [.stalwart, .kumomta], .protectedSTS)),
    .init(
        "a blank line within", served(lines.joined(separator: "\n\n")), .opportunistic,
        all(resolver + [.stalwart, .kumomta], .protectedSTS)),
    .init(
        "a line of blanks", served(body + " \n"), .opportunistic,
        all(resolver + [.stalwart], .protectedSTS)),
    .init(
        "a byte order mark", served("\u{FEFF}" + body), .opportunistic,
        [.stalwart: .protectedSTS]),
    .init(
        "CR ends the lines", served(lines.joined(separator: "\r")), .opportunistic,
        all(resolver, .protectedSTS)),
    .init(
        "LF and CR end the lines", served(lines.joined(separator: "\n\r")), .opportunistic,
        all(resolver + [.stalwart, .kumomta], .protectedSTS)),
    .init(
        "blanks before the keys", served(lines.map { " \($0)\n" }.joined()), .opportunistic,
        all([.stalwart, .kumomta], .protectedSTS)),
    .init(
        "blanks before the colons", served(body.replacing(":", with: " :")), .opportunistic,
        all([.stalwart, .kumomta], .protectedSTS)),
    .init(
        "blanks after the values", served(lines.map { "\($0) \t\n" }.joined()), .protectedSTS,
        noPolicy),
    .init(
        "a comment", served("# ours\n" + body), .opportunistic,
        all(resolver + [.stalwart], .protectedSTS)),
    .init(
        "no version", served(lines.dropFirst().joined(separator: "\n")), .opportunistic,
        [.stalwart: .protectedSTS]),
    .init(
        "two modes", served(body + "mode: none\n"), .protectedSTS,
        all(resolver + [.stalwart, .kumomta], .opportunistic).with(noPolicy)),
    .init(
        "a second mode that is none", served(body + "mode: Enforce\n"), .protectedSTS,
        all(resolver + [.stalwart, .kumomta, .mox], .opportunistic).with(noPolicy)),
    .init(
        "two max_age", served(body + "max_age: 86400\n"), .protectedSTS,
        [.kumomta: .opportunistic].merging(noPolicy) { $1 }),
    .init(
        "max_age of more than a year", served(body.replacing("1209600", with: "31557601")),
        .opportunistic,
        all(tlspol + [.mox, .stalwart, .kumomta], .protectedSTS)),
    .init(
        "max_age beyond 31 bits", served(body.replacing("1209600", with: "9999999999")),
        .opportunistic, all(tlspol + [.stalwart, .kumomta], .protectedSTS)),
    .init(
        "max_age 0", served(body.replacing("1209600", with: "0")), .protectedSTS,
        all(tlspol, .opportunistic).with(noPolicy)),
    .init(
        "max_age in words", served(body.replacing("1209600", with: "2 weeks")), .opportunistic,
        [.stalwart: .protectedSTS]),
    .init(
        "max_age with a sign", served(body.replacing("1209600", with: "+1209600")),
        .opportunistic, all(resolver + [.stalwart, .kumomta], .protectedSTS)),
    .init(
        "max_age below zero", served(body.replacing("1209600", with: "-1")), .opportunistic,
        [.stalwart: .protectedSTS]),
    .init("an unknown key", served(body + "note: fine\n"), .protectedSTS, noPolicy),
    .init(
        "an unknown key, and not ASCII", served(body + "note: caf\u{E9}\n"), .protectedSTS,
        all(resolver, .opportunistic).with(noPolicy)),
    .init(
        "an unknown key without a value", served(body + "note:\n"), .opportunistic,
        all(resolver + [.stalwart, .kumomta], .protectedSTS)),
    .init(
        "the mode in capitals", served(body.replacing("enforce", with: "ENFORCE")),
        .opportunistic),
    .init("keys in capitals", served(body.replacing("mode", with: "Mode")), .opportunistic),
    .init(
        "the version in small letters", served(body.replacing("STSv1", with: "stsv1")),
        .opportunistic, [.stalwart: .protectedSTS]),
    .init("one line", served(lines.joined(separator: "; ")), .opportunistic),
    .init("JSON", served("{\"version\": \"STSv1\"}"), .opportunistic),
    .init(
        "a no-break space after the colon", served(body.replacing(": e", with: ":\u{A0}e")),
        .opportunistic, all([.stalwart, .kumomta], .protectedSTS)),
]

private func pattern(_ text: String) -> Scene {
    served(body.replacing("mx: mx.example.com", with: "mx: \(text)"))
}

private let patternVectors: [SenderVector] = [
    .init(
        "the root's dot", pattern("mx.example.com."), .opportunistic,
        all(postfix + [.stalwart, .kumomta], .refused)),
    .init(
        "a wildcard and the root's dot", pattern("*.example.com."), .opportunistic,
        all(postfix + [.stalwart, .kumomta], .refused)),
    .init(
        "the suffix of the drafts", pattern(".example.com"), .opportunistic,
        [
            .postfixLegacyResolver: .protectedSTS, .postfixResolver: .refused,
            .stalwart: .refused, .kumomta: .refused,
        ]),
    .init(
        "an asterisk alone", pattern("*"), .opportunistic,
        all(resolver + [.stalwart, .kumomta], .refused)),
    .init(
        "an asterisk without a dot", pattern("*example.com"), .opportunistic,
        all(resolver + [.stalwart, .kumomta], .refused)),
    .init("no value", pattern(""), .opportunistic, all(resolver + [.kumomta], .refused)),
    .init(
        "two hosts in a line", pattern("mx.example.com, b.example.com"), .opportunistic,
        all(resolver + [.stalwart, .kumomta], .refused)),
    .init(
        "a port", pattern("mx.example.com:25"), .opportunistic,
        [
            .postfixLegacyResolver: .protectedSTS, .postfixResolver: .refused,
            .stalwart: .refused, .kumomta: .refused,
        ]),
    .init(
        "an address", pattern("192.0.2.1"), .opportunistic,
        all(resolver + [.mox, .stalwart, .kumomta], .refused)),
    .init("in capitals", pattern("MX.Example.COM"), .protectedSTS, noPolicy),
    .init(
        "a U-label", pattern("m\u{FC}ll.example"), .opportunistic,
        [.stalwart: .unknown, .kumomta: .refused]),
    .init(
        "a U-label beside a good one", pattern("m\u{FC}ll.example\nmx: mx.example.com"),
        .opportunistic, [.stalwart: .unknown, .kumomta: .protectedSTS]),
]

private let headVectors: [SenderVector] = [
    .init(
        "text/html", headed("text/html"), .protectedSTS,
        all(postfix + [.kumomta], .opportunistic).with(noPolicy)),
    .init(
        "no media type", headed(nil), .protectedSTS,
        all(postfix + [.kumomta], .opportunistic).with(noPolicy)),
    .init(
        "application/octet-stream", headed("application/octet-stream"), .protectedSTS,
        all(postfix + [.kumomta], .opportunistic).with(noPolicy)),
    .init(
        "Text/Plain", headed("Text/Plain"), .protectedSTS,
        [.kumomta: .opportunistic].merging(noPolicy) { $1 }),
    .init("a semicolon at the end", headed("text/plain;"), .protectedSTS, noPolicy),
    .init(
        "a parameter without a value", headed("text/plain; charset"), .protectedSTS,
        all(postfix, .opportunistic).with(noPolicy)),
    .init(
        "a charset that is none", headed("text/plain; charset=none"), .protectedSTS,
        all(resolver, .opportunistic).with(noPolicy)),
    .init(
        "UTF-16, says the header", headed("text/plain; charset=utf-16"), .protectedSTS,
        all(resolver, .opportunistic).with(noPolicy)),
    .init("Latin-1", headed("text/plain; charset=\"ISO-8859-1\""), .protectedSTS, noPolicy),
    .init(
        "gzip, undone", headed("text/plain", coding: "gzip"), .protectedSTS,
        all([.stalwart, .kumomta], .opportunistic).with(noPolicy)),
    .init(
        "Brotli, undone", headed("text/plain", coding: "br"), .protectedSTS,
        all(policySenders, .opportunistic).with(noPolicy)),
    .init("identity", headed("text/plain", coding: "Identity"), .protectedSTS, noPolicy),
    .init(
        "a coding that nobody knows", headed("text/plain", coding: "x-none", coded: true),
        .opportunistic, all(policySenders, .protectedSTS)),
    .init(
        "gzip, and none", headed("text/plain", coding: "gzip", coded: true), .opportunistic,
        all([.stalwart, .kumomta], .protectedSTS)),
    .init(
        "404 with a policy", served(body).fetched(.http404), .opportunistic,
        [.stalwart: .protectedSTS]),
    .init(
        "too large", served(body).fetched(.tooLarge, 200), .opportunistic,
        all([.stalwart, .kumomta], .unknown)),
    .init(
        "no connection", Scene(host()).record("v=STSv1; id=1;").fetch(.tcpTimeout),
        .opportunistic),
]

extension Scene {
    fileprivate func fetched(_ status: PolicyFetchStatus, _ code: Int = 404) -> Scene {
        var scene = self
        scene.policy?.status = status
        scene.policy?.httpStatus = code
        return scene
    }
}

private let mxName = "mx.example.com"

private let hostVectors: [SenderVector] = [
    .init(
        "a pattern names the certificate and not the host",
        Scene(host(names: [mxName, "mta.example.net"])).policy("enforce", "mta.example.net"),
        .refused, all(legacy, .protectedSTS).with(noPolicy)),
    .init(
        "a wildcard over two labels",
        Scene(host("a.mx.example.com")).policy("enforce", "*.example.com"), .refused,
        all(legacy, .protectedSTS).with(noPolicy)),
    .init(
        "a common name alone",
        Scene(host(errors: [.cnOnly], names: [])).policy("enforce", mxName), .refused,
        all(postfix, .protectedSTS).with(noPolicy)),
    .init(
        "an RSA key of 1024 bits",
        Scene(host(securityBits: 80)).policy("enforce", mxName), .protectedSTS,
        all([.stalwart, .kumomta], .refused).with(noPolicy)),
    .init(
        "nine certificates of a path",
        Scene(host(pathLength: 9)).policy("enforce", mxName), .protectedSTS,
        all([.stalwart, .kumomta], .refused).with(noPolicy)),
    .init(
        "thirteen certificates of a path",
        Scene(host(pathLength: 13)).policy("enforce", mxName), .protectedSTS,
        all(postfix + [.stalwart, .kumomta], .refused).with(noPolicy)),
    .init(
        "not named, and not reached",
        Scene(host(mxName, .tcpTimeout)).policy("enforce", "b.example"), .refused,
        all(legacy + [.exim], .unknown)),
    .init(
        "testing, named in the certificate",
        Scene(host(names: [mxName, "mta.example.net"])).policy("testing", "mta.example.net"),
        .testingWouldFail, all(legacy, .testingOK).with(noPolicy)),
    .init("the lookup of the record fails", Scene(host()).record(.servfail), .unknown, noPolicy),
    .init("no record", Scene(host()), .opportunistic),
    .init("no mail", Scene(mx: ""), .noMail),
]

private let daneVectors: [SenderVector] = [
    .init(
        "DANE alone", Scene(host(dane: .match), secure: true), .protectedDANE,
        [.kumomta: .opportunistic]),
    .init(
        "DANE fails", Scene(host(dane: .mismatch), secure: true), .refused,
        [.kumomta: .opportunistic]),
    .init(
        "DANE fails, the policy is met",
        Scene(host(dane: .mismatch), secure: true).policy("enforce", mxName), .refused,
        all(resolver + [.kumomta], .protectedSTS)),
    .init(
        "DANE is met, the policy is not",
        Scene(host(errors: [.selfSigned], dane: .match), secure: true).policy("enforce", mxName),
        .protectedDANE, all(resolver + [.mox, .kumomta], .refused)),
    .init(
        "DANE is met, no pattern names the host",
        Scene(host(dane: .match), secure: true).policy("enforce", "b.example"),
        .protectedDANE, all(resolver + [.mox, .stalwart, .kumomta], .refused)),
    .init(
        "both are met", Scene(host(dane: .match), secure: true).policy("enforce", mxName),
        .protectedDANE, all(resolver + [.kumomta], .protectedSTS)),
    .init(
        "one host has TLSA, the other the policy",
        Scene(host(dane: .match), host("b.example.com"), secure: true)
            .policy("enforce", "*.example.com"),
        .protectedSTS, all(tlspol + [.exim], .partial)),
    .init(
        "all records unusable, the policy is met",
        Scene(host(dane: .unusable), secure: true).policy("enforce", mxName), .protectedSTS,
        all(tlspol, .opportunistic).with([.exim: .refused])),
    .init(
        "all records unusable, the policy is not met",
        Scene(host(errors: [.expired], dane: .unusable), secure: true).policy("enforce", mxName),
        .refused, all(tlspol, .opportunistic)),
    .init(
        "all records unusable, and only tested",
        Scene(host(dane: .unusable), secure: true).policy("testing", mxName), .opportunistic,
        [.exim: .refused, .stalwart: .testingOK, .kumomta: .testingOK]),
    .init(
        "all records unusable, and no policy", Scene(host(dane: .unusable), secure: true),
        .opportunistic, [.exim: .refused]),
    .init(
        "insecure MX, TLSA fails", Scene(host(dane: .mismatch)), .opportunistic,
        all(postfix, .refused)),
    .init(
        "insecure MX, TLSA is met, the policy too",
        Scene(host(dane: .match)).policy("enforce", mxName), .protectedSTS,
        all(tlspol + [.exim], .opportunistic)),
    .init(
        "the TLSA lookup fails, the policy is met",
        Scene(host(dane: .tempfail), secure: true).policy("enforce", mxName), .unknown,
        all(resolver + [.kumomta], .protectedSTS)),
    .init(
        "the TLSA lookup fails for one of two",
        Scene(host(dane: .tempfail), host("b.example.com", dane: .match), secure: true),
        .protectedDANE, all(tlspol, .unknown).with([.kumomta: .opportunistic])),
]

@Suite struct `each sender` {
    @Test(arguments: textVectors + patternVectors + headVectors + hostVectors + daneVectors)
    func `has its own verdict`(vector: SenderVector) {
        let judged = vector.scene.judged()
        #expect(judged.verdict == vector.rfc)
        for sender in Sender.allCases {
            let expected = vector.others[sender] ?? vector.rfc
            #expect(judged.senderVerdicts[sender] == expected, "\(sender.rawValue)")
        }
    }

    @Test(arguments: textVectors + patternVectors + headVectors)
    func `that reads a policy otherwise is named in a contested finding`(vector: SenderVector) {
        let judged = vector.scene.judged()
        let readers = vector.others.keys.filter { $0 != .exim }
        let finding = judged.findings.first { $0.code == "senders_differ" }
        #expect((finding == nil) == readers.isEmpty)
        #expect(finding?.isContested ?? true)
        for sender in readers {
            #expect(finding?.message.contains(sender.rawValue) == true, "\(sender.rawValue)")
        }
    }

    @Test func `differs about unusable records in a contested finding`() {
        let scene = Scene(host(dane: .unusable), secure: true)
        let enforced = scene.policy("enforce", mxName).judged()
        let finding = enforced.findings.first { $0.layer == .dane }
        #expect(finding?.code == "unusable" && finding?.isContested == true)
        #expect(enforced.tlsrptResult == .tlsaInvalid && enforced.reason == .enforced)
        let plain = scene.judged().findings.first { $0.layer == .dane }
        #expect(plain?.code == "unusable" && plain?.isContested == false)
    }

    @Test func `reads any octets, and has a verdict`() {
        var state: UInt64 = 8461
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let pieces = ["\r", "\n", ":", " ", "\u{A0}", "\u{2028}", "*", ".", "mx: ", "\0", ";", "9"]
            .map { Array($0.utf8) }
        for _ in 0..<2000 {
            var octets = Array(body.utf8)
            for _ in 0...next(6) {
                let place = next(octets.count)
                switch next(3) {
                case 0: octets.insert(contentsOf: pieces[next(pieces.count)], at: place)
                case 1: octets[place] = UInt8(next(256))
                default: octets.removeSubrange(place..<min(octets.count, place + next(9)))
                }
                if octets.isEmpty { octets = [0] }
            }
            var scene = served("")
            scene.policy?.body = octets
            let judged = scene.judged()
            #expect(Sender.allCases.allSatisfy { judged.senderVerdicts[$0] != nil })
        }
    }

    @Test func `is known by what was read where the policy is carried over`() {
        var scene = served(body)
        scene.policy?.contentType = nil
        scene.policy?.fetchedEarlierAt = 1_795_000_000
        let judged = scene.judged()
        #expect(judged.senderVerdicts[.kumomta] == .protectedSTS)
        #expect(!judged.findings.contains { $0.code == "senders_differ" })
    }

    @Test func `of Postfix takes a null MX for all that stands beside it`() {
        var scene = served(body)
        scene.mx = scene.mx.adding(preference: 0, "")
        let verdicts = scene.judged().senderVerdicts
        let postfix = legacy + [.postfixTLSPol, .postfixResolver]
        #expect(Sender.allCases.filter { verdicts[$0] == .noMail } == postfix)
        #expect(verdicts[.rfc] == .protectedSTS && verdicts[.mox] == .protectedSTS)
    }

    @Test func `has four bits of a word`() {
        var verdicts = SenderVerdicts()
        #expect(verdicts.isEmpty && verdicts[.rfc] == nil)
        for (place, sender) in Sender.allCases.enumerated() {
            verdicts[sender] = Verdict.allCases[place % Verdict.allCases.count]
        }
        for (place, sender) in Sender.allCases.enumerated() {
            #expect(verdicts[sender] == Verdict.allCases[place % Verdict.allCases.count])
        }
        verdicts[.mox] = nil
        #expect(verdicts[.mox] == nil && verdicts[.exim] != nil && verdicts.differ)
        #expect(Verdict.allCases.count < 16 && Sender.allCases.count <= 16)
    }
}
