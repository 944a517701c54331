internal import EventLoop
internal import MXProbe
internal import PolicyFetch
internal import Resolver

/// What observations are made with, on one loop.
struct Instruments {
    let resolver: Resolver
    let fetcher: PolicyFetcher
    let prober: MXProber
    let domainScan: DomainScan
    let hostScan: HostScan

    init(_ options: ScanOptions, _ ground: ScanGround, on loop: EventLoop) throws(ResolverError) {
        resolver = try Resolver(
            servers: options.nameServers, checks: ground.checks, options: options.resolver,
            loop: loop)
        fetcher = PolicyFetcher(options.fetch, trust: ground.trust, loop: loop)
        prober = MXProber(options.probe, context: ground.context, loop: loop)
        domainScan = DomainScan(
            resolver: resolver, fetcher: fetcher, contacts: ground.contacts,
            probeScope: options.probeScope, mxHostLimit: options.mxHostLimit)
        hostScan = HostScan(
            resolver: resolver, prober: prober, loop: loop, trustsAD: ground.trustsAD,
            contacts: ground.contacts)
    }
}
