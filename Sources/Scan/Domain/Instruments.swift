internal import Admission
internal import DNS
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
    let contacts: Contacts

    init(
        _ options: ScanOptions, _ ground: ScanGround, at place: LoopPlace,
        sharing share: HandshakeShare,
        on loop: EventLoop
    ) throws(ResolverError) {
        resolver = try Resolver(
            servers: options.nameServers, checks: ground.checks, options: options.resolver,
            loop: loop)
        let sources = SourceAddresses(options.localAddresses.map(\.bytes))
        fetcher = PolicyFetcher(
            options.fetch, trust: ground.trust, from: sources, place: place, loop: loop)
        prober = MXProber(
            options.probe, trust: ground.trust, from: sources, place: place, loop: loop)
        contacts = Contacts(ground.contacts, without: ground.blocklist)
        domainScan = DomainScan(
            options, resolver: resolver, fetcher: fetcher, contacts: contacts)
        hostScan = HostScan(
            resolver: resolver, prober: prober, place: place, loop: loop, trustsAD: ground.trustsAD,
            contacts: contacts, suffixes: ground.suffixes, share: share)
    }
}
