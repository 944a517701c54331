import EventLoop
import Glibc
import Testing

@testable import InFlight

private func instant(_ milliseconds: UInt64) -> Instant {
    Instant(nanoseconds: (1000 + milliseconds) * 1_000_000)
}

@Suite struct `the window of questions` {
    /// A window after so many answers, each of which has waited so many microseconds.
    private func window(
        limit: Int = 1000, loops: Int = 1, answers: Int, isWanted: Bool = true,
        waited: (InFlightWindow) -> UInt64
    ) -> InFlightWindow {
        var window = InFlightWindow(.questions(limit: limit, loops: loops))
        for _ in 0..<answers {
            window.answered(after: waited(window), isWanted: isWanted, at: instant(0))
        }
        return window
    }

    /// The wait at a server that answers one question in so many microseconds: behind all others.
    private func queued(_ perAnswer: Int) -> (InFlightWindow) -> UInt64 {
        { UInt64($0.size * perAnswer) }
    }

    /// Waits of 20 to 320 ms by the hash of their number, whatever is in progress; so far apart
    /// that the shortest of 64 says nothing.
    private func far(_ number: inout UInt64) -> UInt64 {
        number += 1
        return 20_000 + (number &* 2_654_435_761) % 300_000
    }

    @Test func `begins small and grows with the answers, where something waits`() {
        #expect(window(answers: 0) { _ in 100 }.size == 100)
        #expect(window(answers: 50) { _ in 100 }.size == 150)
        #expect(window(answers: 50, isWanted: false) { _ in 100 }.size == 100)
        #expect(!window(answers: 50) { _ in 100 }.allows(151))
    }

    @Test func `stays small at a server that reads slowly, but for tests that do not pay`() {
        var window = window(limit: 4000, answers: 300, waited: queued(1000))
        #expect(window.size == 192)
        var (tested, most) = (0, 0)
        for _ in 0..<100_000 {
            window.answered(after: UInt64(window.size) * 1000, isWanted: true, at: instant(0))
            most = max(most, window.size)
            tested += window.size > 192 ? 1 : 0
        }
        #expect(most == 288 && tested < 10_000, "\(most) \(tested)")
    }

    @Test func `grows to a thousand at once where answers come without a queue`() {
        #expect(window(answers: 5000) { _ in 100 }.size == 1000)
        #expect(window(limit: 700, answers: 5000) { _ in 100 }.size == 700, "the limit stands")
    }

    @Test func `grows beyond where that brings more answers, and not where it does not`() {
        // Far away: the wait is the same however many are out.
        #expect(window(limit: 4000, answers: 60_000) { _ in 150_000 }.size == 4000)
        // Near: the process itself takes 16 microseconds for each.
        let near = window(limit: 4000, answers: 60_000, waited: queued(16))
        #expect(near.size <= 1500, "\(near.size)")
    }

    @Test func `takes distance for distance where the shortest waits say nothing`() {
        var number: UInt64 = 0
        var window = InFlightWindow(.questions(limit: 4000))
        // The nearest answers first, and none as near again.
        for _ in 0..<64 { window.answered(after: 1000, isWanted: true, at: instant(0)) }
        for _ in 0..<60_000 {
            window.answered(after: 40_000 + far(&number), isWanted: true, at: instant(0))
        }
        #expect(window.size == 4000)
    }

    @Test func `grows at a resolver that gains less and less from more, until it gains little`() {
        // With half more questions there are more answers by this factor.
        for (gain, sizes) in [(1.18, 4000...4000), (1.05, 1000...1500)] {
            let exponent = 1 - log(gain) / log(1.5)
            let found = window(limit: 4000, answers: 100_000) { window in
                UInt64(100_000 * pow(max(1, Double(window.size) / 900), exponent))
            }
            #expect(sizes.contains(found.size), "\(gain): \(found.size)")
        }
    }

    @Test func `comes back where less brings as many answers`() {
        var window = InFlightWindow(.questions(limit: 4000))
        for _ in 0..<60_000 { window.answered(after: 150_000, isWanted: true, at: instant(0)) }
        #expect(window.size > 2600)
        // From now on the server answers no more than 1,000 in 150 ms.
        for _ in 0..<200_000 {
            let wait = UInt64(150 * window.size)
            window.answered(after: wait, isWanted: true, at: instant(0))
        }
        #expect((1000...1500).contains(window.size), "\(window.size)")
    }

    @Test func `holds no more than the server answers where a part of its answers is near`() {
        var window = InFlightWindow(.questions(limit: 4000))
        for _ in 0..<64 { window.answered(after: 1000, isWanted: true, at: instant(0)) }
        // 400 at once are answered in 150 ms; what is more queues.
        for _ in 0..<60_000 {
            let wait = 150_000 * max(1, Double(window.size) / 400)
            window.answered(after: UInt64(wait), isWanted: true, at: instant(0))
        }
        #expect((300...1000).contains(window.size), "\(window.size)")
    }

    @Test func `losses that come with growth do not pay`() {
        var window = InFlightWindow(.questions(limit: 4000))
        for _ in 0..<64 { window.answered(after: 1000, isWanted: true, at: instant(0)) }
        for number in 0..<40_000 {
            window.answered(after: 100_000, isWanted: true, at: instant(0))
            // Beyond 250 the server loses one in ten, which wait for the whole time limit.
            guard window.size > 250, number % 10 == 0 else { continue }
            window.lost(sentAt: instant(0), at: instant(4000))
        }
        #expect(window.size <= 290, "\(window.size)")
    }

    @Test func `loops share what a socket holds`() {
        #expect(window(loops: 4, answers: 0) { _ in 100 }.size == 25)
        var waits: UInt64 = 0
        let slow = window(loops: 4, answers: 300) { window in
            waits = min(waits + 1000, UInt64(window.size) * 1000)
            return waits
        }
        #expect(slow.size == 48)
    }

    @Test func `a small limit stands from the beginning`() {
        var window = window(limit: 10, answers: 5000) { _ in 100 }
        #expect(window.size == 10)
        window.lost()
        #expect(window.size == 10, "so few are never too many")
    }

    @Test func `many losses make it small, and answers let it grow again`() {
        var window = window(answers: 5000) { _ in 100 }
        for _ in 0..<800 { window.lost() }
        #expect(window.size == 200)
        for _ in 0..<2000 { window.lost() }
        #expect(window.size == 100, "it never ends")
        for _ in 0..<50 { window.answered(after: 100, isWanted: true, at: instant(0)) }
        #expect(window.size == 150)
    }

    @Test func `what was sent before it was halved does not shrink it once more`() {
        var window = window(answers: 5000) { _ in 100 }
        _ = window.pushBack(at: instant(2000))
        for _ in 0..<800 { window.lost(sentAt: instant(1000), at: instant(5000)) }
        #expect(window.size == 500)
        for _ in 0..<100 { window.lost(sentAt: instant(2000), at: instant(6000)) }
        #expect(window.size == 400)
    }

    @Test func `a server that is full halves it, once at a time, and it grows slowly then`() {
        var window = window(answers: 5000) { _ in 100 }
        let (isFirst, isSecond) = (
            window.pushBack(at: instant(0)), window.pushBack(at: instant(50))
        )
        #expect(isFirst && !isSecond)
        #expect(window.size == 500)
        for _ in 0..<160 { window.answered(after: 100, isWanted: true, at: instant(0)) }
        #expect((509...511).contains(window.size), "one in 16 answers")
        for time in 1..<50 as Range<UInt64> { _ = window.pushBack(at: instant(time * 100)) }
        #expect(window.size == 8, "it never ends")
        // All that was one burst.
        for _ in 0..<492 { window.answered(after: 100, isWanted: true, at: instant(0)) }
        #expect(window.size == 500)
        for _ in 0..<160 { window.answered(after: 100, isWanted: true, at: instant(0)) }
        #expect((509...511).contains(window.size))
        // Another begins.
        _ = window.pushBack(at: instant(10_000))
        _ = window.pushBack(at: instant(10_100))
        for _ in 0..<128 { window.answered(after: 100, isWanted: true, at: instant(0)) }
        #expect((250...256).contains(window.size))
    }

    @Test func `it grows fast twice as far after each second without a refusal`() {
        var window = window(answers: 5000) { _ in 100 }
        for time in 0..<50 as Range<UInt64> { _ = window.pushBack(at: instant(time * 100)) }
        for _ in 0..<2000 { window.answered(after: 100, isWanted: true, at: instant(5500)) }
        #expect((500...600).contains(window.size), "half of what it was, and one in 16 answers")
        let size = window.size
        for _ in 0..<100 { window.answered(after: 100, isWanted: true, at: instant(6000)) }
        #expect(window.size == size + 100)
        for _ in 0..<2000 { window.answered(after: 100, isWanted: true, at: instant(6500)) }
        #expect(window.size == 1000, "beyond that it is tested")
    }
}

@Suite struct `the window of connections` {
    @Test func `begins with 200 and grows while something waits, up to its limit`() {
        var window = InFlightWindow(.connections(limit: 1000))
        #expect(window.size == 200)
        for _ in 0..<100 { window.ended(isWanted: false) }
        #expect(window.size == 200)
        for _ in 0..<100 { window.ended(isWanted: true) }
        #expect(window.size == 300)
        for _ in 0..<5000 { window.ended(isWanted: true) }
        #expect(window.size == 1000)
        #expect(InFlightWindow(.connections(limit: 50)).size == 50)
    }

    @Test func `shrinks where most are lost, and not where some are`() {
        var window = InFlightWindow(.connections(limit: 1000))
        for _ in 0..<400 { window.ended(isWanted: true) }
        for number in 0..<300 {
            if number % 10 == 0 { window.lost() } else { window.ended(isWanted: true) }
        }
        #expect(window.size > 800, "one in ten")
        for _ in 0..<2000 { window.lost() }
        #expect(window.size == 200)
    }

    @Test func `does not grow while the loop is late, and shrinks where it is too late`() {
        var window = InFlightWindow(.connections(limit: 1000))
        for _ in 0..<600 { window.ended(isWanted: true) }
        window.noteLag(milliseconds: 150)
        for _ in 0..<100 { window.ended(isWanted: true) }
        #expect(window.size == 800 && window.isHeld)
        window.noteLag(milliseconds: 600)
        #expect(window.size == 700)
        for _ in 0..<50 { window.noteLag(milliseconds: 600) }
        #expect(window.size == 200, "what it began with is borne")
        window.noteLag(milliseconds: 5)
        window.ended(isWanted: true)
        #expect(window.size == 201)
    }

    @Test func `is halved where this machine has no room, and grows slowly then`() {
        var window = InFlightWindow(.connections(limit: 1000))
        let isHalved = window.pushBack(at: instant(0))
        #expect(isHalved && window.size == 100)
        for _ in 0..<160 { window.ended(isWanted: true) }
        #expect(window.size == 110)
    }
}
