internal import ConnectionLimits
internal import DNS
internal import EventLoop
internal import Judgement
internal import MXProbe
internal import Observations
internal import PublicSuffix
internal import Resolver

/// Finds out what an MX host shows: addresses first, TLSA only where those are authenticated, then
/// SMTP.
struct HostScan {
    let resolver: Resolver
    let prober: MXProber
    let limits: LimiterHandle
    let loop: EventLoop
    let trustsAD: Bool
    let contacts: TargetPolicy
    let suffixes: PublicSuffixList?
    let share: HandshakeShare

    /// What the host shows; one that `mustWait` is waited for even where its servers are crowded.
    func observe(
        _ host: DomainName, at observedAt: Int64, round: Int = 1, mustWait: Bool
    ) async throws(BusyTarget) -> HostObservation {
        let start = loop.now
        func observation(
            _ status: ProbeStatus, _ addresses: AddressLookup? = nil, tlsa: TLSALookup? = nil,
            _ sessions: [SessionObservation] = []
        ) -> HostObservation {
            HostObservation(
                name: host, addresses: addresses, tlsa: tlsa?.lookup, tlsaBase: tlsa?.base,
                status: status, sessions: sessions, observedAt: observedAt,
                durationMS: loop.now.milliseconds(since: start), rounds: round)
        }
        guard !MXTarget.classify(host).isJunk else { return observation(.junkName) }
        guard !contacts.excludes(host) else { return observation(.blocked) }
        let addresses = await resolver.addresses(of: host)
        let found = addresses.addresses
        guard !found.isEmpty else { return observation(addresses.probeFailure, addresses) }
        guard !contacts.excludes(endOf: addresses) else {
            let sessions = found.map { SessionObservation(address: $0, status: .blocked) }
            return observation(.blocked, addresses, sessions)
        }
        let tlsa = await tlsaRecords(of: host, addresses)
        let sessions = try await probe(host, found, tlsa, mustWait: mustWait)
        return observation(overallStatus(sessions), addresses, tlsa: tlsa, sessions)
    }

    /// The TLSA records of a host and the name at which they were found.
    private struct TLSALookup {
        let lookup: Lookup
        let base: DomainName
    }

    /// RFC 7672 §2.2.2: the end of a secure alias chain is asked first, then the name itself.
    ///
    /// Asked only where the addresses are authenticated: elsewhere it would not count, and many
    /// broken name servers answer such questions by silence.
    private func tlsaRecords(of host: DomainName, _ addresses: AddressLookup) async -> TLSALookup? {
        guard trustsAD, addresses.isSecure else { return nil }
        var candidates = [host]
        if let end = addresses.decisive.aliases.last { candidates.insert(end, at: 0) }
        var last: TLSALookup?
        for base in candidates {
            guard let name = base.prefixed(by: smtpService) else { continue }
            let lookup = await resolver.lookup(Question(name, .tlsa))
            last = TLSALookup(lookup: lookup, base: base)
            if lookup.status == .found || !lookup.status.isAnswer { break }
        }
        return last
    }

    private func probe(
        _ host: DomainName, _ addresses: [IPAddress], _ tlsa: TLSALookup?, mustWait: Bool
    ) async throws(BusyTarget) -> [SessionObservation] {
        let isSecure = tlsa?.lookup.status == .found && tlsa?.lookup.isAuthenticated == true
        let records = isSecure ? tlsa?.lookup.tlsaRecords ?? [] : []
        let serverName = records.isEmpty ? host : tlsa?.base ?? host
        let target = ProbeTarget(
            host, serverName: serverName, tlsa: records, at: addresses,
            below: suffixes?.registrableDomain(of: host.text))
        let allowed = addresses.first { contacts.refusal(of: $0) == nil }
        guard let destination = allowed.map({ target.destination(at: $0, loop: limits.loop) })
        else { return await sessions(with: target) }
        switch await limits.limiter.join(destination, mustWait: mustWait) {
        case .joined: break
        case .full(let crowded): throw .destination(crowded)
        case .overdue: return addresses.map(SessionObservation.overdue)
        }
        let sessions = await sessions(with: target)
        await limits.limiter.part(destination)
        return sessions
    }

    /// Sessions of its own, or those of others that may count as its own.
    private func sessions(with target: ProbeTarget) async -> [SessionObservation] {
        guard let key = shareKey(of: target) else {
            return await prober.observe(target, refusal: contacts.refusal)
        }
        switch await share.plan(for: target.host, in: key) {
        case .share(let sessions): return sessions
        case .probe(let isSample):
            let sessions = await prober.observe(target, refusal: contacts.refusal)
            await share.report(sessions, of: target.host, in: key, isSample: isSample)
            return sessions
        }
    }

    /// The hosts that this one may share handshakes with; nil for none.
    ///
    /// A host with TLSA records is held against those, which are its own.
    private func shareKey(of target: ProbeTarget) -> ShareKey? {
        guard share.isOn, target.tlsa.isEmpty, let domain = target.domain else { return nil }
        guard target.addresses.allSatisfy({ contacts.refusal(of: $0) == nil }) else { return nil }
        return ShareKey(domain: domain, addresses: Set(target.addresses))
    }

    /// That of the first address that answered, else of the first that was tried.
    private func overallStatus(_ sessions: [SessionObservation]) -> ProbeStatus {
        let reached = sessions.first { $0.status.isReached }
        let leftAlone: [ProbeStatus] = [.blocked, .notContacted, .notProbed]
        let tried = sessions.first { !leftAlone.contains($0.status) }
        let refused = leftAlone.first { status in sessions.contains { $0.status == status } }
        return (reached ?? tried)?.status ?? refused ?? .notProbed
    }
}

extension HostObservation {
    /// Whether it failed as others at the same address had failed shortly before.
    var isSharedFailure: Bool { isTransient && session?.observed == .shared }
}

/// What TLSA records of MX hosts stand under (RFC 7672 §2.2.3).
private let smtpService = DomainName(canonical: "_25._tcp")

extension Resolver {
    /// Asks for both kinds of addresses at once.
    func addresses(of name: DomainName) async -> AddressLookup {
        let both = await lookups([Question(name, .a), Question(name, .aaaa)])
        return AddressLookup(a: both[0], aaaa: both[1])
    }
}

extension Lookup {
    var tlsaRecords: [TLSARecord] {
        records.compactMap { if case .tlsa(let record) = $0 { record } else { nil } }
    }
}

extension AddressLookup {
    /// The word for a name without an address, which both vocabularies have.
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
