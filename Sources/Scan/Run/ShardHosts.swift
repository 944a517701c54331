internal import DNS
internal import EventLoop
internal import Networks
internal import Observations
internal import Records
internal import ScanFolder

/// The MX hosts that fall to a shard.
extension Shard {
    /// Each host belongs to one shard, so that it is observed once however many loops there are.
    func owner(of host: DomainName) -> Shard {
        peers.count == 1 ? self : peers[Self.index(of: host, among: peers.count)]
    }

    /// Which of so many shards a host falls to.
    static func index(of host: DomainName, among count: Int) -> Int {
        Int(UInt(bitPattern: host.hashValue) % UInt(count))
    }

    /// Begins to observe hosts concurrently instead of one after the other.
    func begin(_ targets: [DomainName]) {
        guard targets.count > 1 else { return }
        for host in targets where hosts.isSettled(host) == nil {
            let owner = owner(of: host)
            Task(executorPreference: owner.loop) {
                _ = try? await owner.progress(ofHost: host, mustWait: false)
            }
        }
    }

    /// What a host has shown so far; after a transient failure its final observation may differ.
    ///
    /// Throws where too many wait for it, unless the caller `mustWait`.
    func progress(ofHost host: DomainName, mustWait: Bool) async throws(BusyTarget)
        -> HostObservation
    {
        switch hosts.look(up: host) {
        case .known(let observation): return observation
        case .underWay(let pending):
            guard mustWait || pending.waiting < Self.hostWaitersMax else { throw .host(host) }
            return try await pending.progress()
        case .nothing(let pending):
            find(host, mustWait: mustWait)
            return try await pending.progress()
        }
    }

    /// Whether a host is being observed.
    func isUnderWay(_ host: DomainName) -> Bool { hosts.isSettled(host) == false }

    /// The final observation of a host, which is probed again where it has been evicted.
    func end(ofHost host: DomainName) async throws(BusyTarget) -> HostObservation {
        switch hosts.look(up: host) {
        case .known(let observation): return observation
        case .underWay(let pending): return try await pending.end()
        case .nothing(let pending):
            find(host, mustWait: true)
            return try await pending.end()
        }
    }

    private func find(_ host: DomainName, mustWait: Bool) {
        Task(executorPreference: loop) { await self.observe(host, mustWait: mustWait) }
    }

    /// Observes a host that is registered as pending, and keeps its final observation.
    private func observe(_ host: DomainName, mustWait: Bool) async {
        guard let pending = hosts.pending(host) else { return }
        var isRetried = false
        defer { if isRetried { retrying -= 1 } }
        do throws(BusyTarget) {
            let seen = try await services.hostScan.observe(
                host, mustWait: mustWait,
                isCrowded: { self.retrying >= self.options.deferredLimit / 4 },
                onRetry: { seen, milliseconds in
                    self.noteRetry(after: milliseconds)
                    if !isRetried { self.retrying += 1 }
                    isRetried = true
                    pending.saw(seen)
                })
            await settle(pending, seen)
        } catch {
            hosts.abandon(host, pending, for: error)
        }
    }

    /// Writes the host's record ahead of those of the domains that refer to it.
    private func settle(_ pending: PendingProbe, _ seen: HostObservation) async {
        lastObservation += 1
        // Other shards of the list observe the same hosts.
        let number = options.shard?.globalNumber(lastObservation) ?? lastObservation
        let seen = seen.numbered(number)
        let record = HostRecord(
            seen, trustsAD: trustsAD, networks: finder?.networks(of: seen.allAddresses),
            vantage: options.vantage)
        _ = await sink.append(record)
        let forJudging = seen.forJudging
        hosts.settle(pending, forJudging)
        if seen.observedAt <= distrustedUntil, seen.observedAt >= distrustedSince {
            distrust(forJudging.name)
        }
    }
}
