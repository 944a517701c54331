internal import Blocklist
internal import ConnectionLimits
public import DNS
internal import EventLoop
public import Judgement
internal import Networks
public import Observations
internal import PolicyFetch
internal import Preload
internal import Probe
public import Records
internal import Resolver
internal import TLS

/// One domain, observed and judged on the spot.
public struct CheckedDomain: Sendable {
    /// The domain.
    public let domain: DomainName
    /// What was seen.
    public let observation: DomainObservation
    /// What it means.
    public let judgement: Judgement
    /// Whether AD bits counted.
    public let trustsAD: Bool
    /// The list that it is compared with.
    let preload: PreloadList?
    /// When the check began, seconds since 1970.
    let scannedAt: Int64
    /// How long it took, in milliseconds.
    let durationMS: Int
    /// Where the addresses of the policy host are; nil without a file.
    public let policyNetworks: [AddressNetwork]?
    /// The same of the MX hosts, by their names.
    public let hostNetworks: [DomainName: [AddressNetwork]]
    /// Warnings for the user.
    public let warnings: [String]
}

/// Observes and judges one domain, as a scan would.
public func check(_ domain: DomainName, _ options: ScanOptions) throws(ScanError) -> CheckedDomain {
    Signals.ignoreWriteSignals()
    PolicyFetcher.prepareLibrary()
    var options = options
    try options.complete()
    let context = try ScanContext.prepare(options)
    if let file = context.blocklistFile, file.list.excludes(domain) {
        throw .usage("\(domain) is excluded by the blocklist \(file.name)")
    }
    let loop: EventLoop
    do {
        loop = try EventLoop()
    } catch {
        throw .system("\(error)")
    }
    let scannedAt = WallClock.seconds()
    let start = loop.now
    let checker: Checker
    do {
        checker = try Checker(options, context, on: loop)
    } catch {
        throw .output("cannot set up the resolver: \(error)")
    }
    // A long limit, since each wait of the check has one of its own.
    let seen: DomainObservation??
    do {
        seen = try loop.answer(within: 1 << 41, on: "loop") {
            await checker.observe(domain)
        }
    } catch {
        throw .system("\(error)")
    }
    guard let seen = seen ?? nil else { throw .output("the check of \(domain) did not end") }
    var finder = options.networks.map { NetworkFinder($0) }
    let policyNetworks = seen.policy.flatMap { finder?.networks(of: $0.allAddresses) }
    var hostNetworks: [DomainName: [AddressNetwork]] = [:]
    for host in seen.hosts { hostNetworks[host.name] = finder?.networks(of: host.allAddresses) }
    return CheckedDomain(
        domain: domain,
        observation: seen, judgement: Judgement(of: domain, seen, trustsAD: context.trustsAD),
        trustsAD: context.trustsAD, preload: options.preload?.list, scannedAt: scannedAt,
        durationMS: loop.now.milliseconds(since: start), policyNetworks: policyNetworks,
        hostNetworks: hostNetworks,
        warnings: context.warnings(options) + context.trust.warnings)
}

/// The actor of a loop that has one domain to observe.
private actor Checker {
    nonisolated let loop: EventLoop
    private let services: LoopServices
    private let hosts = HostCache()

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    init(
        _ options: ScanOptions, _ context: ScanContext, on loop: EventLoop
    ) throws(ResolverError) {
        self.loop = loop
        let limiter = ConnectionLimiter(options.limits, options.loopLimits, on: loop)
        services = try LoopServices(
            options, context, limits: LimiterHandle(limiter, loop: 0),
            sharing: HandshakeShare(options.shareRule, on: loop), on: loop)
    }

    /// Observes the domain, and retries what failed transiently.
    func observe(_ domain: DomainName) async -> DomainObservation? {
        var probe = DomainProbe(of: domain, by: services.rules)
        var event = DomainProbe.Event.begin
        while true {
            let action = probe.handle(event, at: loop.moment)
            do throws(BusyTarget) {
                guard let next = try await carryOut(action) else { return probe.seen }
                event = next
            } catch {
                event = .busy
            }
        }
    }

    /// Does what is to be done next; what has happened then, nil where that is all.
    private func carryOut(
        _ action: DomainProbe.Action
    ) async throws(BusyTarget) -> DomainProbe.Event? {
        switch action {
        case .ask(let questions): return .answered(await services.resolver.lookups(questions))
        case .fetch(let request, let mustWait):
            return .fetched(try await services.fetch(request, mustWait: mustWait))
        case .probe(let targets, _):
            begin(targets)
            return .observed(try await observations(of: targets, inTheEnd: false))
        case .waitForHosts(let targets):
            return .settled((try? await observations(of: targets, inTheEnd: true)) ?? [])
        case .pause(let milliseconds), .retry(let milliseconds):
            await loop.sleep(until: loop.now.advanced(milliseconds: milliseconds))
            return .delayOver
        case .park: return .notParked
        case .finished, .abandoned: return nil
        }
    }

    /// Begins to observe, concurrently, the hosts that are not known.
    private func begin(_ targets: [DomainName]) {
        for host in targets {
            guard case .nothing = hosts.look(up: host) else { continue }
            Task(executorPreference: loop) { await self.probe(host) }
        }
    }

    private func observations(
        of targets: [DomainName], inTheEnd: Bool
    ) async throws(BusyTarget) -> [HostObservation] {
        var seen: [HostObservation] = []
        for host in targets {
            if let known = hosts.observation(of: host) {
                seen.append(known)
            } else if let pending = hosts.pending(host) {
                seen.append(inTheEnd ? try await pending.end() : try await pending.progress())
            }
        }
        return seen
    }

    private func probe(_ host: DomainName) async {
        guard let pending = hosts.pending(host) else { return }
        do throws(BusyTarget) {
            let seen = try await services.hostScan.observe(
                host, mustWait: true, isCrowded: { false },
                onRetry: { seen, _ in pending.saw(seen) })
            hosts.settle(pending, seen)
        } catch {
            hosts.abandon(host, pending, for: error)
        }
    }
}

extension CheckedDomain {
    /// The domain's record as a scan of `input` alone would write it, with its line feed.
    public func line(input: String) -> String {
        let record = DomainRecord(
            entry: DomainRecord.Entry(
                index: 0, source: "-", line: 1, input: Array(input.utf8), domain: domain),
            scannedAt: scannedAt, durationMS: durationMS, observation: observation,
            judgement: judgement, preloadList: preload, policyNetworks: policyNetworks)
        var line = LineBuffer()
        RecordEncoder(Schema.domain).appendLine(record, to: &line)
        return line.text
    }
}
