public import DNS
internal import Judgement
public import Observations

/// How one MX host is observed, once for all domains that name it.
///
/// A state machine as `DomainProbe` is: events in, actions out, time an argument.
///
///     action      done by                                                  event
///     (a host is taken up)                                                 begin
///     ask         asking DNS                                               answered
///     connect     SMTP sessions with the host, its own or shared ones      connected | busy
///     retry       reporting what was seen, waiting for the delay           delayOver
///     finished    keeping and writing what was seen
///     abandoned   reporting that too many wait
///
/// **Order.** Addresses first; TLSA only where those are authenticated, at the end of a secure
/// alias chain and then at the name itself; then SMTP, with addresses in the order of their octets,
/// not of an answer. A host without addresses, with a name that is no host's, or excluded by name
/// or alias, is not contacted.
///
/// **In two parts.** A probe to the extent of `addresses` asks DNS alone and ends before a
/// connection. One that is given such an observation (`known`) begins with the connection, in each
/// attempt: what DNS has said is not asked for again.
///
/// **Names.** A sender under MTA-STS asks for the host by its own name (RFC 8461 §7.1), one under
/// DANE by the TLSA base domain (RFC 7672 §8.1). Where those differ, each gets its own session.
///
/// **Failure.** What failed transiently is retried from the start, addresses and all, after each of
/// `retryDelays`; what the host showed first is known meanwhile. Where slots for retries are scarce
/// (`isCrowded`), a host that failed as others at its address did is not retried: the retries of
/// the others count for it. A host that finds its servers `busy` is abandoned in its first attempt,
/// unless the domains that need it cannot be parked; later attempts always wait.
public struct HostProbe {
    /// What has happened.
    public enum Event: Sendable {
        /// The host is taken up.
        case begin
        /// The questions are answered, in their order.
        case answered(Lookups)
        /// The sessions, one for each address and name asked for.
        case connected([SessionObservation])
        /// Too many wait already for its servers.
        case busy
        /// The time is over that was to be waited.
        case delayOver
    }

    /// What is to be done next.
    public enum Action: Sendable {
        /// Ask DNS.
        case ask([Question])
        /// Connect to the host.
        indirect case connect(SessionRequest)
        /// The host has shown this; wait so many milliseconds before it is tried again.
        case retry(HostObservation, afterMilliseconds: Int)
        /// The host has shown this, and is not tried again.
        case finished(HostObservation)
        /// The host is to be probed later.
        case abandoned
    }

    private enum State { case idle, askingAddresses, askingTLSA, connecting, waiting, ended }

    /// The TLSA records of a host and the name at which they were found.
    private struct TLSALookup {
        let lookup: Lookup
        let base: DomainName
    }

    /// The host.
    public let name: DomainName
    private let rules: ProbeRules
    private let extent: HostExtent
    /// What DNS has said before; nil where it is to be asked.
    private let known: HostObservation?
    private var state = State.idle
    /// Whether it waits for servers however many others do.
    private var mustWait: Bool
    /// Whether slots for retries are scarce.
    private var isCrowded = false
    private var round = 1
    /// When the attempt began.
    private var start = Moment(milliseconds: 0, unixSeconds: 0)
    private var addresses: AddressLookup?
    /// The names at which TLSA records are still to be looked up.
    private var tlsaBases: [DomainName] = []
    private var tlsa: TLSALookup?
    /// What the last attempt has shown.
    private var seen: HostObservation?

    /// Nothing yet, of a host that is to be observed by `rules`; one that `mustWait` is waited for
    /// even where its servers are busy.
    public init(
        of name: DomainName, by rules: ProbeRules, mustWait: Bool, to extent: HostExtent = .all
    ) {
        self.name = name
        self.rules = rules
        self.extent = extent
        self.mustWait = mustWait
        known = nil
    }

    /// Nothing yet, of a host whose lookups are `known`.
    public init(of known: HostObservation, by rules: ProbeRules, mustWait: Bool) {
        name = known.name
        self.rules = rules
        extent = .all
        self.mustWait = mustWait
        self.known = known
    }

    /// Takes what has happened `now`, and returns what is to be done.
    ///
    /// `isCrowded` says whether slots for hosts that wait for a retry are scarce.
    public mutating func handle(
        _ event: Event, at now: Moment, isCrowded: Bool = false
    ) -> Action {
        self.isCrowded = isCrowded
        switch event {
        case .begin:
            expect(.idle)
            return beginRound(now)
        case .answered(let lookups) where state == .askingAddresses:
            return take(AddressLookup(lookups), now)
        case .answered(let lookups):
            expect(.askingTLSA)
            return takeTLSA(lookups[0], now)
        case .connected(let sessions):
            expect(.connecting)
            return endRound(.notProbed, sessions, now)
        case .busy: return giveWay()
        case .delayOver:
            expect(.waiting)
            round += 1
            mustWait = true
            return beginRound(now)
        }
    }

    private func expect(_ expected: State) {
        precondition(state == expected, "\(name): \(state) instead of \(expected)")
    }

    // MARK: DNS

    private mutating func beginRound(_ now: Moment) -> Action {
        start = now
        addresses = nil
        tlsa = nil
        tlsaBases = []
        guard !MXTarget.classify(name).isJunk else { return endRound(.junkName, [], now) }
        guard !rules.exclusions.excludes(name) else { return endRound(.blocked, [], now) }
        if let known, let addresses = known.addresses {
            tlsa = known.tlsa.flatMap { lookup in
                known.tlsaBase.map { TLSALookup(lookup: lookup, base: $0) }
            }
            return take(addresses, now)
        }
        state = .askingAddresses
        return .ask(.addresses(of: name))
    }

    private mutating func take(_ lookup: AddressLookup, _ now: Moment) -> Action {
        addresses = lookup
        let found = lookup.addresses
        guard !found.isEmpty else { return endRound(lookup.probeFailure, [], now) }
        guard !rules.exclusions.excludes(endOf: lookup) else {
            let sessions = lookup.sortedAddresses.map {
                SessionObservation(address: $0, status: .blocked)
            }
            return endRound(.blocked, sessions, now)
        }
        guard known == nil else { return connect(now) }
        tlsaBases = lookup.isSecure && rules.trustsAD ? bases(lookup) : []
        return askTLSA(now)
    }

    /// RFC 7672 §2.2.2: the end of a secure alias chain is looked up first, then the name itself.
    ///
    /// Looked up only where the addresses are authenticated: elsewhere it would not count, and many
    /// broken name servers do not answer such questions.
    private func bases(_ lookup: AddressLookup) -> [DomainName] {
        let candidates = (lookup.decisive.aliases.last.map { [$0] } ?? []) + [name]
        return candidates.filter { $0.prefixed(by: smtpService) != nil }
    }

    private mutating func askTLSA(_ now: Moment) -> Action {
        guard let base = tlsaBases.first?.prefixed(by: smtpService) else { return connect(now) }
        state = .askingTLSA
        return .ask([Question(base, .tlsa)])
    }

    private mutating func takeTLSA(_ lookup: Lookup, _ now: Moment) -> Action {
        tlsa = TLSALookup(lookup: lookup, base: tlsaBases.removeFirst())
        let isLast = lookup.status == .found || !lookup.status.isAnswer
        return isLast ? connect(now) : askTLSA(now)
    }

    // MARK: SMTP

    private mutating func connect(_ now: Moment) -> Action {
        guard extent == .all else { return endRound(.notProbed, [], now) }
        state = .connecting
        let isSecure = tlsa?.lookup.status == .found && tlsa?.lookup.isAuthenticated == true
        let records = isSecure ? tlsa?.lookup.tlsaRecords ?? [] : []
        let base = records.isEmpty ? nil : tlsa?.base
        return .connect(
            SessionRequest(
                host: name, tlsaBase: base, tlsa: records,
                addresses: addresses?.sortedAddresses ?? [], mustWait: mustWait))
    }

    private mutating func giveWay() -> Action {
        expect(.connecting)
        state = .ended
        return seen.map { .finished($0) } ?? .abandoned
    }

    // MARK: Retry

    private mutating func endRound(
        _ status: ProbeStatus, _ sessions: [SessionObservation], _ now: Moment
    ) -> Action {
        let seen = HostObservation(
            name: name, addresses: addresses, tlsa: tlsa?.lookup, tlsaBase: tlsa?.base,
            status: status, sessions: sessions, observedAt: start.unixSeconds,
            durationMS: Int(max(0, now.milliseconds - start.milliseconds)), rounds: round)
        self.seen = seen
        // DNS is not asked again for what it has said before.
        let isTransient =
            known == nil ? seen.isTransient : !sessions.isEmpty && seen.areSessionsTransient
        guard isTransient, let delay = rules.retryDelay(afterRounds: round), !isSpared(seen) else {
            state = .ended
            return .finished(seen)
        }
        state = .waiting
        return .retry(seen, afterMilliseconds: delay)
    }

    /// Whether a host is not retried: the retries of others at its address count for it.
    private func isSpared(_ seen: HostObservation) -> Bool {
        isCrowded && round == 1 && seen.session?.observed == .shared
    }
}

/// How far a host is observed.
public enum HostExtent: String, Sendable, CaseIterable {
    /// DNS alone: addresses and TLSA records.
    case addresses
    /// SMTP sessions too.
    case all
}

extension HostObservation {
    /// Whether DNS has been asked, and no connection was tried.
    public var isOfDNSAlone: Bool {
        addresses != nil && status != .blocked && sessions.allSatisfy { $0.observed == nil }
    }
}

/// SMTP sessions that are to be had with a host.
public struct SessionRequest: Sendable {
    /// The name the certificate must hold, and that is sent as SNI.
    public let host: DomainName
    /// The name sent as SNI where the TLSA records are verified by; nil without such records.
    public let tlsaBase: DomainName?
    /// The TLSA records to verify by besides.
    public let tlsa: [TLSARecord]
    /// Its addresses, each once, at least one, in the order in which they are tried; those included
    /// that may not be contacted.
    public let addresses: [IPAddress]
    /// Whether to wait however many others do.
    public let mustWait: Bool
}

/// The prefix of the TLSA records of MX hosts (RFC 7672 §2.2.3).
private let smtpService = DomainName(canonical: "_25._tcp")

extension Lookup {
    fileprivate var tlsaRecords: [TLSARecord] {
        records.compactMap { if case .tlsa(let record) = $0 { record } else { nil } }
    }
}

extension [Question] {
    /// Those for both kinds of addresses of a name, as `AddressLookup` takes their answers.
    public static func addresses(of name: DomainName) -> [Question] {
        [Question(name, .a), Question(name, .aaaa)]
    }
}

extension AddressLookup {
    /// The answers to the questions for both kinds of addresses.
    public init(_ lookups: Lookups) { self.init(a: lookups[0], aaaa: lookups[1]) }

    /// The value for a name without an address, which both vocabularies have.
    private var failureWord: String {
        switch decisive.status {
        case .nxdomain: "dns_nxdomain"
        case .nodata, .found: "dns_nodata"
        case .servfail: "dns_servfail"
        case .refused: "dns_refused"
        case .timeout: "dns_timeout"
        case .rcode, .unreachable, .malformed, .aliasLoop: "dns_error"
        }
    }

    /// What an MX host without an address is called.
    var probeFailure: ProbeStatus { ProbeStatus(rawValue: failureWord) ?? .dnsError }

    /// What a policy host without an address is called.
    var fetchFailure: PolicyFetchStatus { PolicyFetchStatus(rawValue: failureWord) ?? .dnsError }
}
