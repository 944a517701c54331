internal import Blocklist
internal import DNS
internal import DequeModule
internal import DomainList
internal import EventLoop
internal import Logging
internal import MXProbe
internal import PolicyFetch
internal import Resolver
internal import Survey
internal import TLS

/// One event loop and everything that lives on it: a resolver, a fetcher, a prober, the MX hosts
/// that fall to it, and the tasks that scan domains.
actor Shard {
    nonisolated let loop: EventLoop
    private let index: Int
    private let options: ScanOptions
    private let channels: ScanChannels
    private let instruments: Instruments
    private let trustsAD: Bool
    private let hosts = HostDirectory()
    private let sink: RecordSink
    private var intake: BatchedIntake
    private var peers: [Shard] = []
    private var status = LoopStatus()

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(
        index: Int, loop: EventLoop, options: ScanOptions, ground: ScanGround,
        channels: ScanChannels
    ) throws(ResolverError) {
        self.index = index
        self.loop = loop
        self.options = options
        self.channels = channels
        instruments = try Instruments(options, ground, on: loop)
        trustsAD = ground.trustsAD
        sink = RecordSink(to: channels.records)
        intake = BatchedIntake(from: channels.entries)
    }

    /// Scans until the intake ends; `peers` are all shards, this one among them.
    func run(among peers: [Shard]) async {
        self.peers = peers
        report()
        instruments.resolver.watchServers()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<options.senders {
                group.addTask(executorPreference: loop) { await self.scanDomains() }
            }
        }
    }

    /// Hands over what is left; to be called when every shard has ended, since hosts are shared.
    func finish() async {
        await sink.flush()
        post()
    }

    /// Takes over hosts that were probed before the scan was broken off.
    func restore(_ observations: [HostObservation]) {
        for host in observations { hosts.restore(host) }
    }

    /// Gives out no more entries; domains under way go on.
    func stop() { intake.stop() }

    /// Leaves alone what `blocklist` excludes, from now on.
    func exclude(_ blocklist: Blocklist) { instruments.contacts.blocklist = blocklist }

    // MARK: Domains

    private func scanDomains() async {
        while let numbered = await intake.next() {
            status.domainsInFlight += 1
            let record = await observe(numbered.entry)
            status.tally.add(record)
            let isWritten = await sink.append(record, of: numbered.number)
            status.domainsInFlight -= 1
            guard isWritten else { return }
        }
    }

    private func observe(_ entry: ListEntry) async -> DomainRecord {
        let start = loop.now
        let scannedAt = WallClock.seconds()
        var observation: DomainObservation?
        var judgement: Judgement?
        if case .success(let domain) = entry.name, !instruments.contacts.excludes(domain) {
            let seen = await observe(domain)
            observation = seen
            judgement = Judgement(of: domain, seen, trustsAD: trustsAD)
        }
        options.log.debug("\(entry.input): \(judgement?.verdict.rawValue ?? "not asked for")")
        return DomainRecord(
            entry: DomainRecord.Entry(entry), scannedAt: scannedAt,
            durationMS: loop.now.milliseconds(since: start), observation: observation,
            judgement: judgement, preloadList: options.preload?.list)
    }

    private func observe(_ domain: DomainName) async -> DomainObservation {
        await instruments.domainScan.observe(
            domain,
            host: { await self.owner(of: $0).observation(ofHost: $0) },
            begin: { self.begin($0) })
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

    /// Has hosts looked at together instead of one after the other.
    private func begin(_ targets: [DomainName]) {
        guard targets.count > 1 else { return }
        for host in targets where !hosts.knows(host) {
            let owner = owner(of: host)
            Task(executorPreference: owner.loop) { _ = await owner.observation(ofHost: host) }
        }
    }

    private func observation(ofHost host: DomainName) async -> HostObservation {
        await hosts.observation(of: host) { host in
            let seen = await instruments.hostScan.observe(host, at: WallClock.seconds())
            let record = HostRecord(seen, trustsAD: trustsAD)
            status.tally.add(record)
            _ = await sink.append(record)
            return seen.essence
        }
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
        status.servers = instruments.resolver.reports
        channels.board.post(status, of: index)
    }
}
