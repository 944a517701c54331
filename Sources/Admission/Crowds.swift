/// What too many wait for: an address, a network or the hosts of a registrable domain.
public struct CrowdedDestination: Error, Hashable, Sendable {
    let scope: Scope
}

/// How many hosts are waited for at each destination, so that none of them holds more than a share
/// of all that wait.
///
/// What finds a destination crowded is to wait elsewhere, holding next to nothing, until there is
/// room. Pure.
struct Crowds {
    private struct Crowd {
        var count = 0
        /// Whether those that wait elsewhere have done so for too long.
        var isOverdue = false
    }

    /// The most hosts at a destination, and where those of all destinations hold most places.
    static let countMax = 1000
    static let countMaxWhenFull = 50

    private let limit: Int
    private var crowds: [Scope: Crowd] = [:]
    /// The hosts at all destinations.
    private(set) var total = 0

    /// `limit` is how many hosts may be waited for in all before each destination gets less.
    init(limit: Int) { self.limit = limit }

    private var countMax: Int {
        let most = total > limit ? Self.countMaxWhenFull : Self.countMax
        return max(1, min(most, limit))
    }

    /// Adds a host at these destinations; returns the one that is full, where one is.
    mutating func join(_ scopes: [Scope]) -> Crowding {
        for scope in scopes {
            guard let crowd = crowds[scope], crowd.count >= countMax else { continue }
            return crowd.isOverdue ? .overdue : .full(CrowdedDestination(scope: scope))
        }
        add(scopes)
        return .joined
    }

    /// Adds a host that cannot wait elsewhere.
    mutating func add(_ scopes: [Scope]) {
        total += 1
        for scope in scopes { crowds[scope, default: Crowd()].count += 1 }
    }

    mutating func part(_ scopes: [Scope]) {
        total -= 1
        for scope in scopes {
            crowds[scope]?.count -= 1
            if crowds[scope]?.count == 0 { crowds[scope] = nil }
        }
    }

    /// How many more hosts a destination takes; none before half of them have gone.
    mutating func room(_ scope: Scope, isOverdue: Bool) -> Int {
        guard let crowd = crowds[scope] else { return countMax }
        if isOverdue { crowds[scope]?.isOverdue = true }
        if crowd.isOverdue || isOverdue { return countMax }
        return crowd.count <= countMax / 2 ? countMax - crowd.count : 0
    }
}

/// Whether a host may be waited for.
public enum Crowding: Sendable {
    case joined
    /// It is to be come back to when there is room at this destination.
    case full(CrowdedDestination)
    /// The same has been so for longer than a connection may wait for its turn.
    case overdue
}
