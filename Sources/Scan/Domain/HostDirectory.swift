internal import DNS
internal import EventLoop
internal import Survey

/// The MX hosts of a scan: each is looked up and probed once, however many domains name it.
///
/// Facts are shared here; verdicts never are. What a host has shown stays in memory for the rest
/// of the scan, so memory grows with the number of distinct hosts.
final class HostDirectory {
    private enum Entry {
        case underWay([UnsafeContinuation<HostObservation, Never>])
        case known(HostObservation)
    }

    private var entries: [DomainName: Entry] = [:]
    private(set) var known = 0

    /// What the host has shown; the first who asks has `observe` find out, the others wait.
    func observation(
        of host: DomainName, _ observe: (DomainName) async -> HostObservation
    ) async -> HostObservation {
        switch entries[host] {
        case .known(let observation): return observation
        case .underWay: return await wait(for: host)
        case nil:
            entries[host] = .underWay([])
            let observation = await observe(host)
            settle(host, observation)
            return observation
        }
    }

    /// Takes over what is known from before.
    func restore(_ observation: HostObservation) {
        entries[observation.name] = .known(observation)
        known += 1
    }

    /// Whether the host is known, or being looked at.
    func knows(_ host: DomainName) -> Bool { entries[host] != nil }

    private func wait(for host: DomainName) async -> HostObservation {
        await withUnsafeContinuation { continuation in
            switch entries[host] {
            case .known(let observation): continuation.resume(returning: observation)
            case .underWay(var waiting):
                waiting.append(continuation)
                entries[host] = .underWay(waiting)
            case nil: preconditionFailure("a host under way cannot be forgotten")
            }
        }
    }

    private func settle(_ host: DomainName, _ observation: HostObservation) {
        if case .underWay(let waiting) = entries[host] {
            for continuation in waiting { continuation.resume(returning: observation) }
        }
        entries[host] = .known(observation)
        known += 1
    }
}
