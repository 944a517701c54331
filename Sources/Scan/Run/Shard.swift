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
internal import Networks
internal import Observations
internal import PolicyFetch
internal import Preload
internal import Probe
internal import Records
internal import Resolver
internal import TLS

/// One event loop of a scan and everything that lives on it: a resolver, a fetcher, a prober, the
/// MX hosts that belong to it, and the domains in progress.
///
/// # The whole story
///
/// A shard runs the state machines of `Probe` and decides nothing about them: `DomainProbe` and
/// `HostProbe` say what is to be asked, fetched, probed or waited for, and when something is
/// retried; the shard does it and reports what has happened. It does decide which domain waits in
/// which kind of slot.
///
/// **Who owns what.** `intake` holds entries from the reading thread. A `DomainTask` is the one
/// object of a domain in flight; it holds the domain's probe and the event that was posted to it.
/// The event's poster owns nothing: it appends the task to `ready`, and one Swift task
/// (`goOnWithReady`) takes every step of every domain of the loop, one after the other. `hosts`
/// holds what is known of the MX hosts that belong to this shard by their name's hash, and who
/// waits for those in progress; other shards get them by actor calls. `sink` holds encoded records
/// until the writing thread takes them. The connection limiter and the shared handshakes belong to
/// the scan, and run on the first loop.
///
/// **Order of events.** A domain gets a slot of the `window` and is begun; the resolver answers its
/// questions by posting to the task, without a Swift task that waits. A domain without a record
/// whose hosts are known is judged, encoded and released. Only fetching a policy and waiting for
/// hosts take a Swift task each, for as long as that lasts. A host is observed by a Swift task of
/// its own, once for all domains that need it. Its record goes to the sink before its final
/// observation is given out, so that no domain's record refers to one that is not written.
///
/// **Where domains wait.** No domain is begun while as many questions wait as may be out: `senders`
/// is the ceiling of the `window`, and the name servers decide how much of it is used. One that
/// waits for servers of others for longer than
/// `patienceMilliseconds` gives its slot in the window to another and takes one of `deferred`, if
/// there is one. One that is to be retried, or waits for a host's last attempt, must have one of
/// `deferred`, and keeps its slot in the window until it has. One that would wait with too many
/// others goes `aside` as its entry alone, until its host has been observed, or until the limiter
/// has room at its destination, which is checked every `roomMilliseconds`. All three are bounded,
/// so memory does not grow with the list; where they are full, the intake slows.
///
/// **What happens on failure.** A name server that fails is handled by the resolver; where it
/// proves to have given false answers, the records and hosts of that time are set apart and
/// forgotten (`refreshDistrust`). Where the writer has failed, the intake ends. When the scan
/// stops, domains in the window go on to their records; those that wait, in `deferred` or `aside`,
/// get none, and are restarted when the scan is resumed. While the writer is behind,
/// `goOnWithReady` waits for it, and with it all domains of the loop.
actor Shard {
    /// What a domain waits for in a slot of those that wait.
    private enum Wait {
        case delay(milliseconds: Int)
        case hosts([DomainName])
    }

    /// How long a domain keeps its slot in the window while it waits for policy and hosts.
    private static let patienceMilliseconds = 250
    /// How many domains may wait for one host with a slot of their own.
    static let hostWaitersMax = 1000
    /// How many domains can be parked for each slot of those that wait: they are kept as their
    /// entries.
    private static let asideFactor = 25
    /// How often room is looked for, in milliseconds.
    private static let roomMilliseconds = 50

    nonisolated let loop: EventLoop
    private let index: Int
    let options: ScanOptions
    private let channels: ScanChannels
    let services: LoopServices
    let trustsAD: Bool
    private let logsDomains: Bool
    let hosts: HostCache
    /// The number of the last observation of a host: beyond all that are on disk.
    var lastObservation = 0
    /// The slots of domains that wait: for retries, for hosts, or for long.
    private let deferred: SlotPool
    /// Domains that would wait for a destination for which too many wait already.
    private let aside: ParkedDomains
    private var isLookingForRoom = false
    private var isStopping = false
    /// Says where addresses are; nil without a file.
    var finder: NetworkFinder?
    /// How many hosts are being retried.
    var retrying = 0
    let sink: RecordSink
    /// The slots of domains in progress, of which those are used whose questions can be asked.
    private let window: SlotPool
    /// Domains of which something has happened.
    let ready = ReadyQueue()
    private var intake: BatchedIntake
    var peers: [Shard] = []
    var status = LoopStatus()
    private var recent: RecentRecords
    /// The time, in seconds since 1970, in which hosts were observed by false answers.
    var distrustedSince: Int64 = .max
    var distrustedUntil: Int64 = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    init(_ setup: LoopSetup, channels: ScanChannels) throws(ResolverError) {
        index = setup.index
        loop = setup.loop
        options = setup.options
        finder = options.networks.map { NetworkFinder($0) }
        self.channels = channels
        services = try LoopServices(setup)
        trustsAD = setup.context.trustsAD
        logsDomains = options.log.logLevel <= .debug
        hosts = HostCache(limit: (options.hostCacheLimit - 1) / options.threads + 1)
        deferred = SlotPool(limit: options.deferredLimit)
        aside = ParkedDomains(limit: Self.asideFactor * options.deferredLimit)
        window = SlotPool(limit: options.senders)
        sink = RecordSink(to: channels.records, sharesHosts: options.threads > 1)
        intake = BatchedIntake(from: channels.entries)
        recent = RecentRecords(of: index, in: channels.distrusted)
        let (distrusted, servers) = (channels.distrusted, setup.options.nameServers)
        services.resolver.onLie = { server, fault, time in
            distrusted.add(
                DistrustedTime(since: time.since, until: time.until),
                by: "\(servers[server])", "\(fault)")
        }
    }

    /// Scans until the intake ends; `peers` are all shards, this one among them.
    func run(among peers: [Shard]) async {
        self.peers = peers
        report()
        services.resolver.watchServers()
        let ending = Task(executorPreference: loop) { await self.goOnWithReady() }
        while await intake.refill() {
            fill()
            await intake.emptied()
        }
        repeat {
            await window.drained()
            await deferred.drained()
            await aside.drained()
        } while !isStopping && window.count + deferred.count + aside.count > 0
        ready.end()
        await ending.value
        await services.resolver.checkOnceMore()
    }

    /// Passes on the remaining records; to be called when every shard has ended, since hosts are
    /// shared.
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

    /// Takes over hosts that were probed before the scan was interrupted, and numbers new ones
    /// after all `numbers` assigned then.
    func restore(_ observations: [HostObservation], after numbers: Int) {
        lastObservation = numbers
        for host in observations { hosts.restore(host) }
    }

    /// Begins no more entries; domains in progress go on, those that wait are given up.
    func stop() {
        isStopping = true
        intake.stop()
        deferred.abandon()
        aside.abandon()
    }

    /// Does not contact what `blocklist` excludes, from now on.
    func exclude(_ blocklist: Blocklist) {
        services.exclude(blocklist)
    }

    /// Hosts that wait to share handshakes; reported by the first loop, which has them.
    func sharesThatWait() async -> (groups: Int, hosts: Int)? {
        index == 0 ? await services.setup.share.waiting : nil
    }

    /// Forgets a host that was observed by false answers; domains that have waited for it are in
    /// progress now, here or on another loop.
    func distrust(_ host: DomainName) {
        hosts.forget(host)
        channels.distrusted.addWaiting(at: loop.now)
    }

    // MARK: Domains

    /// Begins domains, as long as there are slots and entries, and few questions wait.
    ///
    /// Each domain that gives up its slot has more begun: so the list is read as fast as name
    /// servers answer, and those that wait for servers of others wait with what is known of them.
    private func fill() {
        while window.hasFreeSlot, keepsUp, let next = nextDomain(), window.tryAcquire() {
            ready.append(next)
        }
    }

    /// Whether few questions wait, those included that domains which were begun just now will ask.
    private var keepsUp: Bool { services.resolver.keepsUp(with: ready.count) }

    private func nextDomain() -> DomainTask? {
        switch aside.takeReady() {
        case .entry(let numbered): return newTask(numbered)
        case .task(let parked):
            parked.restart(at: loop.now)
            return parked
        case nil: return intake.take().map(newTask)
        }
    }

    private func newTask(_ numbered: NumberedEntry) -> DomainTask {
        DomainTask(numbered, by: services.rules, at: loop.now, ready: ready)
    }

    /// Handles the events of domains, until there are no more.
    private func goOnWithReady() async {
        while await ready.arrive() {
            for domain in ready.takeAll() {
                let action = domain.step(at: loop.turnMoment, isCrowded: areRetriesScarce)
                carryOut(action, for: domain)
                if sink.isFull { await handOver() }
            }
        }
    }

    /// Handles an event of a domain.
    private func goOn(_ domain: DomainTask, with event: DomainProbe.Event) {
        carryOut(
            domain.step(event, at: loop.turnMoment, isCrowded: areRetriesScarce), for: domain)
    }

    /// Whether more than half of the slots are taken of those that wait for retries.
    private var areRetriesScarce: Bool { deferred.count > options.deferredLimit / 2 }

    /// Carries out the next action for a domain; `busy` is the target for which too many wait,
    /// where the action follows from that.
    private func carryOut(
        _ action: DomainProbe.Action, for domain: DomainTask, busy: BusyTarget? = nil
    ) {
        switch action {
        case .ask(let questions, let order):
            if domain.probe?.needsServers == true { watch(domain) }
            services.resolver.ask(questions, in: order, for: domain)
        case .fetch(let request, let mustWait):
            watch(domain)
            Task(executorPreference: loop) { await self.fetch(request, mustWait, for: domain) }
        case .probe(let targets, let mustWait):
            if let known = known(targets) { return goOn(domain, with: .observed(known)) }
            watch(domain)
            Task(executorPreference: loop) { await self.observe(targets, mustWait, for: domain) }
        case .park(let host): park(domain, until: host.map(BusyTarget.host) ?? busy)
        case .pause(let milliseconds): post(.delayOver, to: domain, after: milliseconds)
        case .retry(let milliseconds): putOff(domain, .delay(milliseconds: milliseconds))
        case .waitForHosts(let targets): putOff(domain, .hosts(targets))
        case .finished(let seen):
            write(domain, seen)
            releaseSlot(of: domain)
        case .abandoned: releaseSlot(of: domain)
        }
    }

    private func post(
        _ event: DomainProbe.Event, to domain: DomainTask, after milliseconds: Int
    ) {
        _ = loop.schedule(at: loop.now.advanced(milliseconds: milliseconds)) {
            domain.post(event)
        }
    }

    private func fetch(
        _ request: PolicyRequest, _ mustWait: Bool, for domain: DomainTask
    ) async {
        do throws(BusyTarget) {
            domain.post(.fetched(try await services.fetch(request, mustWait: mustWait)))
        } catch {
            await giveWay(domain, to: error)
        }
    }

    /// What hosts show, where all of them are known here.
    private func known(_ targets: [DomainName]) -> [HostObservation]? {
        var all: [HostObservation] = []
        all.reserveCapacity(targets.count)
        for host in targets {
            guard owner(of: host) === self, let seen = hosts.observation(of: host) else {
                return nil
            }
            all.append(seen)
        }
        status.hostsAskedFor += all.count
        return all
    }

    private func observe(
        _ targets: [DomainName], _ mustWait: Bool, for domain: DomainTask
    ) async {
        begin(targets)
        var seen: [HostObservation] = []
        do throws(BusyTarget) {
            for host in targets {
                seen.append(try await owner(of: host).progress(ofHost: host, mustWait: mustWait))
                status.hostsAskedFor += 1
            }
        } catch {
            return await giveWay(domain, to: error)
        }
        domain.post(.observed(seen))
    }

    /// Has a domain do what it does where too many others wait for the same.
    private func giveWay(_ domain: DomainTask, to busy: BusyTarget) async {
        let action = domain.step(.busy, at: loop.turnMoment, isCrowded: areRetriesScarce)
        carryOut(action, for: domain, busy: busy)
        if sink.isFull { await handOver() }
    }

    private func settle(_ targets: [DomainName], of domain: DomainTask) async {
        var seen: [HostObservation] = []
        for host in targets {
            if let end = try? await owner(of: host).end(ofHost: host) { seen.append(end) }
        }
        domain.post(.settled(seen))
    }

    // MARK: Waiting

    /// Parks a domain, as its entry or with what was costly to observe, until there is room at its
    /// target; where it cannot be parked, it goes on.
    private func park(_ domain: DomainTask, until busy: BusyTarget?) {
        if !isStopping {
            let isKept = domain.probe?.isKeptWhenParked == true
            let parked = isKept ? .task(domain) : ParkedDomains.Domain.entry(domain.numbered)
            guard let busy, aside.add(parked, until: busy, at: loop.now) else {
                return goOn(domain, with: .notParked)
            }
            lookForRoomSoon()
        }
        releaseSlot(of: domain)
    }

    /// Looks for room after a short delay, and again as long as domains are parked.
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

    /// Restarts domains that were parked, where there is room now.
    private func lookForRoom() async {
        var destinations: [(BusyDestination, since: Instant)] = []
        for (target, since) in aside.destinations {
            switch target {
            case .host(let host):
                if await !owner(of: host).isUnderWay(host) {
                    aside.release(target, options.senders, at: loop.now)
                }
            case .destination(let destination): destinations.append((destination, since))
            }
        }
        let rooms = await services.setup.limiter.rooms(at: destinations)
        for ((destination, _), room) in zip(destinations, rooms) where room > 0 {
            let count = max(1, room / options.threads)
            aside.release(.destination(destination), count, at: loop.now)
        }
        fill()
    }

    /// Frees the slot of a domain that has its record, gets none, or is parked.
    private func releaseSlot(of domain: DomainTask) {
        unwatch(domain)
        if domain.hasParkedSlot { deferred.release() } else { window.release() }
        fill()
    }

    /// From here on a domain waits for servers of others: when that takes long it gives its slot
    /// in the window away, as long as there is room for such that wait.
    private func watch(_ domain: DomainTask) {
        guard domain.deadline == nil, !domain.hasParkedSlot else { return }
        let instant = loop.now.advanced(milliseconds: Self.patienceMilliseconds)
        domain.deadline = loop.schedule(at: instant) { [self] in
            assumeIsolated { shard in
                if shard.deferred.tryAcquire() { shard.parkSlot(of: domain) }
            }
        }
    }

    private func unwatch(_ domain: DomainTask) {
        guard let deadline = domain.deadline else { return }
        loop.cancel(deadline)
        domain.deadline = nil
    }

    /// Gives the slot of a domain in the window to another; it has one of `deferred` now.
    private func parkSlot(of domain: DomainTask) {
        domain.hasParkedSlot = true
        window.release()
        fill()
    }

    /// Has a domain wait for a retry in a slot for retries; where none is free it keeps its own
    /// until one is.
    private func putOff(_ domain: DomainTask, _ wait: Wait) {
        unwatch(domain)
        if !domain.hasParkedSlot {
            guard deferred.tryAcquire() else {
                Task(executorPreference: loop) { await self.putOffLater(domain, wait) }
                return
            }
            parkSlot(of: domain)
        }
        begin(wait, of: domain)
    }

    private func putOffLater(_ domain: DomainTask, _ wait: Wait) async {
        guard await deferred.acquire() else { return goOn(domain, with: .stopped) }
        parkSlot(of: domain)
        begin(wait, of: domain)
    }

    private func begin(_ wait: Wait, of domain: DomainTask) {
        switch wait {
        case .delay(let milliseconds):
            noteRetry(after: milliseconds)
            post(.delayOver, to: domain, after: milliseconds)
        case .hosts(let targets):
            Task(executorPreference: loop) { await self.settle(targets, of: domain) }
        }
    }

    /// Counts a retry that waits from now on, for those who wait for the scan.
    func noteRetry(after milliseconds: Int) {
        let further = options.retryDelays.drop { $0 != milliseconds }.dropFirst()
        let longest = further.reduce(milliseconds, +)
        status.retries.begin(overAt: MonotonicClock.milliseconds() + longest)
        _ = loop.schedule(at: loop.now.advanced(milliseconds: milliseconds)) { [self] in
            assumeIsolated { $0.status.retries.end() }
        }
    }

    // MARK: Records

    private func write(_ domain: DomainTask, _ seen: DomainObservation?) {
        let record = record(of: domain, seen)
        note(record)
        sink.take(record, of: domain.numbered.number)
        guard seen != nil else { return }
        recent.note(domain.numbered.entry.index, startedAt: domain.start, endedAt: loop.now)
    }

    /// Passes records on once there are enough; while the writer is behind, nothing else proceeds.
    private func handOver() async {
        if await !sink.handOverFull() { intake.stop() }
    }

    private func note(_ record: DomainRecord) {
        guard let seen = record.observation else { return }
        status.times.domain.add(microseconds: UInt64(record.durationMS) * 1000)
        guard seen.policyFetchStatus != nil, let policy = seen.policy, policy.durationMS > 0
        else { return }
        status.times.policyFetch.add(microseconds: UInt64(policy.durationMS) * 1000)
    }

    private func record(of domain: DomainTask, _ seen: DomainObservation?) -> DomainRecord {
        let entry = domain.numbered.entry
        let judgement = seen.flatMap { domain.judgement(of: $0, trustsAD: trustsAD) }
        if logsDomains {
            options.log.debug("\(entry.label): \(judgement?.verdict.rawValue ?? "not asked for")")
        }
        return DomainRecord(
            entry: DomainRecord.Entry(entry), scannedAt: domain.scannedAt,
            durationMS: loop.now.milliseconds(since: domain.start), observation: seen,
            judgement: judgement, preloadList: options.preload?.list,
            policyNetworks: seen?.policy.flatMap { finder?.networks(of: $0.allAddresses) })
    }

    // MARK: Status

    /// Posts the status and passes records on, several times a second, as long as the loop runs.
    private func report() {
        refreshDistrust()
        services.noteLag()
        post()
        sink.offer()
        // Questions of hosts may have kept domains from being begun, and no domain ends for them.
        fill()
        let next = loop.now.advanced(milliseconds: 250)
        _ = loop.schedule(at: next) { [self] in assumeIsolated { $0.report() } }
    }

    private func post() {
        status.totals = sink.totals
        status.domainsInFlight = window.count
        status.note(services)
        status.hosts = hosts.known
        status.deferred = deferred.count + aside.count
        if index == 0 { status.found = services.resolver.references }
        channels.board.post(status, of: index)
    }
}
