import DNS
import Judgement
import MTASTS
import Observations
import Probe
import Testing

// Transcripts: what a probe is told, line by line, and what it asks for.

/// What happens to one domain.
struct DomainTranscript {
    private var probe: DomainProbe
    /// When things happen.
    var now = Moment(milliseconds: 0, unixSeconds: 1000)

    /// Whether MX is still to be answered, before the questions for both records.
    private var isAskingMX = false

    /// A domain that is taken up now, whose MX is asked for.
    init(
        _ domain: String = "a.example", by rules: ProbeRules = .test(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        probe = DomainProbe(of: DomainName(canonical: domain), by: rules)
        on(.begin, expect: "ask MX \(domain)", sourceLocation: sourceLocation)
        isAskingMX = true
    }

    /// A domain that is not yet taken up.
    init(idle domain: String, by rules: ProbeRules = .test()) {
        probe = DomainProbe(of: DomainName(canonical: domain), by: rules)
    }

    /// What was seen so far.
    var seen: DomainObservation? { probe.seen }

    var isKeptWhenParked: Bool { probe.isKeptWhenParked }

    /// Tells the domain what happens, and compares what it asks for.
    mutating func on(
        _ event: DomainProbe.Event, isCrowded: Bool = false, expect expected: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let action = probe.handle(event, at: now, isCrowded: isCrowded)
        #expect(action.text == expected, sourceLocation: sourceLocation)
    }

    /// The same for answers in the order of the questions; the first of three to the domain's first
    /// questions comes before the others are asked.
    mutating func answers(
        _ lookups: Lookup..., isCrowded: Bool = false, expect expected: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var left = lookups[...]
        if isAskingMX, lookups.count == 3, let mx = left.popFirst() {
            let name = probe.domain
            on(
                .answered(Lookups([mx])), isCrowded: isCrowded,
                expect: "ask TXT _mta-sts.\(name), TXT _smtp._tls.\(name)",
                sourceLocation: sourceLocation)
        }
        isAskingMX = false
        on(
            .answered(Lookups(Array(left))), isCrowded: isCrowded, expect: expected,
            sourceLocation: sourceLocation)
    }
}

/// What happens to one MX host.
struct HostTranscript {
    private var probe: HostProbe
    /// When things happen.
    var now = Moment(milliseconds: 0, unixSeconds: 1000)

    /// A host that is not yet taken up.
    init(
        _ host: String = "mx.example", by rules: ProbeRules = .test(), mustWait: Bool = false
    ) {
        probe = HostProbe(of: DomainName(canonical: host), by: rules, mustWait: mustWait)
    }

    /// A host of which DNS alone is asked.
    init(ofDNSAlone host: String, by rules: ProbeRules = .test()) {
        probe = HostProbe(
            of: DomainName(canonical: host), by: rules, mustWait: true, to: .addresses)
    }

    /// A host whose lookups are known.
    init(known host: HostObservation, by rules: ProbeRules = .test()) {
        probe = HostProbe(of: host, by: rules, mustWait: true)
    }

    /// Tells the host what happens, and compares what it asks for.
    mutating func on(
        _ event: HostProbe.Event, isCrowded: Bool = false, expect expected: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let action = probe.handle(event, at: now, isCrowded: isCrowded)
        #expect(action.text == expected, sourceLocation: sourceLocation)
    }

    /// The same for answers in the order of the questions.
    mutating func answers(
        _ lookups: Lookup..., expect expected: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        on(.answered(Lookups(lookups)), expect: expected, sourceLocation: sourceLocation)
    }
}

/// What happens to one policy.
struct PolicyTranscript {
    private var probe: PolicyProbe
    /// When things happen.
    var now = Moment(milliseconds: 0, unixSeconds: 1000)

    /// A policy that is not yet taken up.
    init(_ host: PolicyHost, by rules: ProbeRules = .test()) {
        probe = PolicyProbe(of: host, by: rules)
    }

    /// Tells the policy what happens, and compares what it asks for.
    mutating func on(
        _ event: PolicyProbe.Event, expect expected: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let action = probe.handle(event, at: now)
        #expect(action.text == expected, sourceLocation: sourceLocation)
    }

    /// The same for answers in the order of the questions.
    mutating func answers(
        _ lookups: Lookup..., expect expected: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        on(.answered(Lookups(lookups)), expect: expected, sourceLocation: sourceLocation)
    }
}

// MARK: Rules

/// What a test leaves alone.
final class Excluded: Exclusions {
    var names: Set<String>
    var addresses: [String: ProbeStatus]

    init(_ names: Set<String> = [], addresses: [String: ProbeStatus] = [:]) {
        self.names = names
        self.addresses = addresses
    }

    func excludes(_ name: DomainName) -> Bool { names.contains(name.text) }
    func refusal(of address: IPAddress) -> ProbeStatus? { addresses["\(address)"] }
}

extension ProbeRules {
    /// Rules of a scan with these options.
    static func test(
        scope: ProbeScope = .all, mxHostLimit: Int = 64, fetches: FetchScope = .all,
        retryDelays: [Int] = [10_000, 60_000],
        trustsAD: Bool = true, without excluded: Excluded = Excluded(),
        prior: PriorState? = nil, refetched share: Double = 0
    ) -> ProbeRules {
        ProbeRules(
            hosts: HostChoice(scope: scope, limit: mxHostLimit), fetches: fetches,
            retryDelays: retryDelays, trustsAD: trustsAD,
            exclusions: excluded, priorState: { _ in prior },
            refetchSample: RefetchSample(share: share, seed: 1))
    }
}

// MARK: Facts

let none = Lookup(status: .nodata)
let gone = Lookup(status: .nxdomain)
let failed = Lookup(status: .servfail)
let record = Lookup(status: .found, records: [.txt([Array("v=STSv1; id=1;".utf8)])])

func mx(_ hosts: String...) -> Lookup {
    let records = hosts.enumerated().map { place, host in
        RecordData.mx(preference: UInt16(place), exchange: DomainName(canonical: host))
    }
    return Lookup(status: .found, records: records)
}

/// Addresses of a name, authenticated or not, at the end of a chain of aliases.
func addresses(
    _ texts: String..., aliases: [String] = [], isAuthenticated: Bool = false
) -> Lookup {
    let found = texts.compactMap { IPAddress($0) }
    return Lookup(
        status: found.isEmpty ? .nodata : .found, isAuthenticated: isAuthenticated,
        aliases: aliases.map { DomainName(canonical: $0) },
        records: found.map { $0.isV4 ? .a($0) : .aaaa($0) })
}

func tlsa(isAuthenticated: Bool = true) -> Lookup {
    let record = TLSARecord(usage: 3, selector: 1, matchingType: 1, data: [1])
    return Lookup(status: .found, isAuthenticated: isAuthenticated, records: [.tlsa(record)])
}

func policy(_ status: PolicyFetchStatus, isShared: Bool = false) -> PolicyObservation {
    var policy = PolicyObservation(
        host: DomainName(canonical: "mta-sts.a.example"), addresses: nil, status: status)
    policy.isShared = isShared
    return policy
}

func host(
    _ name: String, _ status: ProbeStatus, rounds: Int = 1, number: Int = 0
) -> HostObservation {
    HostObservation(
        name: DomainName(canonical: name), addresses: nil, tlsa: nil, tlsaBase: nil,
        status: status, sessions: [], observedAt: 0, durationMS: 0, rounds: rounds, number: number)
}

func session(
    _ address: String, _ status: ProbeStatus, _ observed: Observed = .direct
) throws -> SessionObservation {
    var session = SessionObservation(address: try #require(IPAddress(address)), status: status)
    session.observed = observed
    return session
}

extension Lookups {
    fileprivate init(_ lookups: [Lookup]) {
        self.init(count: lookups.count)
        for (place, lookup) in lookups.enumerated() { self[place] = lookup }
    }
}

// MARK: Actions as text

extension [Question] {
    fileprivate var text: String {
        "ask "
            + map { "\("\($0.type)".uppercased()) \($0.name.text)" }.joined(separator: ", ")
    }
}

extension [DomainName] {
    fileprivate var text: String { map(\.text).joined(separator: ", ") }
}

extension [IPAddress] {
    fileprivate var text: String { map { "\($0)" }.joined(separator: ", ") }
}

extension DomainProbe.Action {
    fileprivate var text: String {
        switch self {
        case .ask(let questions): questions.text
        case .fetch(let request, let mustWait):
            "fetch \(request.url) at \(request.addresses.text)" + (mustWait ? ", must wait" : "")
        case .probe(let hosts, let mustWait):
            "probe \(hosts.text)" + (mustWait ? ", must wait" : "")
        case .park(nil): "park"
        case .park(let host?): "park behind \(host.text)"
        case .pause(let milliseconds): "pause for \(milliseconds) ms"
        case .retry(let milliseconds): "retry after \(milliseconds) ms"
        case .waitForHosts(let hosts): "wait for \(hosts.text)"
        case .finished(let seen): seen.map(\.text) ?? "finished: excluded"
        case .abandoned: "abandoned"
        }
    }
}

extension DomainObservation {
    fileprivate var text: String {
        var parts = ["MX \(mx.status.rawValue)", "record \(record.status.rawValue)"]
        if let addresses { parts.append("addresses \(addresses.decisive.status.rawValue)") }
        if let policy { parts.append("policy \(policy.status.rawValue)") }
        parts += hosts.map { "\($0.name.text) \($0.status.rawValue)" }
        return "finished in round \(rounds): \(parts.joined(separator: ", "))"
    }
}

extension PolicyProbe.Action {
    fileprivate var text: String {
        switch self {
        case .ask(let questions): questions.text
        case .fetch(let request): "fetch \(request.url) at \(request.addresses.text)"
        case .retry(let milliseconds): "retry after \(milliseconds) ms"
        case .finished(let policy):
            "finished: \(policy.status.rawValue) at \(policy.fetchedAt ?? 0)"
        }
    }
}

extension HostProbe.Action {
    fileprivate var text: String {
        switch self {
        case .ask(let questions): questions.text
        case .connect(let request):
            "connect to \(request.addresses.text)"
                + (request.tlsaBase.map { $0 == request.host ? "" : " as \($0.text), too," } ?? "")
                + (request.tlsa.isEmpty ? "" : " with \(request.tlsa.count) TLSA")
                + (request.mustWait ? ", must wait" : "")
        case .retry(let seen, let milliseconds): "retry after \(milliseconds) ms: \(seen.text)"
        case .finished(let seen): "finished in round \(seen.rounds): \(seen.text)"
        case .abandoned: "abandoned"
        }
    }
}

extension HostObservation {
    fileprivate var text: String {
        "\(status.rawValue)" + (tlsaBase.map { ", TLSA of \($0.text)" } ?? "")
            + " at \(observedAt) for \(durationMS) ms"
    }
}
