internal import Admission
internal import Blocklist
public import DNS
internal import EventLoop
internal import PolicyFetch
internal import Resolver
public import Survey
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
    let ground = try ScanGround.prepare(options)
    if let file = ground.blocklistFile, file.list.excludes(domain) {
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
        checker = try Checker(options, ground, on: loop)
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
        observation: seen, judgement: Judgement(of: domain, seen, trustsAD: ground.trustsAD),
        trustsAD: ground.trustsAD, preload: options.preload?.list, scannedAt: scannedAt,
        durationMS: loop.now.milliseconds(since: start),
        warnings: ground.warnings(options) + ground.trust.warnings)
}

/// The actor of a loop that has one domain to observe.
private actor Checker {
    nonisolated let loop: EventLoop
    private let instruments: Instruments
    private let retryDelays: [Int]
    private let hosts = HostDirectory()

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(
        _ options: ScanOptions, _ ground: ScanGround, on loop: EventLoop
    ) throws(ResolverError) {
        self.loop = loop
        retryDelays = options.retryDelays
        let desk = AdmissionDesk(options.limits, options.loopLimits, on: loop)
        instruments = try Instruments(
            options, ground, at: LoopPlace(desk, index: 0),
            sharing: HandshakeShare(options.shareRule, on: loop), on: loop)
    }

    /// Observes the domain, and asks again what failed for a passing reason.
    func observe(_ domain: DomainName) async throws(Crowded) -> DomainObservation {
        let sight = instruments.domainScan.sight(of: domain)
        await instruments.domainScan.begin(sight)
        var seen = try await goOn(sight, round: 1)
        for delay in retryDelays where seen.isPassing || seen.hosts.contains(where: \.isPassing) {
            await loop.sleep(until: loop.now.advanced(milliseconds: delay))
            let round = seen.rounds + 1
            await instruments.domainScan.askAgain(sight)
            seen = try await goOn(sight, round: round)
        }
        return seen
    }

    private func goOn(
        _ sight: DomainSight, round: Int
    ) async throws(Crowded) -> DomainObservation {
        try await instruments.domainScan.goOn(
            sight, mustWait: true,
            host: { (host) async throws(Crowded) in
                try await self.observation(ofHost: host, round: round)
            },
            begin: { targets in
                for host in targets {
                    Task(executorPreference: loop) {
                        _ = try? await self.observation(ofHost: host, round: round)
                    }
                }
            })
        guard let seen = sight.seen else { preconditionFailure("a sight without its answers") }
        return seen
    }

    private func observation(
        ofHost host: DomainName, round: Int
    ) async throws(Crowded) -> HostObservation {
        switch hosts.look(up: host) {
        case .known(let seen) where seen.isPassing && seen.rounds < round:
            hosts.forget(host)
            return try await observation(ofHost: host, round: round)
        case .known(let seen): return seen
        case .underWay(let inquiry): return try await inquiry.end()
        case .nothing(let inquiry):
            let seen = try await instruments.hostScan.observe(
                host, at: WallClock.seconds(), round: round, mustWait: true)
            hosts.settle(inquiry, seen)
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
