internal import Archive
internal import DNS
internal import Judgement
internal import Observations
internal import Probe
internal import RecordReading
internal import Records

/// Where a host record stands among those that were read.
struct HostPosition: Hashable, Sendable {
    /// The number of its source.
    let source: Int
    let file: Int
    /// The first byte of its frame.
    let offset: Int
    let line: Int

    init(_ place: RecordPosition, source: Int) {
        self.source = source
        file = place.frame.file
        offset = place.frame.offset
        line = place.line
    }

    private var key: (Int, Int, Int, Int) { (source, file, offset, line) }

    /// Whether it comes before another in the order of reading.
    func isBefore(_ other: HostPosition) -> Bool { key < other.key }
}

/// The hosts that domains are judged by, each once: the newest observation, and of equally new ones
/// the first.
struct KnownHosts: RecordJudge {
    struct Host: Sendable {
        let seen: HostObservation
        let place: HostPosition

        fileprivate func isBetter(than other: Host) -> Bool {
            seen.observedAt == other.seen.observedAt
                ? place.isBefore(other.place) : seen.observedAt > other.seen.observedAt
        }
    }

    let source: Int
    private(set) var hosts: [DomainName: Host] = [:]
    private(set) var failure: (place: RecordPosition, message: String)?

    init(source: Int = 0) { self.source = source }

    mutating func add(_ record: StoredRecord) {
        do throws(ObservationError) {
            let seen = try HostObservation(record: record.value)
            keep(
                Host(seen: seen.forJudging, place: HostPosition(record.place, source: source)))
        } catch {
            failure = failure ?? (record.place, "\(error)")
        }
    }

    private mutating func keep(_ host: Host) {
        if let known = hosts[host.seen.name], !host.isBetter(than: known) { return }
        hosts[host.seen.name] = host
    }

    mutating func merge(_ other: KnownHosts) { for host in other.hosts.values { keep(host) } }
}

/// The policies that domains are judged by, by policy host: the newest fetch of each.
struct KnownPolicies: RecordJudge {
    private(set) var policies: [DomainName: ObservedPolicy] = [:]
    private(set) var failure: (place: RecordPosition, message: String)?

    mutating func add(_ record: StoredRecord) {
        do throws(ObservationError) {
            keep(try ObservedPolicy(record: record.value))
        } catch {
            failure = failure ?? (record.place, "\(error)")
        }
    }

    private mutating func keep(_ policy: ObservedPolicy) {
        let host = policy.policy.host
        let known = policies[host]?.policy.fetchedAt ?? .min
        guard policies[host] == nil || policy.policy.fetchedAt ?? .min > known else { return }
        policies[host] = policy
    }

    mutating func merge(_ other: KnownPolicies) {
        for policy in other.policies.values { keep(policy) }
    }
}

/// What has no record although a domain is to be judged by it.
struct Missing: Sendable {
    /// How many names are kept.
    private static let namesMax = 10

    private(set) var names: Set<DomainName> = []
    /// How often one was missed.
    private(set) var count = 0

    mutating func add(_ name: DomainName) {
        count += 1
        if names.count < Self.namesMax { names.insert(name) }
    }

    mutating func merge(_ other: Missing) {
        count += other.count
        names.formUnion(other.names.prefix(max(0, Self.namesMax - names.count)))
    }

    /// The first of the names, by the alphabet, as they end a sentence.
    var words: String {
        let shown = names.map(\.text).sorted()
        return shown.joined(separator: ", ") + (count > shown.count ? " …" : "")
    }
}

/// The hosts and policies of other records, joined by name.
struct JoinedFacts: DomainCompletion {
    let choice: HostChoice
    let hosts: [DomainName: KnownHosts.Host]
    let policies: [DomainName: ObservedPolicy]
    /// The hosts that domains were judged by.
    private(set) var used: Set<DomainName> = []
    private(set) var missingHosts = Missing()
    private(set) var missingPolicies = Missing()

    init(
        _ choice: HostChoice, hosts: [DomainName: KnownHosts.Host],
        policies: [DomainName: ObservedPolicy]
    ) {
        self.choice = choice
        self.hosts = hosts
        self.policies = policies
    }

    mutating func complete(_ domain: ObservedDomain) throws(ObservationError) -> CompletedDomain? {
        guard let name = domain.entry.domain, var seen = domain.observation else { return nil }
        var networks = domain.policyNetworks
        if let host = seen.policy?.host {
            if let known = policies[host] {
                (seen.policy, networks) = (known.policy, known.networks)
            } else if seen.policyFetchStatus == .notFetched {
                missingPolicies.add(host)
            }
        }
        let targets = MXTargets(to: name, seen)
        seen.hosts = choice.hosts(of: targets, seen).map { observation(of: $0) }
        return CompletedDomain(
            name: name, seen: seen, targets: targets, policyNetworks: networks)
    }

    private mutating func observation(of name: DomainName) -> HostObservation {
        guard let known = hosts[name] else {
            missingHosts.add(name)
            return .notProbed(name)
        }
        used.insert(name)
        return known.seen
    }

    mutating func merge(_ other: JoinedFacts) {
        used.formUnion(other.used)
        missingHosts.merge(other.missingHosts)
        missingPolicies.merge(other.missingPolicies)
    }
}
