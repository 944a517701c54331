public import DNS
public import Judgement
internal import MTASTS
public import Observations

/// How one policy domain is observed, in the order in which a sending MTA would go.
///
/// # The whole story
///
/// A state machine without I/O, clock or randomness: its caller passes in what has happened
/// (`Event`) and when (`Moment`), and carries out the `Action` that it returns. It has at most one
/// action under way, and each action but the last two is followed by exactly one event:
///
///     action                  done by                                event
///     (a domain is taken up)                                         begin
///     ask                     asking DNS, three questions at most    answered
///     fetch                   fetching the policy                    fetched | busy
///     probe                   requesting the hosts' observations     observed | busy
///     park                    waiting for room, holding no slot      begin | notParked
///     pause                   waiting a second                       delayOver
///     retry                   waiting for the delay                  delayOver | stopped
///     waitForHosts            waiting for the hosts' last attempt    settled | stopped
///     finished, abandoned     writing a record, or none
///
/// **Order.** MX is looked up first, then `_mta-sts` and `_smtp._tls` together: with the answer to
/// the first a recursive resolver knows the domain's name servers, and does not ask the top-level
/// domain for them with each of the others. Where a validated NXDOMAIN answers it, nothing exists
/// below the domain, and the others are not asked (RFC 8020). Where MX is NODATA, the domain's own
/// addresses are next (implicit MX). Where the record calls for a policy, the policy host's
/// addresses are looked up, with TLSRPT's name of drafts where its own has no record, and then the
/// policy is fetched, unless an earlier scan has one that senders would still use. Then come the
/// MX hosts, all at once, as far as the options want them probed. A domain without a record whose
/// hosts are known, or not wanted, is finished by its first answers.
///
/// **Failure.** What failed transiently (`isTransient` of each status) is retried after each of
/// `retryDelays`: of the three questions, and of addresses and policy, only what failed; what has
/// been answered stays. Hosts are retried once for all domains that name them (`HostProbe`): with
/// each attempt the domain takes the hosts' new observations, and at the end it waits for their
/// last attempt. A domain that was excluded meanwhile is not retried.
///
/// **Load.** Where too many domains already wait for a policy host or an MX host (`busy`), the
/// domain is parked and restarted when there is room: from the start, or with what was seen where
/// that includes a policy. Where it cannot be parked, it waits. It then gets `busy` only where the
/// domains it waits with were parked; in that case it pauses, and tries again. Where slots for
/// retries are scarce (`isCrowded`), a policy that failed as others did at the same address is not
/// retried, and a domain that would only wait for a host is parked until that host is observed.
///
/// Of the hosts and the policy server it knows only what the events say. Its caller is responsible
/// for slots, sockets, clocks, and for who else waits for a host.
public struct DomainProbe {
    /// What has happened.
    public enum Event: Sendable {
        /// The domain is taken up, for the first time or after it was parked.
        case begin
        /// The questions are answered, in their order; the first alone where it is denied.
        case answered(Lookups)
        /// The policy was fetched, or could not be.
        indirect case fetched(PolicyObservation)
        /// What the hosts have shown so far, in their order.
        case observed([HostObservation])
        /// What the hosts have shown in the end, in their order; those are left out of which
        /// nothing more is known.
        case settled([HostObservation])
        /// Too many wait already for what was to be done.
        case busy
        /// There is no room to park.
        case notParked
        /// The time is over that was to be waited.
        case delayOver
        /// The scan stops.
        case stopped
    }

    /// What is to be done next.
    public enum Action: Sendable {
        /// Ask DNS, in this order.
        case ask([Question], in: QuestionOrder = .together)
        /// Fetch the policy; where it `mustWait`, however many others wait for the same server.
        indirect case fetch(PolicyRequest, mustWait: Bool)
        /// Find out what these hosts show, from memory where that is known.
        case probe([DomainName], mustWait: Bool)
        /// Restart when there is room: after this host was observed, or where `busy` was reported.
        case park(behind: DomainName?)
        /// Wait so many milliseconds.
        case pause(milliseconds: Int)
        /// Wait so many milliseconds before a retry, in a slot for retries.
        case retry(afterMilliseconds: Int)
        /// Wait for what these hosts show in the end; holding the same.
        case waitForHosts([DomainName])
        /// Judge what was seen; nil where the domain is excluded.
        case finished(DomainObservation?)
        /// Forget the domain: it gets no record, and is restarted when the scan is resumed.
        case abandoned
    }

    private enum State {
        case idle, asking, askingAddresses, askingPolicyAddresses, askingDraft
        case fetching, probing
        case parkingWhenBusy, parkingBehindHost, pausing, waiting, settling, ended
    }

    /// How long a domain waits that can neither continue nor be parked.
    private static let pauseMilliseconds = 1000

    /// The domain.
    public let domain: DomainName
    /// What was seen so far; nil before the first answers.
    public private(set) var seen: DomainObservation?
    /// Where mail goes by what was seen; nil before that is known.
    public private(set) var targets: MXTargets?
    private let rules: ProbeRules
    private var state = State.idle
    /// Whether it waits for servers however many others do.
    private var mustWait = false
    /// Whether slots for retries are scarce.
    private var isCrowded = false
    /// Whether it has reached a step that needs servers of others, other than name servers.
    public private(set) var needsServers = false

    /// Nothing yet, of a domain that is to be observed by `rules`.
    public init(of domain: DomainName, by rules: ProbeRules) {
        self.domain = domain
        self.rules = rules
    }

    /// Whether what was seen is kept while the domain is parked: a policy is not fetched twice.
    public var isKeptWhenParked: Bool { seen?.policyFetchStatus != nil }

    /// Takes what has happened `now`, and returns what is to be done.
    ///
    /// `isCrowded` says whether slots for domains that wait for a retry are scarce.
    public mutating func handle(
        _ event: Event, at now: Moment, isCrowded: Bool = false
    ) -> Action {
        self.isCrowded = isCrowded
        switch event {
        case .begin: return begin(now)
        case .answered(let lookups): return take(lookups, now)
        case .fetched(let policy):
            expect(.fetching)
            seen?.policy = policy
            return lookAtHosts()
        case .observed(let hosts):
            expect(.probing)
            seen?.hosts = hosts
            return endRound()
        case .settled(let hosts): return settle(hosts)
        case .busy: return giveWay()
        case .notParked: return goOnUnparked(now)
        case .delayOver: return delayOver(now)
        case .stopped:
            state = .ended
            return .abandoned
        }
    }

    private func expect(_ expected: State) {
        precondition(state == expected, "\(domain): \(state) instead of \(expected)")
    }

    // MARK: DNS

    private mutating func begin(_ now: Moment) -> Action {
        precondition([.idle, .parkingWhenBusy, .parkingBehindHost].contains(state))
        guard !rules.exclusions.excludes(domain) else {
            seen = nil
            return finish()
        }
        return seen == nil ? ask() : goOn(now)
    }

    private mutating func ask() -> Action {
        state = .asking
        return .ask(questions, in: rules.trustsAD ? .firstUnlessDenied : .first)
    }

    /// Asks again, together, those of the three questions that failed transiently: by now the
    /// domain's name servers are known, or silent.
    private mutating func askAgain() -> Action {
        state = .asking
        let failed = zip(seen?.ofQuestions ?? [], questions).filter { $0.0.status.isTransient }
        return .ask(failed.map(\.1))
    }

    /// The three questions for every domain, without those whose name is too long.
    ///
    /// `_smtp._tls` is longer than `_mta-sts`: where there is room for the first, there is for the
    /// other.
    private var questions: [Question] {
        let mx = Question(domain, .mx)
        guard let record = Question(.mtaSTS, of: domain, .txt) else { return [mx] }
        guard let tlsrpt = Question(.smtpTLS, of: domain, .txt) else { return [mx, record] }
        return [mx, record, tlsrpt]
    }

    private mutating func take(_ lookups: Lookups, _ now: Moment) -> Action {
        switch state {
        case .asking:
            if seen == nil { takeFirst(lookups) } else { takeAgain(lookups) }
            return goOn(now)
        case .askingAddresses:
            seen?.addresses = AddressLookup(lookups)
            return lookAtPolicy(now)
        case .askingDraft:
            seen?.draftTLSRPT = lookups[0]
            return lookAtHosts()
        default:
            expect(.askingPolicyAddresses)
            if lookups.count > 2 { seen?.draftTLSRPT = lookups[2] }
            return lookAtPolicyHost(AddressLookup(lookups), now)
        }
    }

    /// Takes the first answers: of a name that is denied that to MX alone, and under a name that is
    /// too long for a label there cannot be a record.
    private mutating func takeFirst(_ lookups: Lookups) {
        let isDenied = rules.trustsAD && lookups[0].provesNothingBelow
        func lookup(_ place: Int) -> Lookup {
            guard place >= lookups.count else { return lookups[place] }
            return Lookup(nonexistentBy: isDenied ? .nxdomainAbove : .nameTooLong)
        }
        var first = DomainObservation(mx: lookups[0], record: lookup(1), tlsrpt: lookup(2))
        if let prior = rules.priorState(domain) { first.previous = prior }
        seen = first
    }

    private mutating func takeAgain(_ lookups: Lookups) {
        var left = lookups[...]
        for lookup in DomainObservation.ofQuestions where isTransient(lookup) {
            guard let answer = left.popFirst() else { break }
            seen?[keyPath: lookup] = answer
        }
        if rules.trustsAD, seen?.mx.provesNothingBelow == true {
            for text in [\DomainObservation.record, \.tlsrpt] where isTransient(text) {
                seen?[keyPath: text] = Lookup(nonexistentBy: .nxdomainAbove)
            }
        }
        seen?.rounds += 1
    }

    private func isTransient(_ lookup: KeyPath<DomainObservation, Lookup>) -> Bool {
        seen?[keyPath: lookup].status.isTransient == true
    }

    // MARK: What follows from the answers

    /// Decides what follows from the answers to the three questions.
    ///
    /// Of what was seen before, only transient failures are retried.
    private mutating func goOn(_ now: Moment) -> Action {
        guard lacksAddresses else { return lookAtPolicy(now) }
        state = .askingAddresses
        return .ask(.addresses(of: domain))
    }

    /// Whether the domain's own addresses are to be looked up (RFC 5321 §5.1: implicit MX).
    private var lacksAddresses: Bool {
        seen?.mx.status == .nodata && seen?.addresses?.decisive.status.isTransient != false
    }

    private mutating func lookAtPolicy(_ now: Moment) -> Action {
        guard seen?.callsForPolicy == true, seen?.policyFetchStatus?.isTransient != false,
            let host = PolicyHost(of: domain)?.name
        else { return lookAtHosts() }
        guard rules.fetches == .all || carriedOver(on: host, now) != nil else {
            return leavePolicy(on: host)
        }
        needsServers = true
        guard !rules.exclusions.excludes(host) else {
            let known = carriedOver(on: host, now)
            seen?.policy =
                known ?? PolicyObservation(host: host, addresses: nil, status: .blocked)
            return lookAtHosts()
        }
        state = .askingPolicyAddresses
        return .ask(.addresses(of: host) + draftQuestion)
    }

    /// Goes on without the policy, which is not to be fetched; what else is asked beside it is
    /// asked all the same.
    private mutating func leavePolicy(on host: DomainName) -> Action {
        seen?.policy = PolicyObservation(host: host, addresses: nil, status: .notFetched)
        let questions = draftQuestion
        guard !questions.isEmpty else { return lookAtHosts() }
        state = .askingDraft
        return .ask(questions)
    }

    /// The question for a TLSRPT record at the name of the drafts: asked beside a policy alone, and
    /// where the name of RFC 8460 has no record, so that most domains are asked no more.
    private var draftQuestion: [Question] {
        guard let seen, seen.draftTLSRPT?.status.isTransient != false,
            [.absent, .unrelated].contains(TLSRPTStatus(of: seen.tlsrpt)),
            let question = Question(.draftTLSRPT, of: domain, .txt)
        else { return [] }
        return [question]
    }

    /// The policy in the cache of senders; nil where they would fetch it, and for the sample that
    /// is fetched in any case.
    private func carriedOver(on host: DomainName, _ now: Moment) -> PolicyObservation? {
        guard let seen, let prior = seen.previous, !rules.refetchSample.includes(domain)
        else { return nil }
        return prior.carriedOver(to: seen.record, of: host, at: now.unixSeconds)
    }

    /// Names and addresses show who serves the policy, so they are looked up for a policy known
    /// from before too.
    private mutating func lookAtPolicyHost(
        _ addresses: AddressLookup, _ now: Moment
    ) -> Action {
        guard let host = PolicyHost(of: domain) else { return lookAtHosts() }
        if var known = carriedOver(on: host.name, now) {
            known.addresses = addresses
            seen?.policy = known
            return lookAtHosts()
        }
        switch rules.fetch(of: host, at: addresses) {
        case .unfetched(let policy):
            seen?.policy = policy
            return lookAtHosts()
        case .request(let request):
            state = .fetching
            return .fetch(request, mustWait: mustWait)
        }
    }

    private mutating func lookAtHosts() -> Action {
        // What was seen is changed in place, so no other reference to it may exist here.
        targets = seen.map { MXTargets(to: domain, $0) }
        let names = targets.flatMap { targets in
            seen.map { rules.hosts.hosts(of: targets, $0) }
        }
        guard let names, !names.isEmpty else {
            seen?.hosts = []
            return endRound()
        }
        needsServers = true
        state = .probing
        return .probe(names, mustWait: mustWait)
    }

    // MARK: Retry

    /// Ends an attempt: retries, waits for the hosts, or finishes.
    private mutating func endRound() -> Action {
        if isCrowded, let seen, seen.rounds == 1 {
            if isSpared(seen) { return finish() }
            if !seen.isTransient, let host = seen.hosts.first(where: rules.mayChange) {
                state = .parkingBehindHost
                return .park(behind: host.name)
            }
        }
        return nextRound()
    }

    /// Whether a domain is not retried, since others are whose policies could not be fetched from
    /// the same address.
    private func isSpared(_ seen: DomainObservation) -> Bool {
        !seen.ofQuestions.contains { $0.status.isTransient } && seen.policy?.isShared == true
    }

    private mutating func nextRound() -> Action {
        guard seen?.isTransient == true,
            let delay = rules.retryDelay(afterRounds: seen?.rounds ?? 1)
        else { return waitForHosts() }
        mustWait = true
        state = .waiting
        return .retry(afterMilliseconds: delay)
    }

    private mutating func delayOver(_ now: Moment) -> Action {
        if state == .pausing { return goOn(now) }
        expect(.waiting)
        guard !rules.exclusions.excludes(domain) else { return waitForHosts() }
        if seen?.ofQuestions.contains(where: { $0.status.isTransient }) == true {
            return askAgain()
        }
        seen?.rounds += 1
        return goOn(now)
    }

    private mutating func waitForHosts() -> Action {
        guard let hosts = seen?.hosts, hosts.contains(where: rules.mayChange) else {
            return finish()
        }
        state = .settling
        return .waitForHosts(hosts.filter(rules.mayChange).map(\.name))
    }

    private mutating func settle(_ hosts: [HostObservation]) -> Action {
        expect(.settling)
        var all = seen?.hosts ?? []
        var left = hosts[...]
        for place in all.indices where left.first?.name == all[place].name {
            if let host = left.popFirst() { all[place] = host }
        }
        seen?.hosts = all
        return finish()
    }

    private mutating func finish() -> Action {
        state = .ended
        return .finished(seen)
    }

    // MARK: Load

    private mutating func giveWay() -> Action {
        precondition(state == .fetching || state == .probing)
        guard !mustWait else {
            state = .pausing
            return .pause(milliseconds: Self.pauseMilliseconds)
        }
        state = .parkingWhenBusy
        return .park(behind: nil)
    }

    private mutating func goOnUnparked(_ now: Moment) -> Action {
        if state == .parkingBehindHost { return nextRound() }
        expect(.parkingWhenBusy)
        mustWait = true
        return goOn(now)
    }
}

/// A policy that is to be fetched.
public struct PolicyRequest: Sendable {
    /// The policy host.
    public let host: DomainName
    /// Where it serves the policy.
    public let url: String
    /// The lookups of the host.
    public let lookups: AddressLookup
    /// Those of its addresses that may be contacted, sorted, at least one.
    public let addresses: [IPAddress]
}

extension ProbeRules {
    /// What becomes of the fetch of a policy whose host has these lookups.
    enum Fetch {
        /// It cannot be made.
        case unfetched(PolicyObservation)
        case request(PolicyRequest)
    }

    func fetch(of host: PolicyHost, at addresses: AddressLookup) -> Fetch {
        // Sorted, so that what is seen does not depend on the order of an answer.
        let allowed = addresses.sortedAddresses.filter { exclusions.refusal(of: $0) == nil }
        if let status = statusUnfetched(addresses, allowed) {
            return .unfetched(
                PolicyObservation(host: host.name, addresses: addresses, status: status))
        }
        return .request(
            PolicyRequest(
                host: host.name, url: host.url, lookups: addresses, addresses: allowed))
    }

    /// How the fetch ends that cannot be made; nil where some address is `allowed`.
    private func statusUnfetched(
        _ lookup: AddressLookup, _ allowed: [IPAddress]
    ) -> PolicyFetchStatus? {
        let found = lookup.addresses
        guard !found.isEmpty else { return lookup.fetchFailure }
        guard !exclusions.excludes(endOf: lookup) else { return .blocked }
        guard allowed.isEmpty else { return nil }
        let isBlocked = found.contains { exclusions.refusal(of: $0) == .blocked }
        return isBlocked ? .blocked : .notContacted
    }
}

extension DomainObservation {
    /// The lookups of the three questions, in their order.
    fileprivate static var ofQuestions: [WritableKeyPath<DomainObservation, Lookup>] {
        [\.mx, \.record, \.tlsrpt]
    }

    /// The lookups of the three questions, in their order.
    fileprivate var ofQuestions: [Lookup] { [mx, record, tlsrpt] }
}
