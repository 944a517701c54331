import DNS
import Explanations
import Findings
internal import Judgement
import Lint
internal import Observations
import Testing

private let mx = "mx.example.com"

private func diagnosis(_ scene: Scene) -> Diagnosis {
    Diagnosis(of: domain, scene.observation, scene.judged(), at: 1_795_467_600)
}

@Suite struct `explanations` {
    private let all = Catalogue.all + LintMistakes.codes

    @Test func `stand for every code once`() {
        let codes = all.map(\.code)
        #expect(codes.count > 280)
        #expect(Set(codes).count == codes.count)
    }

    @Test func `stand for every failure that there can be`() {
        for failure in FirstFailure.allCases {
            let explanation = Catalogue.explanation(failure.layer, failure.word)
            #expect(explanation?.effect != nil, "\(failure.text)")
        }
    }

    @Test func `are whole sentences with known placeholders`() {
        for code in all {
            let templates =
                [code.explanation.found] + code.explanation.steps
                + code.explanation.consequences.map(\.text)
            for wording in templates.flatMap(\.wordings) {
                #expect(wording.hasSuffix(".") || wording.hasSuffix("\""), "\(wording)")
                for name in Template.placeholders(of: wording) {
                    #expect(Placeholder(rawValue: name) != nil, "\(code.code): \(name)")
                }
                #expect(!wording.contains("  ") && wording.allSatisfy(\.isASCII), "\(wording)")
            }
        }
    }

    /// What is always known suffices for the last wording.
    @Test func `need no evidence in their last wording`() {
        let known: Set = ["domain", "policy_host", "policy_url", "host", "all_hosts"]
        for code in all {
            let last = code.explanation.found.wordings.last ?? ""
            #expect(known.isSuperset(of: Template.placeholders(of: last)), "\(code.code): \(last)")
        }
    }

    @Test func `of faults say what to change, and where`() {
        for code in Catalogue.all where code.explanation.effect != .nothing {
            let isLeftAlone = [".blocked", ".not_probed", ".not_fetched"].contains {
                code.code.hasSuffix($0)
            }
            #expect(code.explanation.steps.isEmpty == isLeftAlone, "\(code.code)")
            let isSkipped = code.code == "mx.host_skipped"
            #expect((code.explanation.place == nil) == isSkipped, "\(code.code)")
        }
    }

    /// RFC 8461 §3.1: senders fetch a policy again when its id changes.
    @Test func `of a policy's text end with the change of the id`() {
        let policies = Catalogue.all.filter { $0.explanation.place == .policy }
        #expect(policies.count > 35)
        for code in policies where code.explanation.effect != .nothing {
            let steps = code.explanation.steps.map(\.general)
            let isWhole = steps.contains { $0.hasPrefix("Write four kinds of lines") }
            #expect(
                steps.last?.hasPrefix("Afterwards change the id") == true || isWhole,
                "\(code.code): \(steps)")
        }
    }
}

@Suite struct `a diagnosis` {
    @Test func `names the pattern, the host and the lines to write`() throws {
        let found = diagnosis(Scene(host("mail.example.net")).policy("enforce", "mx1.example.com"))
        #expect(
            found.headline
                == "NOT WORKING: senders that honour MTA-STS will bounce your mail for example.com."
        )
        #expect(found.need == .mending)
        let item = try #require(found.items.first)
        #expect(item.code == "mx_match.other")
        #expect(
            item.found
                == "The policy names mx1.example.com, but mail for example.com goes to "
                + "mail.example.net.")
        #expect(
            item.consequence
                == "Senders that honour MTA-STS do not deliver to mail.example.net.")
        #expect(item.steps.first?.hasPrefix("Add the line \"mx: mail.example.net\"") == true)
        #expect(item.steps.last?.contains("_mta-sts.example.com") == true)
        #expect(found.meanwhile?.contains("mode: testing") == true)
    }

    @Test func `says of several hosts that the same is true`() throws {
        let found = diagnosis(
            Scene(host("a.example.net"), host("b.example.net")).policy("enforce", mx))
        let item = try #require(found.items.first { $0.code.hasPrefix("mx_match") })
        #expect(item.others == "The same is true of b.example.net.")
    }

    @Test func `says what a line of the policy is`() throws {
        let found = diagnosis(
            Scene(host()).record("v=STSv1; id=1;")
                .fetch(.ok, body: "version: STSv1\nmode: strict\nmx: \(mx)\nmax_age: 604800\n"))
        let item = try #require(found.items.first)
        #expect(item.found == "The mode in line 2 of the policy is not known: \"mode: strict\".")
        #expect(item.place == .policy)
    }

    @Test func `shows TXT records, and what a redirect leads to`() throws {
        let record = diagnosis(Scene(host()).record("v=STSv1; id=2026-01-01;"))
        #expect(record.items.first?.found.contains("\"v=STSv1; id=2026-01-01;\"") == true)
        var scene = Scene(host()).record("v=STSv1; id=1;").fetch(.http3xx)
        scene.policy?.httpStatus = 301
        scene.policy?.location = Array("https://www.example.com/".utf8)
        let item = try #require(diagnosis(scene).items.first)
        #expect(item.found.contains("status 301 and redirects to https://www.example.com/."))
    }

    @Test func `says why an answer of DNS cannot be used`() throws {
        var scene = Scene(.servfail)
        #expect(
            diagnosis(scene).items.first?.found.contains("signatures do not verify") == true)
        scene.mx = Lookup(
            status: .servfail, rcode: 2,
            extendedErrors: ExtendedDNSErrors(codes: [0, 7], text: nil))
        let expired = try #require(diagnosis(scene).items.first)
        #expect(expired.found.hasSuffix("(SERVFAIL): a DNSSEC signature has expired."))
        scene.mx = Lookup(status: .rcode, rcode: 4)
        let refused = try #require(diagnosis(scene).items.first)
        #expect(refused.found.hasSuffix("the error code 4 (NOTIMP)."))
    }

    /// RFC 8461 §3.1: 1 to 32 letters and digits, others than before.
    @Test func `proposes the time as the next id`() throws {
        let found = diagnosis(Scene(host("mail.example.net")).policy("enforce", "mx1.example.com"))
        let step = try #require(found.items.first?.steps.last)
        #expect(step.contains("\"v=STSv1; id=20261123T210000\""), "\(step)")
    }

    @Test func `writes out the lines of a policy for some hosts, not for hundreds`() throws {
        func step(_ count: Int) -> String {
            var scene = Scene(.found).record("v=STSv1; id=1;")
                .fetch(.ok, body: "version: STSv1\nmode: testing\nmax_age: 604800\n")
            let names = (0..<count).map { DomainName(canonical: "mx\($0).example.com") }
            scene.mx = Lookup(
                status: .found, records: names.map { .mx(preference: 10, exchange: $0) })
            return diagnosis(scene).items.first { $0.code == "policy.missing_mx" }?.steps.first
                ?? ""
        }
        #expect(step(16).contains("\"mx: mx15.example.com\""))
        #expect(step(17) == "Add a line \"mx: HOST\" for each host that an MX record names.")
    }

    @Test func `adapts the consequence to what is required of the host`() {
        func consequence(_ scene: Scene) -> String {
            diagnosis(scene).items.first { $0.code == "certificate.expired" }?.consequence ?? ""
        }
        let expired = host(errors: [.expired])
        #expect(consequence(Scene(expired).policy("enforce", mx)).contains("do not deliver"))
        #expect(consequence(Scene(expired).policy("testing", mx)).contains("mode testing"))
        #expect(consequence(Scene(expired)).contains("Mail still arrives"))
    }

    @Test func `says whether something is to be mended`() {
        let good = Scene(host()).policy("enforce", mx)
        #expect(diagnosis(good).need == .nothing)
        #expect(diagnosis(good).items.isEmpty)
        #expect(diagnosis(Scene(host())).need == .nothing)
        #expect(diagnosis(Scene(host()).policy("testing", mx)).need == .nothing)
        #expect(diagnosis(Scene(host()).policy("none")).need == .nothing)
        #expect(diagnosis(Scene(mx: "")).need == .nothing)
        #expect(diagnosis(Scene(host()).policy("testing", "mx.example.net")).need == .mending)
        #expect(diagnosis(Scene(.nxdomain)).need == .mending)
        #expect(diagnosis(Scene(.servfail)).need == .unknown)
        #expect(diagnosis(Scene(host(mx, .tcpTimeout)).policy("enforce", mx)).need == .unknown)
    }

    @Test func `has a headline for every verdict and reason`() {
        for verdict in Verdict.allCases {
            for reason in VerdictReason.allCases {
                let text = Headline(verdict, reason).text.general
                let title = text.prefix { $0 != ":" }
                #expect(title == title.uppercased() && text.hasSuffix("."), "\(text)")
            }
        }
    }

    @Test func `uses no word of a library and no code in its sentences`() {
        var scene = Scene(host()).record("v=STSv1; id=1;").fetch(.tooLarge)
        scene.policy?.error = "Failure writing output to destination"
        for item in diagnosis(scene).items {
            let text = [item.found, item.consequence ?? ""] + item.steps
            #expect(!text.joined().contains("Failure writing"))
            #expect(!text.joined().contains("too_large"))
        }
    }
}
