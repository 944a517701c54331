public import DNS
public import MTASTS
public import Observations

/// How one policy is fetched, without its domain: as `DomainProbe` does it for a domain with a
/// record.
///
/// A state machine as `HostProbe` is. What failed transiently is retried from the start, addresses
/// and all, after each of `retryDelays`.
public struct PolicyProbe {
    /// What has happened.
    public enum Event: Sendable {
        /// The policy is taken up.
        case begin
        /// The questions are answered, in their order.
        case answered(Lookups)
        /// The policy was fetched, or could not be.
        indirect case fetched(PolicyObservation)
        /// The time is over that was to be waited.
        case delayOver
    }

    /// What is to be done next.
    public enum Action: Sendable {
        /// Ask DNS.
        case ask([Question])
        /// Fetch the policy.
        indirect case fetch(PolicyRequest)
        /// Wait so many milliseconds before another attempt.
        case retry(afterMilliseconds: Int)
        /// This was seen, in the last attempt.
        indirect case finished(PolicyObservation)
    }

    private enum State { case idle, asking, fetching, waiting, ended }

    /// The policy host.
    public let host: PolicyHost
    /// How many attempts were begun.
    public private(set) var rounds = 0
    private let rules: ProbeRules
    private var state = State.idle
    /// When the attempt began, seconds since 1970.
    private var startedAt: Int64 = 0

    /// Nothing yet, of a policy that is to be fetched by `rules`.
    public init(of host: PolicyHost, by rules: ProbeRules) {
        self.host = host
        self.rules = rules
    }

    /// Takes what has happened `now`, and returns what is to be done.
    public mutating func handle(_ event: Event, at now: Moment) -> Action {
        switch event {
        case .begin:
            expect(.idle)
            return beginRound(now)
        case .delayOver:
            expect(.waiting)
            return beginRound(now)
        case .answered(let lookups):
            expect(.asking)
            switch rules.fetch(of: host, at: AddressLookup(lookups)) {
            case .unfetched(let policy): return endRound(policy)
            case .request(let request):
                state = .fetching
                return .fetch(request)
            }
        case .fetched(let policy):
            expect(.fetching)
            return endRound(policy)
        }
    }

    private func expect(_ expected: State) {
        precondition(state == expected, "\(host.name): \(state) instead of \(expected)")
    }

    private mutating func beginRound(_ now: Moment) -> Action {
        rounds += 1
        startedAt = now.unixSeconds
        guard !rules.exclusions.excludes(host.name) else {
            return endRound(
                PolicyObservation(host: host.name, addresses: nil, status: .blocked))
        }
        state = .asking
        return .ask(.addresses(of: host.name))
    }

    private mutating func endRound(_ policy: PolicyObservation) -> Action {
        var policy = policy
        policy.fetchedAt = startedAt
        guard policy.status.isTransient(afterRounds: rounds),
            let delay = rules.retryDelay(afterRounds: rounds)
        else {
            state = .ended
            return .finished(policy)
        }
        state = .waiting
        return .retry(afterMilliseconds: delay)
    }
}
