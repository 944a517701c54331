internal import DNS
internal import EventLoop
internal import Survey

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
            Task(executorPreference: owner.loop) { _ = await owner.sight(ofHost: host) }
        }
        return areSettled
    }

    /// What a host shows; where that has a passing reason it may show something else in the end.
    func sight(ofHost host: DomainName) async -> HostObservation {
        switch hosts.look(up: host) {
        case .known(let observation): return observation
        case .underWay(let inquiry): return await inquiry.sight()
        case .nothing(let inquiry): return await find(host, for: inquiry)
        }
    }

    /// What a host shows in the end; looked at anew where it has been forgotten.
    func end(ofHost host: DomainName) async -> HostObservation {
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
        _ = await sink.append(record)
        let essence = seen.essence
        hosts.settle(inquiry, essence)
        return essence
    }
}
