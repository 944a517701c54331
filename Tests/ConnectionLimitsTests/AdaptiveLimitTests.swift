import EventLoop
import Testing

@testable import ConnectionLimits

private func at(_ milliseconds: Int) -> Instant {
    Instant(nanoseconds: 1_000_000_000_000).advanced(milliseconds: milliseconds)
}

extension AdaptiveLimit {
    fileprivate mutating func connect(pushesBack: Bool, at now: Instant) {
        begin(at: now)
        end(pushesBack: pushesBack, at: now)
    }
}

@Suite struct `a destination's adaptive` {
    @Test func `lets so many connections stand at once`() {
        var adaptive = AdaptiveLimit(Limit(atOnce: 2, perSecond: 0))
        for _ in 0..<2 {
            #expect(adaptive.nextPermit(at: at(0)) == .now)
            adaptive.begin(at: at(0))
        }
        #expect(adaptive.nextPermit(at: at(0)) == .whenClosed)
        adaptive.end(pushesBack: false, at: at(1))
        #expect(adaptive.nextPermit(at: at(1)) == .now)
    }

    @Test func `lets so many begin in a second, evenly, with something to spare`() {
        var adaptive = AdaptiveLimit(Limit(atOnce: 0, perSecond: 5))
        adaptive.begin(at: at(0))
        #expect(adaptive.nextPermit(at: at(209)) == .at(at(210)))
        #expect(adaptive.nextPermit(at: at(210)) == .now)
    }

    @Test func `slows down for a push, and no further than a bound`() {
        var adaptive = AdaptiveLimit(Limit(atOnce: 8, perSecond: 10))
        adaptive.connect(pushesBack: true, at: at(0))
        #expect(adaptive.nextPermit(at: at(0)) == .at(at(210)))  // twice the interval
        for _ in 0..<20 { adaptive.connect(pushesBack: true, at: at(1000)) }
        #expect(adaptive.steps == AdaptiveLimit.stepsMax)
        let bound = at(1000 + AdaptiveLimit.intervalMaxMilliseconds)
        #expect(adaptive.nextPermit(at: bound) == .now)
        // One at a time, however many were allowed.
        adaptive.begin(at: bound)
        #expect(adaptive.nextPermit(at: bound) == .whenClosed)
    }

    @Test func `recovers step by step`() {
        var adaptive = AdaptiveLimit(Limit(atOnce: 8, perSecond: 10))
        for _ in 0..<3 { adaptive.connect(pushesBack: true, at: at(0)) }
        #expect(adaptive.steps == 3)
        for count in 1...(2 * AdaptiveLimit.goodEndsForStep) {
            adaptive.connect(pushesBack: false, at: at(1000))
            #expect(adaptive.steps == 3 - count / AdaptiveLimit.goodEndsForStep)
        }
        // A minute without a push undoes the last.
        #expect(!adaptive.isIdle(at: at(2000)))
        #expect(adaptive.isIdle(at: at(2000 + AdaptiveLimit.calmMilliseconds)))
    }

    @Test func `has no limit where none is set`() {
        var adaptive = AdaptiveLimit(Limit(atOnce: 0, perSecond: 0))
        for _ in 0..<1000 {
            #expect(adaptive.nextPermit(at: at(0)) == .now)
            adaptive.begin(at: at(0))
        }
    }
}
