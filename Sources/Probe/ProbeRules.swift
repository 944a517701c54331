public import DNS
internal import Judgement
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

/// What is left alone, as the options and the blocklist have it at the time.
public protocol Exclusions: AnyObject {
    /// Whether nothing may be asked about the name.
    func excludes(_ name: DomainName) -> Bool
    /// Why the address is left alone; nil where it may be contacted.
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
    let scope: ProbeScope
    let mxHostLimit: Int
    let retryDelays: [Int]
    let trustsAD: Bool
    let exclusions: any Exclusions
    let priorState: (DomainName) -> PriorState?
    let refetchSample: RefetchSample

    /// Rules of these parts.
    ///
    /// - Parameters:
    ///   - scope: which MX hosts are probed.
    ///   - mxHostLimit: how many MX hosts of one domain are looked at.
    ///   - retryDelays: after how many milliseconds what failed transiently is asked again, once
    ///     each.
    ///   - trustsAD: whether AD bits count.
    ///   - exclusions: what is left alone.
    ///   - priorState: what an earlier scan knows of a domain.
    ///   - refetchSample: which policies known from then are fetched all the same.
    public init(
        scope: ProbeScope, mxHostLimit: Int, retryDelays: [Int], trustsAD: Bool,
        exclusions: any Exclusions, priorState: @escaping (DomainName) -> PriorState?,
        refetchSample: RefetchSample
    ) {
        self.scope = scope
        self.mxHostLimit = mxHostLimit
        self.retryDelays = retryDelays
        self.trustsAD = trustsAD
        self.exclusions = exclusions
        self.priorState = priorState
        self.refetchSample = refetchSample
    }

    /// Whether the MX hosts of a domain with a record, or without one, are probed.
    func probesHosts(hasRecord: Bool) -> Bool {
        switch scope {
        case .all: true
        case .records: hasRecord
        case .none: false
        }
    }

    // MARK: Retry

    /// After how many milliseconds that is asked again which has failed transiently in each of so
    /// many rounds; nil where it is not.
    func retryDelay(afterRounds rounds: Int) -> Int? {
        rounds <= retryDelays.count ? retryDelays[rounds - 1] : nil
    }

    /// Whether a host may yet show something else, since it is being tried again.
    ///
    /// One that has its number has shown all it will, whatever rounds were left.
    func mayChange(_ host: HostObservation) -> Bool {
        host.isTransient && host.number == 0 && retryDelay(afterRounds: host.rounds) != nil
    }
}
