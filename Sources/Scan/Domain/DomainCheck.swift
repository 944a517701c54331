internal import Blocklist
internal import ConnectionLimits
public import DNS
internal import EventLoop
public import Judgement
public import Observations
internal import PolicyFetch
internal import Records
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
    /// The list that it is held against.
    let preload: PreloadList?
    /// When the check began, seconds since 1970.
    let scannedAt: Int64
    /// How long it took, in milliseconds.
    let durationMS: Int
    /// What the person who asks should know besides.
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
    // Long, since each wait of the check has a limit of its own.
    let seen: DomainObservation??
    do {
        seen = try loop.answer(within: 1 << 41, on: "loop") {
            try? await checker.observe(domain)
        }
    } catch {
        throw .system("\(error)")
    }
    guard let seen = seen ?? nil else { throw .output("the check of \(domain) did not end") }
    return CheckedDomain(
        domain: domain,
        observation: seen, judgement: Judgement(of: domain, seen, trustsAD: context.trustsAD),
        trustsAD: context.trustsAD, preload: options.preload?.list, scannedAt: scannedAt,
        durationMS: loop.now.milliseconds(since: start),
        warnings: context.warnings(options) + context.trust.warnings)
}

/// The actor of a loop that has one domain to observe.
private actor Checker {
    nonisolated let loop: EventLoop
    private let services: LoopServices
    private let retryDelays: [Int]
    private let hosts = HostCache()

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(
        _ options: ScanOptions, _ context: ScanContext, on loop: EventLoop
    ) throws(ResolverError) {
        self.loop = loop
        retryDelays = options.retryDelays
        let limiter = ConnectionLimiter(options.limits, options.loopLimits, on: loop)
        services = try LoopServices(
            options, context, limits: LimiterHandle(limiter, loop: 0),
            sharing: HandshakeShare(options.shareRule, on: loop), on: loop)
    }

    /// Observes the domain, and asks again what failed for a passing reason.
    func observe(_ domain: DomainName) async throws(BusyTarget) -> DomainObservation {
        let progress = services.domainScan.progress(of: domain)
        await services.domainScan.begin(progress)
        var seen = try await goOn(progress, round: 1)
        for delay in retryDelays where seen.isTransient || seen.hosts.contains(where: \.isTransient)
        {
            await loop.sleep(until: loop.now.advanced(milliseconds: delay))
            let round = seen.rounds + 1
            await services.domainScan.askAgain(progress)
            seen = try await goOn(progress, round: round)
        }
        return seen
    }

    private func goOn(
        _ progress: DomainProgress, round: Int
    ) async throws(BusyTarget) -> DomainObservation {
        try await services.domainScan.goOn(
            progress, mustWait: true,
            host: { (host) async throws(BusyTarget) in
                try await self.observation(ofHost: host, round: round)
            },
            begin: { targets in
                for host in targets {
                    Task(executorPreference: loop) {
                        _ = try? await self.observation(ofHost: host, round: round)
                    }
                }
            })
        guard let seen = progress.seen else { preconditionFailure("a sight without its answers") }
        return seen
    }

    private func observation(
        ofHost host: DomainName, round: Int
    ) async throws(BusyTarget) -> HostObservation {
        switch hosts.look(up: host) {
        case .known(let seen) where seen.isTransient && seen.rounds < round:
            hosts.forget(host)
            return try await observation(ofHost: host, round: round)
        case .known(let seen): return seen
        case .underWay(let pending): return try await pending.end()
        case .nothing(let pending):
            let seen = try await services.hostScan.observe(
                host, at: WallClock.seconds(), round: round, mustWait: true)
            hosts.settle(pending, seen)
            return seen
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
            judgement: judgement, preloadList: preload)
        var line = LineBuffer()
        RecordEncoder(Schema.domain).appendLine(record, to: &line)
        return line.text
    }
}
