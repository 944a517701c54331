import EventLoop
import Testing

@testable import Resolver

@Suite struct InFlightWindowTests {
    private static func instant(_ milliseconds: UInt64) -> Instant {
        Instant(nanoseconds: (1000 + milliseconds) * 1_000_000)
    }

    /// A window after so many answers, each of which has waited so many microseconds.
    private func window(
        limit: Int = 1000, loops: Int = 1, answers: Int, waited: (Int) -> UInt64
    ) -> InFlightWindow {
        var window = InFlightWindow(limit: limit, loops: loops)
        for number in 0..<answers { window.answered(after: waited(number)) }
        return window
    }

    @Test func `it begins small and grows with the answers`() {
        #expect(window(answers: 0) { _ in 100 }.size == 100)
        #expect(window(answers: 50) { _ in 100 }.size == 150)
        #expect(!window(answers: 50) { _ in 100 }.allows(151))
    }

    @Test func `a server that reads slowly is never sent more than its socket holds`() {
        // Each answer waits behind all that are out: a millisecond a question.
        let window = window(answers: 5000) { UInt64(min($0 + 1, 192)) * 1000 }
        #expect(window.size == 192)
    }

    @Test func `where answers come without a queue it grows to the limit, which stands`() {
        #expect(window(answers: 5000) { _ in 100 }.size == 1000)
        // A resolver far away, whose answers come from here and there.
        #expect(window(answers: 5000) { UInt64(20_000 + $0 * 7919 % 300_000) }.size == 1000)
    }

    @Test func `loops share what a socket holds`() {
        #expect(window(loops: 4, answers: 0) { _ in 100 }.size == 25)
        let slow = window(loops: 4, answers: 5000) { UInt64(min($0 + 1, 192)) * 1000 }
        #expect(slow.size == 48)
    }

    @Test func `a small limit stands from the beginning`() {
        var window = window(limit: 10, answers: 5000) { _ in 100 }
        #expect(window.size == 10)
        window.lose()
        #expect(window.size == 10, "so few are never too many")
    }

    @Test func `many losses make it small, and answers let it grow again`() {
        var window = window(answers: 5000) { _ in 100 }
        for _ in 0..<800 { window.lose() }
        #expect(window.size == 200)
        for _ in 0..<2000 { window.lose() }
        #expect(window.size == 100, "it never ends")
        for _ in 0..<50 { window.answered(after: 100) }
        #expect(window.size == 150)
    }

    @Test func `a server that is full halves it, once at a time, and it grows slowly then`() {
        var window = window(answers: 5000) { _ in 100 }
        let (isFirst, isSecond) = (
            window.pushBack(at: Self.instant(0)), window.pushBack(at: Self.instant(50))
        )
        #expect(isFirst && !isSecond)
        #expect(window.size == 500)
        for _ in 0..<160 { window.answered(after: 100) }
        #expect((509...511).contains(window.size), "one in 16 answers")
        for time in 1..<50 as Range<UInt64> { _ = window.pushBack(at: Self.instant(time * 100)) }
        #expect(window.size == 8, "it never ends")
    }
}
