import EventLoop
import Testing

@testable import Admission

private func at(_ milliseconds: Int) -> Instant {
    Instant(nanoseconds: 1_000_000_000_000).advanced(milliseconds: milliseconds)
}

extension Pace {
    fileprivate mutating func connect(pushesBack: Bool, at now: Instant) {
        begin(at: now)
        end(pushesBack: pushesBack, at: now)
    }
}

@Suite struct `a destination's pace` {
    @Test func `lets so many connections stand at once`() {
        var pace = Pace(Limit(atOnce: 2, perSecond: 0))
        for _ in 0..<2 {
            #expect(pace.opening(at: at(0)) == .now)
            pace.begin(at: at(0))
        }
        #expect(pace.opening(at: at(0)) == .whenClosed)
        pace.end(pushesBack: false, at: at(1))
        #expect(pace.opening(at: at(1)) == .now)
    }

    @Test func `lets so many begin in a second, evenly, with something to spare`() {
        var pace = Pace(Limit(atOnce: 0, perSecond: 5))
        pace.begin(at: at(0))
        #expect(pace.opening(at: at(209)) == .at(at(210)))
        #expect(pace.opening(at: at(210)) == .now)
    }

    @Test func `slows down for a push, and no further than a bound`() {
        var pace = Pace(Limit(atOnce: 8, perSecond: 10))
        pace.connect(pushesBack: true, at: at(0))
        #expect(pace.opening(at: at(0)) == .at(at(210)))  // twice the interval
        for _ in 0..<20 { pace.connect(pushesBack: true, at: at(1000)) }
        #expect(pace.steps == Pace.stepsMax)
        let bound = at(1000 + Pace.intervalMaxMilliseconds)
        #expect(pace.opening(at: bound) == .now)
        // One at a time, however many were allowed.
        pace.begin(at: bound)
        #expect(pace.opening(at: bound) == .whenClosed)
    }

    @Test func `recovers step by step`() {
        var pace = Pace(Limit(atOnce: 8, perSecond: 10))
        for _ in 0..<3 { pace.connect(pushesBack: true, at: at(0)) }
        #expect(pace.steps == 3)
        for count in 1...(2 * Pace.goodEndsForStep) {
            pace.connect(pushesBack: false, at: at(1000))
            #expect(pace.steps == 3 - count / Pace.goodEndsForStep)
        }
        // A minute without a push undoes the last.
        #expect(!pace.isIdle(at: at(2000)))
        #expect(pace.isIdle(at: at(2000 + Pace.calmMilliseconds)))
    }

    @Test func `has no limit where none is set`() {
        var pace = Pace(Limit(atOnce: 0, perSecond: 0))
        for _ in 0..<1000 {
            #expect(pace.opening(at: at(0)) == .now)
            pace.begin(at: at(0))
        }
    }
}
