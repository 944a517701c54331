internal import DNS
internal import EventLoop
internal import Observations
internal import Records

/// The MX hosts that fall to a shard.
extension Shard {
    /// Each host falls to one shard, so that it is asked for once however many loops there are.
    func owner(of host: DomainName) -> Shard {
        peers.count == 1 ? self : peers[Self.index(of: host, among: peers.count)]
    }

    /// Which of so many shards a host falls to.
    static func index(of host: DomainName, among count: Int) -> Int {
        Int(UInt(bitPattern: host.hashValue) % UInt(count))
    }

    /// Has hosts looked at together instead of one after the other; whether all are known here.
    func begin(_ targets: [DomainName]) -> Bool {
        var areSettled = true
        for host in targets {
            let isSettled = hosts.isSettled(host)
            if isSettled != true { areSettled = false }
            guard isSettled == nil, targets.count > 1 else { continue }
            let owner = owner(of: host)
            Task(executorPreference: owner.loop) {
                _ = try? await owner.progress(ofHost: host, mustWait: false)
            }
        }
        return areSettled
    }

    /// What a host shows; where that has a passing reason it may show something else in the end.
    ///
    /// Where too many wait for it, that is thrown, unless the caller `mustWait`.
    func progress(ofHost host: DomainName, mustWait: Bool) async throws(BusyTarget)
        -> HostObservation
    {
        switch hosts.look(up: host) {
        case .known(let observation): return observation
        case .underWay(let pending):
            guard mustWait || pending.waiting < Self.hostWaitersMax else { throw .host(host) }
            return try await pending.progress()
        case .nothing(let pending): return try await find(host, for: pending, mustWait: mustWait)
        }
    }

    /// Whether a host is being looked at.
    func isUnderWay(_ host: DomainName) -> Bool { hosts.isSettled(host) == false }

    /// What a host shows in the end; looked at anew where it has been forgotten.
    func end(ofHost host: DomainName) async throws(BusyTarget) -> HostObservation {
        switch hosts.look(up: host) {
        case .known(let observation): return observation
        case .underWay(let pending): return try await pending.end()
        case .nothing(let pending):
            _ = try await find(host, for: pending, mustWait: true)
            return try await pending.end()
        }
    }

    private func find(
        _ host: DomainName, for pending: PendingProbe, mustWait: Bool
    ) async throws(BusyTarget) -> HostObservation {
        let seen: HostObservation
        do throws(BusyTarget) {
            seen = try await probe(host, round: 1, mustWait: mustWait)
        } catch {
            hosts.abandon(host, pending, for: error)
            throw error
        }
        guard seen.isTransient, !options.retryDelays.isEmpty, !isSpared(seen) else {
            return await settle(pending, seen)
        }
        pending.saw(seen)
        retrying += 1
        Task(executorPreference: loop) { await self.retry(seen) }
        return seen
    }

    /// Whether a host is not tried again: others at its address are, for all of them.
    private func isSpared(_ seen: HostObservation) -> Bool {
        seen.isSharedFailure && retrying >= options.deferredLimit / 4
    }

    /// Tries a host again at growing intervals, and keeps what comes of it.
    private func retry(_ first: HostObservation) async {
        var seen = first
        for delay in options.retryDelays where seen.isTransient {
            await loop.sleep(until: loop.now.advanced(milliseconds: delay))
            let round = seen.rounds + 1
            seen = (try? await probe(first.name, round: round, mustWait: true)) ?? seen
        }
        retrying -= 1
        if case .underWay(let pending) = hosts.look(up: first.name) {
            _ = await settle(pending, seen)
        }
    }

    private func probe(
        _ host: DomainName, round: Int, mustWait: Bool
    ) async throws(BusyTarget) -> HostObservation {
        try await services.hostScan.observe(
            host, at: WallClock.seconds(), round: round, mustWait: mustWait)
    }

    /// Writes the host's record ahead of those of the domains that refer to it.
    private func settle(_ pending: PendingProbe, _ seen: HostObservation) async -> HostObservation {
        lastObservation += 1
        let seen = seen.numbered(lastObservation)
        let record = HostRecord(seen, trustsAD: trustsAD)
        _ = await sink.append(record)
        let forJudging = seen.forJudging
        hosts.settle(pending, forJudging)
        if seen.observedAt <= distrustedUntil, seen.observedAt >= distrustedSince {
            distrust(forJudging.name)
        }
        return forJudging
    }
}
