import DNS
import Testing

@testable import Resolver

@Suite struct HealthCheckTests {
    private static let names = (0..<32).map { DomainName(canonical: "name\($0).example") }

    /// What a healthy server brings, `change` laid over: the status of each question.
    private func findings(
        rootServer: String = "ns.lab",
        _ change: (Question) -> LookupStatus? = { _ in nil }
    ) -> HealthFindings {
        func lookup(_ question: Question, _ status: LookupStatus) -> Lookup {
            Lookup(status: change(question) ?? status, rcode: 0)
        }
        let root = Question(.root, .soa)
        let random = Question(DomainName(canonical: "qqqqqqqqqqqqqqqq"), .a)
        var findings = HealthFindings()
        findings.root = lookup(root, .found)
        findings.denial = lookup(random, .nxdomain)
        let server = DomainName(canonical: rootServer)
        findings.rootServers = Lookup(status: .found, rcode: 0, records: [.ns(server)])
        let known =
            HealthQuestions.topLevel.map { Question($0, .ns) } + [Question(server, .a)]
            + HealthQuestions.sample(Self.names).filter { $0.type == .mx }
        findings.known = known.map { ($0, lookup($0, .found)) }
        findings.random = HealthQuestions.random(
            below: HealthQuestions.parents(of: Self.names), [.a, .mx, .txt]
        ).map { ($0.parent, $0.question, lookup($0.question, .nxdomain)) }
        return findings
    }

    private func faults(_ all: HealthFindings...) -> [HealthFault?] {
        HealthFindings.faults(all, [])
    }

    private static func isRandom(_ question: Question) -> Bool {
        question.name.labels.first?.count == 16
    }

    @Test func `a healthy server has no fault`() {
        #expect(faults(findings(), findings()) == [nil, nil])
    }

    @Test func `refusal, failure and silence are told apart`() {
        #expect(findings { _ in .refused }.fault == .refuses)
        #expect(findings { _ in .servfail }.fault == .fails)
        #expect(HealthFindings().fault == .silent)
    }

    @Test func `what is late says nothing of the rest`() {
        var answered = findings()
        #expect(answered.isConclusive && HealthFindings().isConclusive)
        for place in answered.known.indices.dropFirst(27) { answered.known[place].lookup = nil }
        #expect(answered.known.count == 41 && !answered.isConclusive && answered.fault == nil)
        answered.known[40].lookup = answered.known[0].lookup
        #expect(answered.isConclusive)
    }

    @Test func `one that denies all but the root, or empties it, is found alone`() {
        for status in [LookupStatus.nxdomain, .nodata] {
            let liar = findings {
                $0.name.isRoot || $0.name.labels.count == 1 && Self.isRandom($0) ? nil : status
            }
            #expect(liar.fault == .findsNothing)
        }
    }

    @Test func `one that has addresses for all names below top-level domains is found alone`() {
        let liar = findings {
            Self.isRandom($0) && $0.name.labels.count > 1 && $0.type == .a ? .found : nil
        }
        #expect(liar.fault?.isLie == true)
    }

    @Test func `a wildcard below one top-level domain is none of its doing`() {
        let wildcard = findings {
            Self.isRandom($0) && $0.name.text.hasSuffix(".de") ? .found : nil
        }
        #expect(faults(wildcard, findings()) == [nil, nil])
    }

    @Test func `one that denies every other name is found by what another finds`() {
        let gone = Set(Self.names.enumerated().filter { $0.offset % 2 == 0 }.map(\.element))
        let liar = findings { gone.contains($0.name) ? .nxdomain : nil }
        #expect(liar.fault == nil, "alone nothing says so")
        let found = faults(liar, findings())
        #expect(found[0]?.isLie == true)
        #expect(found[1] == nil)
    }

    @Test func `filters on single names and names of a split view are no lies`() {
        let few = Set(Self.names.prefix(2))
        let filter = findings { few.contains($0.name) ? .nxdomain : nil }
        #expect(faults(filter, findings()) == [nil, nil])
        let view = findings { few.contains($0.name) ? .nodata : nil }
        #expect(faults(findings(), view) == [nil, nil])
    }

    @Test func `top-level domains must be there where the root is the Internet's`() {
        let few = { (question: Question) -> LookupStatus? in
            ["net", "org", "jp"].contains(question.name.text) ? .nxdomain : nil
        }
        #expect(findings(few).fault == nil)
        #expect(findings(rootServer: "a.root-servers.net", few).fault?.isLie == true)
    }
}
