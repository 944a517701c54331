internal import ConnectionLimits
internal import DNS
internal import EventLoop
internal import Judgement
internal import MXProbe
internal import Observations
internal import Probe
internal import PublicSuffix
internal import Resolver

/// Carries out the actions of the probe of an MX host.
struct HostScan {
    let resolver: Resolver
    let prober: MXProber
    let limits: LimiterHandle
    let loop: EventLoop
    let rules: ProbeRules
    let contacts: TargetPolicy
    let suffixes: PublicSuffixList?
    let share: HandshakeShare

    /// The host's final observation; one that `mustWait` waits even where its servers are busy.
    ///
    /// `isCrowded` says whether slots for hosts that wait for a retry are scarce. `onRetry` is
    /// called before each retry with what the host has shown.
    func observe(
        _ host: DomainName, mustWait: Bool, isCrowded: () -> Bool,
        onRetry: (HostObservation, _ afterMilliseconds: Int) -> Void
    ) async throws(BusyTarget) -> HostObservation {
        try await observe(
            HostProbe(of: host, by: rules, mustWait: mustWait), isCrowded: isCrowded,
            onRetry: onRetry)
    }

    /// The final observation of a host whose probe has not begun yet.
    func observe(
        _ probe: HostProbe, isCrowded: () -> Bool,
        onRetry: (HostObservation, _ afterMilliseconds: Int) -> Void
    ) async throws(BusyTarget) -> HostObservation {
        var probe = probe
        var event = HostProbe.Event.begin
        var busy = BusyTarget.host(probe.name)
        while true {
            switch probe.handle(event, at: loop.moment, isCrowded: isCrowded()) {
            case .ask(let questions): event = .answered(await resolver.lookups(questions))
            case .connect(let request):
                do throws(BusyTarget) {
                    event = .connected(try await connect(request))
                } catch {
                    busy = error
                    event = .busy
                }
            case .retry(let seen, let delay):
                onRetry(seen, delay)
                await loop.sleep(until: loop.now.advanced(milliseconds: delay))
                event = .delayOver
            case .finished(let seen): return seen
            case .abandoned: throw busy
            }
        }
    }

    private func connect(
        _ request: SessionRequest
    ) async throws(BusyTarget) -> [SessionObservation] {
        let target = ProbeTarget(
            request.host, tlsaBase: request.tlsaBase, tlsa: request.tlsa,
            at: request.addresses, below: suffixes?.registrableDomain(of: request.host.text))
        let allowed = request.addresses.first { contacts.refusal(of: $0) == nil }
        guard let destination = allowed.map({ target.destination(at: $0, loop: limits.loop) })
        else { return await sessions(with: target) }
        switch await limits.limiter.join(destination, mustWait: request.mustWait) {
        case .joined: break
        case .full(let full): throw .destination(full)
        case .overdue: return request.addresses.map(SessionObservation.overdue)
        }
        let sessions = await sessions(with: target)
        await limits.limiter.part(destination)
        return sessions
    }

    /// Its own sessions, or shared ones of other hosts.
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
    /// A host with TLSA records is compared with those, which are its own.
    private func shareKey(of target: ProbeTarget) -> ShareKey? {
        guard share.isOn, target.tlsa.isEmpty, let domain = target.domain else { return nil }
        guard target.addresses.allSatisfy({ contacts.refusal(of: $0) == nil }) else { return nil }
        return ShareKey(domain: domain, addresses: Set(target.addresses))
    }
}
