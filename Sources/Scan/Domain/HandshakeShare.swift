internal import DNS
internal import EventLoop
internal import Observations

/// Counters of sharing so far.
struct ShareStats: Sendable {
    /// A direct probe that showed another certificate than those that were shared.
    struct Disagreement: Sendable {
        let host: DomainName
        let reference: DomainName
    }

    /// Groups of hosts that share.
    var groups = 0
    /// Hosts judged on the handshakes of others.
    var shared = 0
    /// Hosts that could have shared and were probed.
    var sampled = 0
    /// How many of those disagreed.
    var disagreed = 0
    /// The first of them.
    var disagreements: [Disagreement] = []
}

/// Lets MX hosts with the same addresses and registrable domain share handshakes.
///
/// Providers give each customer a name of its own at the same servers. Those servers are probed a
/// few times, and then only the name is checked for each host. A host that the certificate does not
/// name is probed: for it the server may have another. All loops use the one share, which runs on
/// one of them.
actor HandshakeShare {
    /// What is to be done with a host.
    enum Plan: Sendable {
        case probe(isSample: Bool)
        case share([SessionObservation])
    }

    @safe private struct Group {
        var known: ShareGroup
        var waiting: [(host: DomainName, waiter: UnsafeContinuation<Plan, Never>)] = unsafe []
    }

    private static let disagreementsMax = 100

    private nonisolated let loop: EventLoop
    private let rule: ShareRule
    /// How many groups are kept; beyond them those that no host depends on are forgotten.
    private let groupLimit: Int
    private var groups: [ShareKey: Group] = [:]
    private(set) var stats = ShareStats()

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    /// A share that lives on `loop`.
    init(_ rule: ShareRule, groupLimit: Int = 200_000, on loop: EventLoop) {
        self.rule = rule
        self.groupLimit = groupLimit
        self.loop = loop
    }

    /// Whether anything is shared at all.
    nonisolated var isOn: Bool { rule.after > 0 }

    /// What is to be done with a host; a caller that is to probe must `report`.
    func plan(for host: DomainName, in key: ShareKey) async -> Plan {
        await unsafe withUnsafeContinuation { waiter in
            // Decided here and not before: the last report that this host would wait for may come
            // between the call and this.
            if let plan = decide(host, key) {
                unsafe waiter.resume(returning: plan)
            } else {
                unsafe groups[key]?.waiting.append((host, waiter))
            }
        }
    }

    /// How many groups have hosts that wait for others' probes, and how many hosts that are.
    var waiting: (groups: Int, hosts: Int) {
        let waiting = groups.values.map(unsafe \.waiting.count).filter { $0 > 0 }
        return (waiting.count, waiting.reduce(0, +))
    }

    /// Takes what a direct probe has shown.
    func report(
        _ sessions: [SessionObservation], of host: DomainName, in key: ShareKey, isSample: Bool
    ) {
        let seen = SharedSessions(of: host, sessions)
        let wasAgreed = groups[key]?.known.isAgreed == true
        if let reference = groups[key]?.known.saw(seen, isSample: isSample) {
            stats.disagreed += 1
            if stats.disagreements.count < Self.disagreementsMax {
                stats.disagreements.append(.init(host: host, reference: reference))
            }
        }
        if !wasAgreed, groups[key]?.known.isAgreed == true { stats.groups += 1 }
        guard let waiting = unsafe groups[key]?.waiting, unsafe !waiting.isEmpty else { return }
        unsafe groups[key]?.waiting = []
        for unsafe(host, waiter) in unsafe waiting {
            if let plan = decide(host, key) {
                unsafe waiter.resume(returning: plan)
            } else {
                unsafe groups[key]?.waiting.append((host, waiter))
            }
        }
    }

    /// The plan for a host; nil where it has to wait.
    private func decide(_ host: DomainName, _ key: ShareKey) -> Plan? {
        if groups[key] == nil {
            makeRoom()
            groups[key] = unsafe Group(known: ShareGroup(rule))
        }
        switch groups[key]?.known.next(host) {
        case .probe(let isSample):
            if isSample { stats.sampled += 1 }
            return .probe(isSample: isSample)
        case .share(let sessions):
            stats.shared += 1
            return .share(sessions.asShared)
        case .wait, nil: return nil
        }
    }

    /// Forgets groups that no host depends on, when there are many.
    private func makeRoom() {
        guard groups.count >= groupLimit else { return }
        groups = groups.filter { unsafe $0.value.known.isBusy || !$0.value.waiting.isEmpty }
    }
}
