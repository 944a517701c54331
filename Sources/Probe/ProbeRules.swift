public import DNS
public import Judgement
public import Observations

/// Which MX hosts are probed over SMTP.
public enum ProbeScope: String, Sendable, CaseIterable {
    /// Those of every domain.
    case all
    /// Those of domains that have an MTA-STS record or TLSA records.
    case records
    /// None.
    case none
}

/// Which policies are fetched.
public enum FetchScope: String, Sendable, CaseIterable {
    /// Those that records call for.
    case all
    /// None.
    case none
}

/// Which MX hosts of a domain are observed, by the options of a scan.
public struct HostChoice: Sendable {
    /// Those of which domains.
    public var scope: ProbeScope
    /// The most of one domain.
    public var limit: Int

    /// A choice of these parts.
    public init(scope: ProbeScope, limit: Int) {
        self.scope = scope
        self.limit = limit
    }

    /// The hosts that are observed of a domain with such lookups and targets.
    public func hosts(
        of targets: MXTargets, _ seen: borrowing DomainObservation
    ) -> [DomainName] {
        switch scope {
        case .all: return targets.hosts(limit: limit)
        case .records: return seen.callsForPolicy ? targets.hosts(limit: limit) : []
        case .none: return []
        }
    }
}

extension DomainObservation {
    /// Whether there is a record that calls for a policy (RFC 8461 §3.3).
    public var callsForPolicy: Bool { STSRecordStatus(of: record).callsForFetch }
}

/// A point in time by both clocks.
public struct Moment: Sendable {
    /// Milliseconds of the monotonic clock, from some point in the past: for durations.
    public var milliseconds: Int64
    /// Whole seconds since 1970: for timestamps.
    public var unixSeconds: Int64

    /// The same point by the monotonic clock and by the wall clock.
    public init(milliseconds: Int64, unixSeconds: Int64) {
        self.milliseconds = milliseconds
        self.unixSeconds = unixSeconds
    }
}

/// What is not contacted, by the options and the current blocklist.
public protocol Exclusions: AnyObject {
    /// Whether the name may not be looked up.
    func excludes(_ name: DomainName) -> Bool
    /// Why the address is not contacted; nil where it may be.
    func refusal(of address: IPAddress) -> ProbeStatus?
}

extension Exclusions {
    /// Whether the name that was looked up is an alias of one that is excluded.
    func excludes(endOf lookup: AddressLookup) -> Bool {
        (lookup.a.aliases + lookup.aaaa.aliases).contains { excludes($0) }
    }
}

/// What the options of a scan say of how domains and hosts are observed: one object for all of a
/// loop.
public final class ProbeRules {
    let hosts: HostChoice
    let fetches: FetchScope
    let retryDelays: [Int]
    let trustsAD: Bool
    let exclusions: any Exclusions
    let priorState: (DomainName) -> PriorState?
    let refetchSample: RefetchSample

    /// Rules of these parts.
    ///
    /// - Parameters:
    ///   - hosts: which MX hosts are observed.
    ///   - fetches: which policies are fetched.
    ///   - retryDelays: the delay in milliseconds before each retry of what failed transiently.
    ///   - trustsAD: whether AD bits count.
    ///   - exclusions: what is not contacted.
    ///   - priorState: what an earlier scan knows of a domain.
    ///   - refetchSample: which policies known from then are fetched again as a sample.
    public init(
        hosts: HostChoice, fetches: FetchScope = .all, retryDelays: [Int], trustsAD: Bool,
        exclusions: any Exclusions, priorState: @escaping (DomainName) -> PriorState?,
        refetchSample: RefetchSample
    ) {
        self.hosts = hosts
        self.fetches = fetches
        self.retryDelays = retryDelays
        self.trustsAD = trustsAD
        self.exclusions = exclusions
        self.priorState = priorState
        self.refetchSample = refetchSample
    }

    // MARK: Retry

    /// The delay in milliseconds before what has failed transiently in so many attempts is retried;
    /// nil where it is not.
    func retryDelay(afterRounds rounds: Int) -> Int? {
        rounds <= retryDelays.count ? retryDelays[rounds - 1] : nil
    }

    /// Whether the observation of a host may yet change, since it is being retried.
    ///
    /// One that has its number is final, whatever attempts were left.
    func mayChange(_ host: HostObservation) -> Bool {
        host.isTransient && host.number == 0 && retryDelay(afterRounds: host.rounds) != nil
    }
}
