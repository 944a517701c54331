internal import Admission
internal import Blocklist
internal import DNS
internal import DequeModule
internal import DomainList
internal import EventLoop
internal import Logging
internal import MXProbe
internal import Metrics
internal import PolicyFetch
internal import Resolver
internal import Survey
internal import TLS

/// One event loop and everything that lives on it: a resolver, a fetcher, a prober, the MX hosts
/// that fall to it, and the tasks that scan domains.
actor Shard {
    /// How long a domain keeps its place in the window while it waits for policy and hosts.
    private static let patienceMilliseconds = 250

    nonisolated let loop: EventLoop
    private let index: Int
    private let options: ScanOptions
    private let channels: ScanChannels
    private let instruments: Instruments
    private let desk: AdmissionDesk
    private let share: HandshakeShare
    private let trustsAD: Bool
    private let logsDomains: Bool
    private let hosts: HostDirectory
    /// The number of the last observation of a host: beyond all that are on disk.
    private var lastObservation = 0
    private let deferred: DeferredDomains
    private let sink: RecordSink
    /// The places in the window of domains under way.
    private let senders = DeferredDomains(limit: .max)
    private var intake: BatchedIntake
    private var peers: [Shard] = []
    private var status = LoopStatus()

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(
        index: Int, loop: EventLoop, options: ScanOptions, ground: ScanGround,
        desk: AdmissionDesk,
        share: HandshakeShare, channels: ScanChannels
    ) throws(ResolverError) {
        self.desk = desk
        self.share = share
        self.index = index
        self.loop = loop
        self.options = options
        self.channels = channels
        instruments = try Instruments(
            options, ground, at: LoopPlace(desk, index: index), sharing: share, on: loop)
        trustsAD = ground.trustsAD
        logsDomains = options.log.logLevel <= .debug
        hosts = HostDirectory(limit: (options.hostCacheLimit - 1) / options.threads + 1)
        deferred = DeferredDomains(limit: options.deferredLimit)
        sink = RecordSink(to: channels.records, sharesHosts: options.threads > 1)
        intake = BatchedIntake(from: channels.entries)
    }

    /// Scans until the intake ends; `peers` are all shards, this one among them.
    func run(among peers: [Shard]) async {
        self.peers = peers
        report()
        instruments.resolver.watchServers()
        for _ in 0..<options.senders { startSender() }
        await senders.drained()
        await deferred.drained()
    }

    /// Hands over what is left; to be called when every shard has ended, since hosts are shared.
    func finish() async {
        await sink.flush()
        post()
    }

    /// Takes over hosts that were probed before the scan was broken off, and numbers those to come
    /// behind all `numbers` given out then.
    func restore(_ observations: [HostObservation], after numbers: Int) {
        lastObservation = numbers
        for host in observations { hosts.restore(host) }
    }

    /// Gives out no more entries; domains under way go on, those that wait are given up.
    func stop() {
        intake.stop()
        deferred.abandon()
    }

    /// Leaves alone what `blocklist` excludes, from now on.
    func exclude(_ blocklist: Blocklist) { instruments.contacts.blocklist = blocklist }

    // MARK: Domains

    private func startSender() {
        _ = senders.enterAtOnce()
        Task(executorPreference: loop) { await self.scanDomains() }
    }

    /// Scans one domain after the other, until there is none or the place was given away.
    private func scanDomains() async {
        while true {
            // Not by one call that may wait: each costs a switch of tasks, however soon it returns.
            while intake.mustWait { await intake.wait() }
            guard let numbered = intake.take() else { break }
            let visit = Visit(numbered, start: loop.now, scannedAt: WallClock.seconds())
            let isWritten = await scan(visit)
            if visit.hasGivenPlaceAway { return }
            guard isWritten else { break }
        }
        senders.leave()
    }

    /// Gives the place of a domain that has to wait for others' servers to another domain, as long
    /// as there is room for such that wait.
    private func giveAwayPlace(of visit: Visit) {
        guard deferred.enterAtOnce() else { return }
        visit.hasGivenPlaceAway = true
        startSender()
        senders.leave()
    }

    /// Scans a domain; false where no more can be written.
    private func scan(_ visit: Visit) async -> Bool {
        status.domainsInFlight += 1
        defer { status.domainsInFlight -= 1 }
        if let domain = visit.domain, !instruments.contacts.excludes(domain) {
            let sight = instruments.domainScan.sight(of: domain)
            visit.sight = sight
            await observe(sight, in: visit)
            if let deadline = visit.deadline { loop.cancel(deadline) }
            if mustWait(visit) { return await postpone(visit) }
        }
        write(visit)
        let isWritten = sink.isFull ? await sink.handOverFull() : true
        if visit.hasGivenPlaceAway { deferred.leave() }
        return isWritten
    }

    /// Has a domain go on as a task of its own; false where the scan stops.
    ///
    /// Kept out of `scan`, whose frame every domain in flight has.
    @inline(never)
    private func postpone(_ visit: Visit) async -> Bool {
        if !visit.hasGivenPlaceAway {
            guard await deferred.enter() else { return false }
        }
        Task(executorPreference: loop) { await self.finishLater(visit) }
        return true
    }

    /// Whether something failed for a passing reason, and is to be asked about again.
    private func mustWait(_ visit: Visit) -> Bool {
        guard let seen = visit.seen, !options.retryDelays.isEmpty else { return false }
        return seen.isPassing || seen.hosts.contains { $0.isPassing && !hasSettled($0) }
    }

    /// Whether it is the last that is to come of the host.
    private func hasSettled(_ host: HostObservation) -> Bool {
        host.rounds > options.retryDelays.count
    }

    /// Asks again what failed for a passing reason, at growing intervals, and writes the record.
    private func finishLater(_ visit: Visit) async {
        guard let sight = visit.sight else { return }
        for delay in options.retryDelays where sight.seen?.isPassing == true {
            await loop.sleep(until: loop.now.advanced(milliseconds: delay))
            if instruments.contacts.excludes(sight.domain) { break }
            await observe(sight)
        }
        for (place, host) in (sight.seen?.hosts ?? []).enumerated() where host.isPassing {
            sight.replaceHost(at: place, by: await owner(of: host.name).end(ofHost: host.name))
        }
        write(visit)
        _ = await sink.handOverFull()
        deferred.leave()
    }

    private func write(_ visit: Visit) {
        let record = record(of: visit)
        status.tally.add(record)
        note(record)
        sink.take(record, of: visit.numbered.number)
    }

    private func note(_ record: DomainRecord) {
        guard let seen = record.observation else { return }
        status.times.domain.add(microseconds: UInt64(record.durationMS) * 1000)
        guard seen.policyFetchStatus != nil, let policy = seen.policy, policy.durationMS > 0
        else { return }
        status.times.policyFetch.add(microseconds: UInt64(policy.durationMS) * 1000)
    }

    private func record(of visit: Visit) -> DomainRecord {
        let entry = visit.numbered.entry
        let judgement = visit.sight?.judgement(trustsAD: trustsAD)
        if logsDomains {
            options.log.debug("\(entry.input): \(judgement?.verdict.rawValue ?? "not asked for")")
        }
        return DomainRecord(
            entry: DomainRecord.Entry(entry), scannedAt: visit.scannedAt,
            durationMS: loop.now.milliseconds(since: visit.start), observation: visit.seen,
            judgement: judgement, preloadList: options.preload?.list)
    }

    /// Observes a domain, or asks again about what had failed; `visit` has a place to give away.
    private func observe(_ sight: DomainSight, in visit: Visit? = nil) async {
        await instruments.domainScan.observe(
            sight,
            host: { host in
                self.status.hostsAskedFor += 1
                return await self.owner(of: host).sight(ofHost: host)
            },
            begin: { if !self.begin($0), let visit { self.watch(visit) } },
            beforePolicy: { if let visit { self.watch(visit) } })
    }

    /// From here on a domain waits for servers of others: when that takes long it gives its place
    /// away.
    private func watch(_ visit: Visit) {
        guard visit.deadline == nil else { return }
        let instant = loop.now.advanced(milliseconds: Self.patienceMilliseconds)
        visit.deadline = loop.schedule(at: instant) { [self] in
            assumeIsolated { $0.giveAwayPlace(of: visit) }
        }
    }

    // MARK: Hosts

    /// Each host falls to one shard, so that it is asked for once however many loops there are.
    private func owner(of host: DomainName) -> Shard {
        peers.count == 1 ? self : peers[Self.index(of: host, among: peers.count)]
    }

    /// Which of so many shards a host falls to.
    static func index(of host: DomainName, among count: Int) -> Int {
        Int(UInt(bitPattern: host.hashValue) % UInt(count))
    }

    /// Has hosts looked at together instead of one after the other; whether all are known here.
    private func begin(_ targets: [DomainName]) -> Bool {
        var areSettled = true
        for host in targets {
            let isSettled = hosts.isSettled(host)
            if isSettled != true { areSettled = false }
            guard isSettled == nil, targets.count > 1 else { continue }
            let owner = owner(of: host)
            Task(executorPreference: owner.loop) { _ = await owner.sight(ofHost: host) }
        }
        return areSettled
    }

    /// What a host shows; where that has a passing reason it may show something else in the end.
    private func sight(ofHost host: DomainName) async -> HostObservation {
        switch hosts.look(up: host) {
        case .known(let observation): return observation
        case .underWay(let inquiry): return await inquiry.sight()
        case .nothing(let inquiry): return await find(host, for: inquiry)
        }
    }

    /// What a host shows in the end; looked at anew where it has been forgotten.
    private func end(ofHost host: DomainName) async -> HostObservation {
        switch hosts.look(up: host) {
        case .known(let observation): return observation
        case .underWay(let inquiry): return await inquiry.end()
        case .nothing(let inquiry):
            _ = await find(host, for: inquiry)
            return await inquiry.end()
        }
    }

    private func find(_ host: DomainName, for inquiry: HostInquiry) async -> HostObservation {
        let seen = await probe(host, round: 1)
        guard seen.isPassing, !options.retryDelays.isEmpty else {
            return await settle(inquiry, seen)
        }
        inquiry.saw(seen)
        Task(executorPreference: loop) { await self.retry(seen) }
        return seen
    }

    /// Tries a host again at growing intervals, and keeps what comes of it.
    private func retry(_ first: HostObservation) async {
        var seen = first
        for delay in options.retryDelays where seen.isPassing {
            await loop.sleep(until: loop.now.advanced(milliseconds: delay))
            seen = await probe(first.name, round: seen.rounds + 1)
        }
        if case .underWay(let inquiry) = hosts.look(up: first.name) {
            _ = await settle(inquiry, seen)
        }
    }

    private func probe(_ host: DomainName, round: Int) async -> HostObservation {
        await instruments.hostScan.observe(host, at: WallClock.seconds(), round: round)
    }

    /// Writes the host's record ahead of those of the domains that refer to it.
    private func settle(_ inquiry: HostInquiry, _ seen: HostObservation) async -> HostObservation {
        lastObservation += 1
        let seen = seen.numbered(lastObservation)
        let record = HostRecord(seen, trustsAD: trustsAD)
        status.tally.add(record)
        _ = await sink.append(record)
        let essence = seen.essence
        hosts.settle(inquiry, essence)
        return essence
    }

    // MARK: Status

    /// Posts the status and hands records over, several times a second, as long as the loop runs.
    private func report() {
        post()
        sink.offer()
        let next = loop.now.advanced(milliseconds: 250)
        _ = loop.schedule(at: next) { [self] in assumeIsolated { $0.report() } }
    }

    private func post() {
        status.queriesInFlight = instruments.resolver.load
        status.fetchesInFlight = instruments.fetcher.inFlight
        status.probesInFlight = instruments.prober.inFlight
        status.hosts = hosts.known
        status.deferred = deferred.count
        status.servers = instruments.resolver.reports
        status.times.dns = instruments.resolver.times
        status.dnsRateWaits = instruments.resolver.rateWaits
        status.times.smtpConnect = instruments.prober.times.connect
        status.times.starttls = instruments.prober.times.session
        // These live on the first loop.
        if index == 0 {
            status.admission = desk.assumeIsolated { $0.stats }
            status.sharing = share.assumeIsolated { $0.stats }
        }
        channels.board.post(status, of: index)
    }
}

/// One entry on its way to its record, and its place in the window of those under way.
///
/// `@unchecked Sendable`: only the loop of its shard touches it.
private final class Visit: @unchecked Sendable {
    let numbered: NumberedEntry
    let start: Instant
    let scannedAt: Int64
    /// What is seen of the domain; nil where nothing is asked.
    var sight: DomainSight?
    /// Whether another domain has its place.
    var hasGivenPlaceAway = false
    /// When it gives its place away.
    var deadline: Deadline?

    init(_ numbered: NumberedEntry, start: Instant, scannedAt: Int64) {
        self.numbered = numbered
        self.start = start
        self.scannedAt = scannedAt
    }

    var seen: DomainObservation? { sight?.seen }

    /// The domain; nil where the line is none.
    var domain: DomainName? {
        if case .success(let domain) = numbered.entry.name { domain } else { nil }
    }
}
