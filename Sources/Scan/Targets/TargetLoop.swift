internal import Blocklist
internal import DNS
internal import EventLoop
internal import MTASTS
internal import Networks
internal import Observations
internal import Probe
internal import Records
internal import Resolver
internal import Synchronization

/// The queues between the loops of a run of targets and its blocking threads.
final class TargetChannels: Sendable {
    let targets = BoundedQueue<[NumberedTarget]>(capacity: 4)
    let records = BoundedQueue<TargetBatch>(capacity: 32)
    let board: StatusBoard
    /// What name servers proved to have answered falsely while targets were observed.
    let lies = Mutex<[String]>([])

    init(board: StatusBoard) { self.board = board }
}

/// Encoded records, whole lines, and their counts.
struct TargetBatch: Sendable {
    var lines: [UInt8] = []
    var totals = ScanTotals()
    /// The numbers of the targets whose records these are.
    var finished: [Int] = []
}

/// One event loop of a run whose targets are given: each gets a Swift task and one record.
///
/// A target holds a slot of the `window`. One that waits for long, for a server or for a retry,
/// gives it to another and takes one of `deferred`, as domains of a scan do (`Shard`): where those
/// are full too, the reading slows. While the writer is behind, targets keep their slots, and the
/// reading slows as well.
actor TargetLoop {
    /// How long a target keeps its slot in the window while it waits.
    private static let patienceMilliseconds = 250
    /// How long the reading waits where too many questions wait.
    private static let pauseMilliseconds = 10
    /// How many octets of records are enough to be handed over.
    private static let fullBytes = 64 << 10

    /// The slot of one target.
    ///
    /// `@unchecked Sendable`: only the loop touches it.
    private final class Slot: @unchecked Sendable {
        /// The number of the target.
        let number: Int
        var isDeferred = false
        var deadline: Deadline?

        init(of number: Int) { self.number = number }
    }

    nonisolated let loop: EventLoop
    private let index: Int
    private let options: ScanOptions
    private let channels: TargetChannels
    private let services: LoopServices
    private let trustsAD: Bool
    private let window: SlotPool
    private let deferred: SlotPool
    /// How many targets were begun and have asked nothing yet.
    private var unasked = 0
    private var finder: NetworkFinder?
    private let hostEncoder = RecordEncoder(Schema.host)
    private let policyEncoder = RecordEncoder(Schema.policy)
    private var line = LineBuffer(capacity: 16 << 10)
    private var batch = TargetBatch()
    /// The counts of what was handed over.
    private var handedOver = ScanTotals()
    private var status = LoopStatus()

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    init(_ setup: LoopSetup, channels: TargetChannels) throws(ResolverError) {
        index = setup.index
        loop = setup.loop
        options = setup.options
        self.channels = channels
        trustsAD = setup.context.trustsAD
        finder = options.networks.map { NetworkFinder($0) }
        window = SlotPool(limit: options.senders)
        deferred = SlotPool(limit: options.deferredLimit)
        services = try LoopServices(setup)
        let servers = setup.options.nameServers
        services.resolver.onLie = { [channels] server, fault, _ in
            channels.lies.withLock { $0.append("\(servers[server]) \(fault)") }
        }
    }

    /// Observes targets until there are no more.
    func run() async {
        report()
        services.resolver.watchServers()
        while let targets = await channels.targets.take() {
            for target in targets {
                guard await window.acquire() else { break }
                await untilKeepingUp()
                unasked += 1
                Task(executorPreference: loop) { await self.observe(target) }
            }
        }
        repeat {
            await window.drained()
            await deferred.drained()
        } while window.count + deferred.count > 0
        await handOver()
        post()
    }

    /// Waits until few questions wait, those included that targets which were begun just now will
    /// ask.
    private func untilKeepingUp() async {
        while !services.resolver.keepsUp(with: unasked) {
            await loop.sleep(until: loop.now.advanced(milliseconds: Self.pauseMilliseconds))
        }
    }

    /// Does not contact what `blocklist` excludes, from now on.
    func exclude(_ blocklist: Blocklist) {
        services.exclude(blocklist)
    }

    // MARK: Targets

    private func observe(_ numbered: NumberedTarget) async {
        unasked -= 1
        let slot = Slot(of: numbered.number)
        watch(slot)
        switch numbered.target {
        case .host(let name):
            await observe(
                HostProbe(
                    of: name, by: services.rules, mustWait: true, to: options.hostExtent), slot)
        case .known(let host) where options.hostExtent == .all:
            await observe(HostProbe(of: host, by: services.rules, mustWait: true), slot)
        case .known(let host): await write(host, slot)
        case .policy(let host): await fetch(PolicyProbe(of: host, by: services.rules), slot)
        }
        release(slot)
    }

    private func observe(_ probe: HostProbe, _ slot: Slot) async {
        do throws(BusyTarget) {
            await write(
                try await services.hostScan.observe(
                    probe, isCrowded: { self.areRetriesScarce },
                    onRetry: { _, _ in self.park(slot) }), slot)
        } catch {
            preconditionFailure("a host that must wait was not waited for: \(error)")
        }
    }

    private func fetch(_ probe: PolicyProbe, _ slot: Slot) async {
        var probe = probe
        var event = PolicyProbe.Event.begin
        while true {
            switch probe.handle(event, at: loop.moment) {
            case .ask(let questions):
                event = .answered(await services.resolver.lookups(questions))
            case .fetch(let request):
                do throws(BusyTarget) {
                    event = .fetched(try await services.fetch(request, mustWait: true))
                } catch {
                    preconditionFailure("a policy that must wait was not waited for: \(error)")
                }
            case .retry(let milliseconds):
                park(slot)
                await loop.sleep(until: loop.now.advanced(milliseconds: milliseconds))
                event = .delayOver
            case .finished(let policy):
                let networks = finder?.networks(of: policy.allAddresses)
                let record = PolicyRecord(policy, rounds: probe.rounds, networks: networks)
                batch.totals.add(record)
                policyEncoder.appendLine(record, to: &line)
                return await takeLine(of: slot)
            }
        }
    }

    /// Whether more than half of the slots are taken of those that wait.
    private var areRetriesScarce: Bool { deferred.count > options.deferredLimit / 2 }

    // MARK: Slots

    private func watch(_ slot: Slot) {
        let instant = loop.now.advanced(milliseconds: Self.patienceMilliseconds)
        slot.deadline = loop.schedule(at: instant) { [self] in
            assumeIsolated { $0.park(slot) }
        }
    }

    /// Gives the slot in the window to another target, where there is room for such that wait.
    private func park(_ slot: Slot) {
        guard !slot.isDeferred, deferred.tryAcquire() else { return }
        slot.isDeferred = true
        window.release()
    }

    private func release(_ slot: Slot) {
        if let deadline = slot.deadline { loop.cancel(deadline) }
        if slot.isDeferred { deferred.release() } else { window.release() }
    }

    // MARK: Records

    /// An observation has the number of its line, from 1, so that no two have the same.
    private func write(_ host: HostObservation, _ slot: Slot) async {
        let record = HostRecord(
            host.numbered(slot.number + 1), trustsAD: trustsAD,
            networks: finder?.networks(of: host.allAddresses), vantage: options.vantage)
        batch.totals.add(record)
        hostEncoder.appendLine(record, to: &line)
        await takeLine(of: slot)
    }

    /// Adds the line to the batch, and hands that over where it is full.
    private func takeLine(of slot: Slot) async {
        batch.finished.append(slot.number)
        line.withOctets { octets in
            unsafe octets.withUnsafeBufferPointer { unsafe batch.lines += $0 }
        }
        line.removeAll()
        if batch.lines.count >= Self.fullBytes { await handOver() }
    }

    /// Hands the batch over, waiting for room; where the writer has failed no more targets are
    /// taken.
    private func handOver() async {
        guard !batch.lines.isEmpty else { return }
        let full = batch
        renew()
        if await !channels.records.put(full) { channels.targets.finish() }
    }

    private func renew() {
        handedOver.merge(batch.totals)
        batch = TargetBatch()
    }

    // MARK: Status

    /// Posts the status and passes records on, several times a second, as long as the loop runs.
    private func report() {
        services.noteLag()
        post()
        if !batch.lines.isEmpty, channels.records.offer(batch) { renew() }
        let next = loop.now.advanced(milliseconds: 250)
        _ = loop.schedule(at: next) { [self] in assumeIsolated { $0.report() } }
    }

    private func post() {
        status.totals = handedOver
        status.totals.merge(batch.totals)
        status.domainsInFlight = window.count
        status.deferred = deferred.count
        status.note(services)
        channels.board.post(status, of: index)
    }
}
