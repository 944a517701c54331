/// What too many wait for: an address, a network or the hosts of a registrable domain.
public struct BusyDestination: Error, Hashable, Sendable {
    let scope: Scope
}

/// How many hosts are waited for at each destination, so that no destination has more than a share
/// of all that wait.
///
/// A domain that finds a destination full waits elsewhere, almost without memory, until there is
/// room. Pure.
struct WaitingHosts {
    private struct Entry {
        var count = 0
        /// Whether those that wait elsewhere have done so for too long.
        var isOverdue = false
    }

    /// The most hosts at a destination, and the fewer when those of all destinations are near their
    /// limit.
    static let countMax = 1000
    static let countMaxWhenFull = 50

    private let limit: Int
    private var waitingHosts: [Scope: Entry] = [:]
    /// The hosts at all destinations.
    private(set) var total = 0

    /// `limit` is how many hosts may be waited for in all before each destination gets less.
    init(limit: Int) { self.limit = limit }

    /// Whether there are more than were to wait.
    var areTooMany: Bool { total > limit }

    private var countMax: Int {
        let most = areTooMany ? Self.countMaxWhenFull : Self.countMax
        return max(1, min(most, limit))
    }

    /// Adds a host at these destinations; returns the one that is full, where one is.
    mutating func join(_ scopes: [Scope]) -> WaitResult {
        for scope in scopes {
            guard let entry = waitingHosts[scope], entry.count >= countMax else { continue }
            return entry.isOverdue ? .overdue : .full(BusyDestination(scope: scope))
        }
        add(scopes)
        return .joined
    }

    /// Whether hosts at one of these destinations will be waited for longer than others: it begins
    /// so few at a time that it is to have them early.
    func isCrowded(_ scopes: [Scope]) -> Bool {
        scopes.contains { waitingHosts[$0].map { $0.count >= Self.countMaxWhenFull } ?? false }
    }

    /// Adds a host that cannot wait elsewhere.
    mutating func add(_ scopes: [Scope]) {
        total += 1
        for scope in scopes { waitingHosts[scope, default: Entry()].count += 1 }
    }

    mutating func part(_ scopes: [Scope]) {
        total -= 1
        for scope in scopes {
            waitingHosts[scope]?.count -= 1
            if waitingHosts[scope]?.count == 0 { waitingHosts[scope] = nil }
        }
    }

    /// How many more hosts a destination takes; none before half of them have left.
    mutating func room(_ scope: Scope, isOverdue: Bool) -> Int {
        guard let entry = waitingHosts[scope] else { return countMax }
        if isOverdue { waitingHosts[scope]?.isOverdue = true }
        if entry.isOverdue || isOverdue { return countMax }
        return entry.count <= countMax / 2 ? countMax - entry.count : 0
    }
}

/// Whether a host may be waited for.
public enum WaitResult: Sendable {
    case joined
    /// The host is to be retried when there is room at this destination.
    case full(BusyDestination)
    /// The same, for longer than a connection may wait to begin.
    case overdue
}
