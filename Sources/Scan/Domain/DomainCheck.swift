internal import Blocklist
internal import ConnectionLimits
public import DNS
internal import EventLoop
public import Explanations
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
    public let scannedAt: Int64
    /// How long it took, in milliseconds.
    let durationMS: Int
    /// Where the addresses of the policy host are; nil without a file.
    public let policyNetworks: [AddressNetwork]?
    /// The same of the MX hosts, by their names.
    public let hostNetworks: [DomainName: [AddressNetwork]]
}

/// Observes and judges domains one after the other, as a scan would.
public final class DomainChecker {
    /// Is told what is going on with a domain, and for how many milliseconds it has been checked.
    public typealias Progress =
        @Sendable (
            _ domain: DomainName, _ activity: String, _ milliseconds: Int
        ) -> Void

    /// Warnings for the user.
    public let warnings: [String]
    private let options: ScanOptions
    private let context: ScanContext
    private let onProgress: Progress?

    /// A checker by these options; `onProgress` is called a few times a second.
    public init(
        _ options: ScanOptions, onProgress: Progress? = nil
    ) throws(ScanError) {
        Signals.ignoreWriteSignals()
        PolicyFetcher.prepareLibrary()
        var options = options
        try options.complete()
        self.options = options
        context = try ScanContext.prepare(options)
        warnings = context.warnings(options) + context.trust.warnings
        self.onProgress = onProgress
    }

    /// Fails where the blocklist excludes a domain.
    public func admit(_ domain: DomainName) throws(ScanError) {
        guard let file = context.blocklistFile, file.list.excludes(domain) else { return }
        throw .usage("\(domain) is excluded by the blocklist \(file.name)")
    }

    /// Observes and judges one domain.
    public func check(_ domain: DomainName) throws(ScanError) -> CheckedDomain {
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
            checker = try Checker(options, context, onProgress, on: loop)
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
        guard var seen = seen ?? nil else { throw .output("the check of \(domain) did not end") }
        seen.hosts = seen.hosts.enumerated().map { $1.numbered($0 + 1) }
        var finder = options.networks.map { NetworkFinder($0) }
        let policyNetworks = seen.policy.flatMap { finder?.networks(of: $0.allAddresses) }
        var hostNetworks: [DomainName: [AddressNetwork]] = [:]
        for host in seen.hosts { hostNetworks[host.name] = finder?.networks(of: host.allAddresses) }
        return CheckedDomain(
            domain: domain, observation: seen,
            judgement: Judgement(of: domain, seen, trustsAD: context.trustsAD),
            trustsAD: context.trustsAD, preload: options.preload?.list, scannedAt: scannedAt,
            durationMS: loop.now.milliseconds(since: start), policyNetworks: policyNetworks,
            hostNetworks: hostNetworks)
    }
}

/// The actor of a loop that has one domain to observe.
private actor Checker {
    nonisolated let loop: EventLoop
    private let services: LoopServices
    private let hosts = HostCache()
    private let onProgress: DomainChecker.Progress?
    /// What is going on; nil while nothing is checked.
    private var activity: String?

    /// How often progress is shown, in milliseconds.
    private static let progressMilliseconds = 250

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    init(
        _ options: ScanOptions, _ context: ScanContext, _ onProgress: DomainChecker.Progress?,
        on loop: EventLoop
    ) throws(ResolverError) {
        self.loop = loop
        self.onProgress = onProgress
        services = try LoopServices(LoopSetup(options, context, on: loop))
    }

    /// Observes the domain, and retries what failed transiently.
    func observe(_ domain: DomainName) async -> DomainObservation? {
        activity = "asking DNS"
        defer { activity = nil }
        if let onProgress {
            Task(executorPreference: loop) { await self.report(on: domain, to: onProgress) }
        }
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

    /// Says what is going on until the check ends.
    private func report(on domain: DomainName, to onProgress: DomainChecker.Progress) async {
        let start = loop.now
        while let activity {
            onProgress(domain, activity, loop.now.milliseconds(since: start))
            await loop.sleep(until: loop.now.advanced(milliseconds: Self.progressMilliseconds))
        }
    }

    /// Does what is to be done next; what has happened then, nil where that is all.
    private func carryOut(
        _ action: DomainProbe.Action
    ) async throws(BusyTarget) -> DomainProbe.Event? {
        activity = action.activity ?? activity
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

extension DomainProbe.Action {
    /// What is done, for people; nil where it takes no time.
    fileprivate var activity: String? {
        switch self {
        case .ask: "asking DNS"
        case .fetch(let request, _): "fetching the policy from \(request.host.text)"
        case .probe(let targets, _), .waitForHosts(let targets):
            targets.count == 1
                ? "connecting to \(targets[0].text)" : "connecting to \(targets.count) mail servers"
        case .pause, .retry: "waiting, to try again what failed"
        case .park, .finished, .abandoned: nil
        }
    }
}

extension CheckedDomain {
    /// What is to be said to the owner.
    public var diagnosis: Diagnosis {
        Diagnosis(of: domain, observation, judgement, at: scannedAt)
    }

    /// The domain's record as a scan of `input` alone would write it, with its line feed.
    ///
    /// The records of its hosts and the diagnosis follow as further keys.
    public func line(input: String) -> String {
        let record = DomainRecord(
            entry: DomainRecord.Entry(
                index: 0, source: "-", line: 1, input: Array(input.utf8), domain: domain),
            scannedAt: scannedAt, durationMS: durationMS, observation: observation,
            judgement: judgement, preloadList: preload, policyNetworks: policyNetworks)
        let (hosts, diagnosis) = (observation.hosts, diagnosis)
        let (trustsAD, networks) = (trustsAD, hostNetworks)
        let schema = Schema<DomainRecord>(
            name: "check", version: schemaVersion,
            fields: Schema.domain.fields + [
                .objects("hosts", "The records of its hosts.", "stsurvey", Schema.host.fields) {
                    _ in
                    hosts.map {
                        HostRecord($0, trustsAD: trustsAD, networks: networks[$0.name])
                    }
                },
                .object(
                    "diagnosis", "What is to be said to the owner.", "stsurvey", diagnosisFields
                ) { _ in diagnosis },
            ])
        var line = LineBuffer()
        RecordEncoder(schema).appendLine(record, to: &line)
        return line.text
    }
}
