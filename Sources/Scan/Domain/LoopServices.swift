internal import Blocklist
internal import ConnectionLimits
internal import DNS
internal import EventLoop
internal import MXProbe
internal import Observations
internal import PolicyFetch
internal import Probe
internal import Resolver

/// What observations are made with, on one loop.
struct LoopServices {
    let resolver: Resolver
    let fetcher: PolicyFetcher
    let prober: MXProber
    let hostScan: HostScan
    let contacts: TargetPolicy
    /// By which rules domains and hosts are observed.
    let rules: ProbeRules
    /// What they were opened with.
    let setup: LoopSetup

    init(_ setup: LoopSetup) throws(ResolverError) {
        self.setup = setup
        let (options, context, loop) = (setup.options, setup.context, setup.loop)
        let limits = LimiterHandle(setup.limiter, loop: setup.index)
        resolver = try Resolver(
            servers: options.nameServers, checks: context.checks, options: options.resolver,
            loop: loop)
        let sources = SourceAddresses(options.localAddresses.map(\.bytes))
        fetcher = PolicyFetcher(
            options.fetch, trust: context.trust, from: sources, limits: limits, loop: loop)
        prober = MXProber(
            options.probe, trust: context.trust, from: sources, limits: limits, loop: loop)
        contacts = TargetPolicy(context.contacts, without: context.blocklist)
        rules = ProbeRules(
            hosts: HostChoice(scope: options.probeScope, limit: options.mxHostLimit),
            fetches: options.fetchScope, retryDelays: options.retryDelays,
            trustsAD: context.trustsAD, exclusions: contacts,
            priorState: { [previous = options.previous] in previous?[$0] },
            refetchSample: RefetchSample(share: options.refetchShare, seed: options.seed))
        hostScan = HostScan(
            resolver: resolver, prober: prober, limits: limits, loop: loop, rules: rules,
            contacts: contacts, suffixes: context.suffixes, share: setup.share)
    }

    /// Does not contact what `blocklist` excludes, from now on.
    func exclude(_ blocklist: Blocklist) {
        contacts.blocklist = blocklist
        resolver.forgetReferences { blocklist.excludes($0) }
    }

    /// Has the windows know how late the loop is; to be called a few times a second.
    func noteLag() {
        let (limits, lag) = (hostScan.limits, hostScan.loop.takeLag())
        resolver.noteLag(milliseconds: lag)
        Task(executorPreference: limits.limiter.loop) {
            await limits.limiter.noteLag(ofLoop: limits.loop, milliseconds: lag)
        }
    }

    /// Fetches a policy; one that `mustWait` is waited for however many others wait there.
    func fetch(
        _ request: PolicyRequest, mustWait: Bool
    ) async throws(BusyTarget) -> PolicyObservation {
        let (host, addresses) = (request.host, request.addresses)
        switch await fetcher.join(host, at: addresses, mustWait: mustWait) {
        case .joined: break
        case .full(let destination): throw .destination(destination)
        case .overdue: return .overdue(host, request.lookups)
        }
        let seen = await fetcher.observe(
            host, url: request.url, lookups: request.lookups, at: addresses)
        await fetcher.part(host, at: addresses)
        return seen
    }
}

extension LoopStatus {
    /// Takes over what the services of the loop count; the first loop has those of the whole run.
    mutating func note(_ services: borrowing LoopServices) {
        queriesInFlight = services.resolver.out
        queriesWaiting = services.resolver.load - services.resolver.out
        queryWindow = services.resolver.outMax
        isLate = services.resolver.isLate
        questionsEnded = services.resolver.ended
        fetchesInFlight = services.fetcher.inFlight
        probesInFlight = services.prober.inFlight
        slowProbes = services.prober.slow
        servers = services.resolver.reports
        times.dns = services.resolver.times
        dnsRateWaits = services.resolver.rateWaits
        times.smtpConnect = services.prober.times.connect
        times.starttls = services.prober.times.session
        guard services.setup.index == 0 else { return }
        admission = services.setup.limiter.assumeIsolated { $0.stats }
        sharing = services.setup.share.assumeIsolated { $0.stats }
    }
}

extension EventLoop {
    /// The time by both clocks.
    var moment: Moment { moment(now) }

    /// The same as it stood when the loop last woke, for what is done often.
    var turnMoment: Moment { moment(turnTime) }

    private func moment(_ instant: Instant) -> Moment {
        Moment(
            milliseconds: Int64(instant.nanoseconds / 1_000_000), unixSeconds: WallClock.seconds())
    }
}
