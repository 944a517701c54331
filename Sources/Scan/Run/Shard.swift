internal import Blocklist
internal import ConnectionLimits
internal import DNS
internal import DequeModule
internal import DomainList
internal import EventLoop
internal import Judgement
internal import Logging
internal import MXProbe
internal import Metrics
internal import Observations
internal import PolicyFetch
internal import Records
internal import Resolver
internal import TLS

/// One event loop and everything that lives on it: a resolver, a fetcher, a prober, the MX hosts
/// that fall to it, and the domains under way.
actor Shard {
    /// How long a domain keeps its slot in the window while it waits for policy and hosts.
    private static let patienceMilliseconds = 250
    /// How many domains wait for one host with a slot of their own.
    static let hostWaitersMax = 1000
    /// How many domains can be set aside for each that can wait: they are kept as their entries.
    private static let asideFactor = 25
    /// How often room is looked for, in milliseconds.
    private static let roomMilliseconds = 50

    nonisolated let loop: EventLoop
    private let index: Int
    let options: ScanOptions
    private let channels: ScanChannels
    let services: LoopServices
    private let limiter: ConnectionLimiter
    private let share: HandshakeShare
    let trustsAD: Bool
    private let logsDomains: Bool
    let hosts: HostCache
    /// The number of the last observation of a host: beyond all that are on disk.
    var lastObservation = 0
    private let deferred: SlotPool
    /// Domains that would wait for a destination for which too many wait already.
    private let aside: ParkedDomains
    private var isLookingForRoom = false
    private var isStopping = false
    /// How many hosts are being tried again.
    var retrying = 0
    let sink: RecordSink
    /// The slots of domains under way.
    private let window: SlotPool
    let answered = ReadyQueue()
    private var intake: BatchedIntake
    var peers: [Shard] = []
    var status = LoopStatus()
    private var recent: RecentRecords
    /// The seconds since 1970 between which hosts were looked at by answers that were not true.
    var distrustedSince: Int64 = .max
    var distrustedUntil: Int64 = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(
        index: Int, loop: EventLoop, options: ScanOptions, context: ScanContext,
        limiter: ConnectionLimiter, share: HandshakeShare, channels: ScanChannels
    ) throws(ResolverError) {
        self.limiter = limiter
        self.share = share
        self.index = index
        self.loop = loop
        self.options = options
        self.channels = channels
        services = try LoopServices(
            options, context, limits: LimiterHandle(limiter, loop: index), sharing: share, on: loop
        )
        trustsAD = context.trustsAD
        logsDomains = options.log.logLevel <= .debug
        hosts = HostCache(limit: (options.hostCacheLimit - 1) / options.threads + 1)
        deferred = SlotPool(limit: options.deferredLimit)
        aside = ParkedDomains(limit: Self.asideFactor * options.deferredLimit)
        window = SlotPool(limit: options.senders)
        sink = RecordSink(to: channels.records, sharesHosts: options.threads > 1)
        intake = BatchedIntake(from: channels.entries)
        recent = RecentRecords(of: index, in: channels.distrusted)
        services.resolver.onLie = { [distrusted = channels.distrusted] server, fault, time in
            distrusted.add(
                DistrustedTime(since: time.since, until: time.until),
                by: "\(options.nameServers[server])", "\(fault)")
        }
    }

    /// Scans until the intake ends; `peers` are all shards, this one among them.
    func run(among peers: [Shard]) async {
        self.peers = peers
        report()
        services.resolver.watchServers()
        let ending = Task(executorPreference: loop) { await self.takeAnswered() }
        while await intake.refill() {
            fill()
            await intake.emptied()
        }
        repeat {
            await window.drained()
            await deferred.drained()
            await aside.drained()
        } while !isStopping && window.count + deferred.count + aside.count > 0
        answered.end()
        await ending.value
        await services.resolver.checkOnceMore()
    }

    /// Hands over what is left; to be called when every shard has ended, since hosts are shared.
    func finish() async {
        await sink.flush()
        refreshDistrust()
        post()
    }

    /// Sorts out which records rest on answers that proved not to be true, and forgets such hosts.
    func refreshDistrust() {
        let healthySince = services.resolver.healthySince
        guard let since = recent.refresh(healthySince: healthySince) else { return }
        let seconds = Int64(loop.now.milliseconds(since: since) / 1000 + 1)
        distrustedSince = WallClock.seconds() - seconds
        distrustedUntil = WallClock.seconds()
        hosts.forgetAll { $0.observedAt >= distrustedSince }
    }

    /// Takes over hosts that were probed before the scan was broken off, and numbers those to come
    /// behind all `numbers` given out then.
    func restore(_ observations: [HostObservation], after numbers: Int) {
        lastObservation = numbers
        for host in observations { hosts.restore(host) }
    }

    /// Gives out no more entries; domains under way go on, those that wait are given up.
    func stop() {
        isStopping = true
        intake.stop()
        deferred.abandon()
        aside.abandon()
    }

    /// Leaves alone what `blocklist` excludes, from now on.
    func exclude(_ blocklist: Blocklist) {
        services.contacts.blocklist = blocklist
        services.resolver.forgetReferences { blocklist.excludes($0) }
    }

    /// Hosts that wait to share handshakes; told by the first loop, on which they live.
    func sharesThatWait() async -> (groups: Int, hosts: Int)? {
        index == 0 ? await share.waiting : nil
    }

    /// Forgets a host that was looked at by answers that were not true; who has waited for it is
    /// under way now, here or on another loop.
    func distrust(_ host: DomainName) {
        hosts.forget(host)
        channels.distrusted.addWaiting(at: loop.now)
    }

    // MARK: Domains

    /// Begins domains, as long as there are slots and entries.
    private func fill() {
        while window.hasFreeSlot, let next = nextDomain(), window.tryAcquire() {
            let progress = progress(for: next)
            let visit = DomainTask(
                next.numbered, progress, start: loop.now, scannedAt: WallClock.seconds(),
                answered: answered)
            if let progress, progress.seen == nil {
                services.domainScan.ask(about: progress, for: visit)
            } else {
                answered.append(visit)
            }
        }
    }

    private func nextDomain() -> ParkedDomains.Domain? {
        aside.takeReady() ?? intake.take().map { ParkedDomains.Domain(numbered: $0, progress: nil) }
    }

    /// The sight of a domain that may be asked about.
    private func progress(for next: ParkedDomains.Domain) -> DomainProgress? {
        guard case .success(let domain) = next.numbered.entry.name,
            !services.contacts.excludes(domain)
        else { return nil }
        return next.progress ?? services.domainScan.progress(of: domain)
    }

    /// Writes the records of domains whose answers are all there, until none come any more; the
    /// others go on as tasks of their own.
    private func takeAnswered() async {
        while await answered.arrive() {
            for visit in answered.takeAll() {
                guard end(visit), !mustWait(visit) else {
                    Task(executorPreference: loop) { await self.finish(visit) }
                    continue
                }
                write(visit)
                if sink.isFull, await !sink.handOverFull() { intake.stop() }
                releaseSlot(of: visit)
            }
        }
    }

    /// Ends a domain of which nothing is left to be looked at; false for others.
    private func end(_ visit: DomainTask) -> Bool {
        guard let progress = visit.progress else { return true }
        var known = 0
        let hasEnded = services.domainScan.end(progress) { host in
            guard owner(of: host) === self, let seen = hosts.observation(of: host) else {
                return nil
            }
            known += 1
            return seen
        }
        if hasEnded { status.hostsAskedFor += known }
        return hasEnded
    }

    /// Looks at what is left of a domain, and writes its record.
    private func finish(_ visit: DomainTask) async {
        guard let progress = visit.progress else { return }
        do throws(BusyTarget) {
            try await goOn(progress, in: visit, mustWait: false)
        } catch {
            if setAside(visit, until: error) { return }
            await goOnWaiting(progress)
        }
        if let deadline = visit.deadline { loop.cancel(deadline) }
        if mustWait(visit), !isSpared(visit) {
            if let host = hostInTheWay(of: visit), setAside(visit, until: host) { return }
            guard await putOff(visit) else { return releaseSlot(of: visit) }
            await askAgain(progress)
        }
        write(visit)
        if sink.isFull, await !sink.handOverFull() { intake.stop() }
        releaseSlot(of: visit)
    }

    /// Gives up all that a domain holds but its entry, until there is room where it has to wait;
    /// false where there is no slot for it.
    private func setAside(_ visit: DomainTask, until crowded: BusyTarget) -> Bool {
        if !isStopping {
            // A policy is not to be fetched a second time.
            let progress = visit.seen?.policy == nil ? nil : visit.progress
            let domain = ParkedDomains.Domain(numbered: visit.numbered, progress: progress)
            guard aside.add(domain, until: crowded, at: loop.now) else { return false }
            lookForRoomSoon()
        }
        if let deadline = visit.deadline { loop.cancel(deadline) }
        releaseSlot(of: visit)
        return true
    }

    /// The host that a domain would hold a slot for, to see it tried again, where slots are
    /// scarce.
    private func hostInTheWay(of visit: DomainTask) -> BusyTarget? {
        guard deferred.count > options.deferredLimit / 2, let seen = visit.seen, !seen.isTransient
        else { return nil }
        return seen.hosts.first { $0.isTransient && !hasSettled($0) }.map { .host($0.name) }
    }

    /// Whether a domain is not asked about again, since others are whose policies failed to be
    /// fetched from the same address, and slots are scarce.
    private func isSpared(_ visit: DomainTask) -> Bool {
        guard deferred.count > options.deferredLimit / 2, let seen = visit.seen
        else { return false }
        let isAnswered = ![seen.mx, seen.record, seen.tlsrpt].contains { $0.status.isTransient }
        return isAnswered && seen.policy?.isShared == true
    }

    /// Looks for room in a moment, and again as long as domains are set aside.
    private func lookForRoomSoon() {
        guard aside.isWaiting, !isLookingForRoom else { return }
        isLookingForRoom = true
        let next = loop.now.advanced(milliseconds: Self.roomMilliseconds)
        _ = loop.schedule(at: next) { [self] in
            Task(executorPreference: loop) {
                await self.lookForRoom()
                await self.lookedForRoom()
            }
        }
    }

    private func lookedForRoom() {
        isLookingForRoom = false
        lookForRoomSoon()
    }

    /// Begins domains that were set aside, where there is room by now.
    private func lookForRoom() async {
        let now = loop.now
        var destinations: [BusyDestination] = []
        var overdue: Set<BusyDestination> = []
        for (crowded, since) in aside.destinations {
            switch crowded {
            case .host(let host):
                if await !owner(of: host).isUnderWay(host) {
                    aside.release(crowded, options.senders)
                }
            case .destination(let destination):
                destinations.append(destination)
                if now.milliseconds(since: since) > options.limits.waitMaxMilliseconds {
                    overdue.insert(destination)
                }
            }
        }
        let rooms = await limiter.rooms(at: destinations, overdue: overdue)
        for (destination, room) in zip(destinations, rooms) where room > 0 {
            aside.release(.destination(destination), max(1, room / options.threads))
        }
        fill()
    }

    /// Frees the slot of a domain that has its record, or gets none.
    private func releaseSlot(of visit: DomainTask) {
        if visit.hasParkedSlot { return deferred.release() }
        window.release()
        fill()
    }

    /// Gives the slot of a domain that has to wait for others' servers to another domain, as long
    /// as there is room for such that wait.
    private func parkSlot(of visit: DomainTask) {
        guard deferred.tryAcquire() else { return }
        visit.hasParkedSlot = true
        window.release()
        fill()
    }

    /// Gives the slot of a domain that is to be asked about again to another, waiting for room;
    /// false where the scan stops.
    private func putOff(_ visit: DomainTask) async -> Bool {
        if visit.hasParkedSlot { return true }
        guard await deferred.acquire() else { return false }
        visit.hasParkedSlot = true
        window.release()
        fill()
        return true
    }

    /// Whether something failed for a passing reason, and is to be asked about again.
    private func mustWait(_ visit: DomainTask) -> Bool {
        guard let seen = visit.seen, !options.retryDelays.isEmpty else { return false }
        return seen.isTransient || seen.hosts.contains { $0.isTransient && !hasSettled($0) }
    }

    /// Whether it is the last that is to come of the host.
    private func hasSettled(_ host: HostObservation) -> Bool {
        host.number > 0 || host.rounds > options.retryDelays.count
    }

    /// Asks again what failed for a passing reason, at growing intervals.
    private func askAgain(_ progress: DomainProgress) async {
        for delay in options.retryDelays where progress.seen?.isTransient == true {
            await loop.sleep(until: loop.now.advanced(milliseconds: delay))
            if services.contacts.excludes(progress.domain) { break }
            await services.domainScan.askAgain(progress)
            await goOnWaiting(progress)
        }
        for (index, host) in (progress.seen?.hosts ?? []).enumerated() where host.isTransient {
            let end = try? await owner(of: host.name).end(ofHost: host.name)
            if let end { progress.replaceHost(at: index, by: end) }
        }
    }

    private func write(_ visit: DomainTask) {
        let record = record(of: visit)
        note(record)
        sink.take(record, of: visit.numbered.number)
        guard visit.progress != nil else { return }
        recent.note(visit.numbered.entry.index, startedAt: visit.start, endedAt: loop.now)
    }

    private func note(_ record: DomainRecord) {
        guard let seen = record.observation else { return }
        status.times.domain.add(microseconds: UInt64(record.durationMS) * 1000)
        guard seen.policyFetchStatus != nil, let policy = seen.policy, policy.durationMS > 0
        else { return }
        status.times.policyFetch.add(microseconds: UInt64(policy.durationMS) * 1000)
    }

    private func record(of visit: DomainTask) -> DomainRecord {
        let entry = visit.numbered.entry
        let judgement = visit.progress?.judgement(trustsAD: trustsAD)
        if logsDomains {
            options.log.debug("\(entry.input): \(judgement?.verdict.rawValue ?? "not asked for")")
        }
        return DomainRecord(
            entry: DomainRecord.Entry(entry), scannedAt: visit.scannedAt,
            durationMS: loop.now.milliseconds(since: visit.start), observation: visit.seen,
            judgement: judgement, preloadList: options.preload?.list)
    }

    /// Looks at what the three questions call for; `visit` has a slot to give away.
    private func goOn(
        _ progress: DomainProgress, in visit: DomainTask? = nil, mustWait: Bool
    ) async throws(BusyTarget) {
        try await services.domainScan.goOn(
            progress, mustWait: mustWait,
            host: { (host) async throws(BusyTarget) in
                let seen = try await self.owner(of: host).progress(ofHost: host, mustWait: mustWait)
                self.status.hostsAskedFor += 1
                return seen
            },
            begin: { if !self.begin($0), let visit { self.watch(visit) } },
            beforePolicy: { if let visit { self.watch(visit) } })
    }

    /// The same for a domain that waits however many others do; where those it waits with are set
    /// aside, it begins again.
    private func goOnWaiting(_ progress: DomainProgress) async {
        while true {
            do throws(BusyTarget) {
                return try await goOn(progress, mustWait: true)
            } catch {
                await loop.sleep(until: loop.now.advanced(milliseconds: 1000))
            }
        }
    }

    /// From here on a domain waits for servers of others: when that takes long it gives its slot
    /// away.
    private func watch(_ visit: DomainTask) {
        guard visit.deadline == nil else { return }
        let instant = loop.now.advanced(milliseconds: Self.patienceMilliseconds)
        visit.deadline = loop.schedule(at: instant) { [self] in
            assumeIsolated { $0.parkSlot(of: visit) }
        }
    }

    // MARK: Status

    /// Posts the status and hands records over, several times a second, as long as the loop runs.
    private func report() {
        refreshDistrust()
        post()
        sink.offer()
        let next = loop.now.advanced(milliseconds: 250)
        _ = loop.schedule(at: next) { [self] in assumeIsolated { $0.report() } }
    }

    private func post() {
        status.totals = sink.totals
        status.domainsInFlight = window.count
        status.queriesInFlight = services.resolver.out
        status.queriesWaiting = services.resolver.load - services.resolver.out
        status.questionsEnded = services.resolver.ended
        status.fetchesInFlight = services.fetcher.inFlight
        status.probesInFlight = services.prober.inFlight
        status.slowProbes = services.prober.slow
        status.hosts = hosts.known
        status.deferred = deferred.count + aside.count
        status.servers = services.resolver.reports
        if index == 0 { status.found = services.resolver.references }
        status.times.dns = services.resolver.times
        status.dnsRateWaits = services.resolver.rateWaits
        status.times.smtpConnect = services.prober.times.connect
        status.times.starttls = services.prober.times.session
        // These live on the first loop.
        if index == 0 {
            status.admission = limiter.assumeIsolated { $0.stats }
            status.sharing = share.assumeIsolated { $0.stats }
        }
        channels.board.post(status, of: index)
    }
}
