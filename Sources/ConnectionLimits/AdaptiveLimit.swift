internal import EventLoop

/// Whether a destination may be connected to, by what was done there before.
///
/// A destination that pushes back is slowed: each time its rate and its share at once are halved,
/// down to a bound. Eight good ends, or a minute without another push, undo one step. Pure: time is
/// an argument.
struct AdaptiveLimit {
    /// Whether one more connection may begin.
    enum Opening: Equatable {
        case now
        /// Not before this.
        case at(Instant)
        /// When a connection ends.
        case whenClosed
    }

    static let stepsMax = 6
    static let goodEndsForStep = 8
    static let calmMilliseconds = 60_000
    /// However slow a destination is made, a connection begins after so long.
    static let intervalMaxMilliseconds = 30_000
    /// How much later than it was let begin a connection may begin, and get to the server.
    static let marginMilliseconds = 50
    /// A second and the margin: so a server sees no more than the limit in any second of its own.
    static let secondMilliseconds = Double(1000 + marginMilliseconds)

    private var limit: Limit
    /// Connections that are established, or being made.
    private(set) var open = 0
    /// How often the destination was slowed, less what was undone.
    private(set) var steps = 0
    private var goodEnds = 0
    private var earliest = Instant(nanoseconds: 0)
    private var changedAt = Instant(nanoseconds: 0)

    init(_ limit: Limit) { self.limit = limit }

    /// Changes the most connections at once; those beyond it end by themselves.
    mutating func setAtOnce(_ count: Int) { limit.atOnce = count }

    /// Until when a connection has to begin that is let begin now, where a rate holds.
    static func latestBegin(after now: Instant) -> Instant {
        now.advanced(milliseconds: marginMilliseconds)
    }

    /// Whether connections begin some time after each other.
    var isPaced: Bool { intervalMilliseconds > 0 }

    func nextPermit(at now: Instant) -> Opening {
        let steps = steps(at: now)
        if limit.atOnce > 0, open >= max(1, limit.atOnce >> steps) { return .whenClosed }
        // Where nothing limits the number, one that pushes back gets one connection at a time.
        if limit.atOnce == 0, steps > 0, open > 0 { return .whenClosed }
        return earliest > now ? .at(earliest) : .now
    }

    /// Begins a connection; to be called where `nextPermit` allows it.
    mutating func begin(at now: Instant) {
        undo(until: now)
        open += 1
        earliest = now.advanced(milliseconds: intervalMilliseconds)
    }

    /// Ends a connection.
    mutating func end(pushesBack: Bool, at now: Instant) {
        undo(until: now)
        open -= 1
        if pushesBack {
            goodEnds = 0
            steps = min(Self.stepsMax, steps + 1)
            changedAt = now
            earliest = max(earliest, now.advanced(milliseconds: intervalMilliseconds))
        } else if steps > 0 {
            goodEnds += 1
            if goodEnds >= Self.goodEndsForStep { undoStep(at: now) }
        }
    }

    /// Gives a connection's slot back, or takes it again, without counting an end or a beginning.
    mutating func yield() { open -= 1 }
    mutating func takeBack() { open += 1 }

    /// Whether nothing would be lost if the destination were forgotten.
    func isIdle(at now: Instant) -> Bool {
        open == 0 && earliest <= now && steps(at: now) == 0
    }

    private var intervalMilliseconds: Int {
        let pause = limit.perSecond > 0 ? Self.secondMilliseconds / limit.perSecond : 0
        guard steps > 0 else { return Int(pause.rounded(.up)) }
        let slowed = max(pause, 100) * Double(1 << steps)
        return min(Self.intervalMaxMilliseconds, Int(slowed))
    }

    private func steps(at now: Instant) -> Int {
        max(0, steps - now.milliseconds(since: changedAt) / Self.calmMilliseconds)
    }

    private mutating func undo(until now: Instant) {
        while steps > 0, now.milliseconds(since: changedAt) >= Self.calmMilliseconds {
            undoStep(at: changedAt.advanced(milliseconds: Self.calmMilliseconds))
        }
    }

    private mutating func undoStep(at now: Instant) {
        steps -= 1
        goodEnds = 0
        changedAt = now
    }
}
