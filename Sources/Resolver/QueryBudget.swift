internal import EventLoop

/// How many questions may be sent now, at so many a second.
///
/// Pure but for its own state: time is an argument.
struct QueryBudget {
    /// The questions of a twentieth of a second may be sent at once.
    private static let burstSeconds = 0.05
    private let perSecond: Double
    private let most: Double
    private var left: Double
    private var filledAt = Instant(nanoseconds: 0)

    /// A budget of so many questions a second; nil for any number.
    init(perSecond: Double?) {
        self.perSecond = perSecond ?? 0
        most = max(1, self.perSecond * Self.burstSeconds)
        left = most
    }

    private var isLimited: Bool { perSecond > 0 }

    /// Whether a question may be sent.
    mutating func allows(at now: Instant) -> Bool {
        guard isLimited else { return true }
        let passed = Double(now.microseconds(since: filledAt)) / 1_000_000
        left = min(most, left + passed * perSecond)
        filledAt = now
        return left >= 1
    }

    /// Takes the cost of a question, which can make the budget negative.
    mutating func take() { if isLimited { left -= 1 } }

    /// How long it takes until the next question may be sent, in milliseconds.
    var waitMilliseconds: Int {
        isLimited ? max(1, Int(((1 - left) / perSecond * 1000).rounded(.up))) : 1
    }
}
