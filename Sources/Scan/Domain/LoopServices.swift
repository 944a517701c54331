internal import ConnectionLimits
internal import DNS
internal import EventLoop
internal import MXProbe
internal import PolicyFetch
internal import Resolver

/// What observations are made with, on one loop.
struct LoopServices {
    let resolver: Resolver
    let fetcher: PolicyFetcher
    let prober: MXProber
    let domainScan: DomainScan
    let hostScan: HostScan
    let contacts: TargetPolicy

    init(
        _ options: ScanOptions, _ context: ScanContext, limits: LimiterHandle,
        sharing share: HandshakeShare,
        on loop: EventLoop
    ) throws(ResolverError) {
        resolver = try Resolver(
            servers: options.nameServers, checks: context.checks, options: options.resolver,
            loop: loop)
        let sources = SourceAddresses(options.localAddresses.map(\.bytes))
        fetcher = PolicyFetcher(
            options.fetch, trust: context.trust, from: sources, limits: limits, loop: loop)
        prober = MXProber(
            options.probe, trust: context.trust, from: sources, limits: limits, loop: loop)
        contacts = TargetPolicy(context.contacts, without: context.blocklist)
        domainScan = DomainScan(
            options, resolver: resolver, fetcher: fetcher, contacts: contacts)
        hostScan = HostScan(
            resolver: resolver, prober: prober, limits: limits, loop: loop,
            trustsAD: context.trustsAD,
            contacts: contacts, suffixes: context.suffixes, share: share)
    }
}
