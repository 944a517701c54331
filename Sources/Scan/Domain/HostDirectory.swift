internal import DNS
internal import EventLoop
internal import Survey

/// The MX hosts of a scan: each is looked up and probed once, however many domains name it.
///
/// Facts are shared here; verdicts never are. What a host has shown stays in memory for the rest
/// of the scan, so memory grows with the number of distinct hosts.
final class HostDirectory {
    private enum Entry {
        case underWay(HostInquiry)
        case known(HostObservation)
    }

    /// What is known of a host at the time.
    enum Knowledge {
        /// Nothing: whoever asks is to find out, and to settle the inquiry.
        case nothing(HostInquiry)
        /// Somebody is finding out.
        case underWay(HostInquiry)
        /// What it has shown.
        case known(HostObservation)
    }

    private var entries: [DomainName: Entry] = [:]
    private(set) var known = 0

    /// Looks a host up; one that nothing is known of is under way from now on.
    func look(up host: DomainName) -> Knowledge {
        switch entries[host] {
        case .known(let observation): return .known(observation)
        case .underWay(let inquiry): return .underWay(inquiry)
        case nil:
            let inquiry = HostInquiry()
            entries[host] = .underWay(inquiry)
            return .nothing(inquiry)
        }
    }

    /// Whether the host is known, or being looked at.
    func knows(_ host: DomainName) -> Bool { entries[host] != nil }

    /// Keeps what a host has shown in the end.
    func settle(_ inquiry: HostInquiry, _ observation: HostObservation) {
        entries[observation.name] = .known(observation)
        known += 1
        inquiry.end(with: observation)
    }

    /// Forgets a host that is known, so that it is looked at anew.
    func forget(_ host: DomainName) {
        if entries.removeValue(forKey: host) != nil { known -= 1 }
    }

    /// Takes over what is known from before.
    func restore(_ observation: HostObservation) {
        entries[observation.name] = .known(observation)
        known += 1
    }
}

/// A host that is being looked at, and those who wait for what it shows.
final class HostInquiry {
    private typealias Waiter = UnsafeContinuation<HostObservation, Never>

    /// What it has shown first, where that may have a passing reason.
    private var firstSight: HostObservation?
    private var lastSight: HostObservation?
    private var waitingForSight: [Waiter] = []
    private var waitingForEnd: [Waiter] = []

    /// What the host shows first; it may show something else when it is tried again.
    func sight() async -> HostObservation {
        await withUnsafeContinuation { continuation in
            if let seen = lastSight ?? firstSight {
                continuation.resume(returning: seen)
            } else {
                waitingForSight.append(continuation)
            }
        }
    }

    /// What the host shows in the end.
    func end() async -> HostObservation {
        await withUnsafeContinuation { continuation in
            if let lastSight {
                continuation.resume(returning: lastSight)
            } else {
                waitingForEnd.append(continuation)
            }
        }
    }

    /// Tells those who wait what the host has shown first.
    func saw(_ observation: HostObservation) {
        firstSight = observation
        resume(&waitingForSight, with: observation)
    }

    /// Tells all who wait what the host has shown in the end.
    func end(with observation: HostObservation) {
        lastSight = observation
        resume(&waitingForSight, with: observation)
        resume(&waitingForEnd, with: observation)
    }

    private func resume(_ waiters: inout [Waiter], with observation: HostObservation) {
        for waiter in waiters { waiter.resume(returning: observation) }
        waiters = []
    }
}
