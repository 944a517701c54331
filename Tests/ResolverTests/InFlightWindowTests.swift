import EventLoop
import Testing

@testable import Resolver

@Suite struct InFlightWindowTests {
    private func at(_ milliseconds: UInt64) -> Instant {
        Instant(nanoseconds: (1000 + milliseconds) * 1_000_000)
    }

    @Test func `it begins small and grows with time, up to the limit`() {
        var window = InFlightWindow(limit: 1000, at: at(0))
        let vectors: [(milliseconds: UInt64, count: Int, mayBe: Bool)] = [
            (0, 100, true),  // what hardly any server has no room for
            (0, 101, false),  // not all of a sudden
            (1, 125, true),  // 25 more a millisecond
            (1, 126, false),
            (20, 600, true),
            (20, 601, false),
            (500, 1000, true),
            (500, 1001, false),  // the limit stands
        ]
        for (milliseconds, count, mayBe) in vectors {
            #expect(
                window.allows(count, at: at(milliseconds)) == mayBe, "\(count) at \(milliseconds)")
        }
        #expect(!window.isGrowing)
    }

    @Test func `a small limit stands from the beginning`() {
        var window = InFlightWindow(limit: 10, at: at(0))
        #expect(window.allows(10, at: at(0)))
        #expect(!window.allows(11, at: at(10_000)))
        window.lose(at: at(10_000))
        #expect(window.allows(10, at: at(10_000)), "so few are never too many")
    }

    @Test func `many losses at once make it small, and it grows again`() {
        var window = InFlightWindow(limit: 1000, at: at(0))
        #expect(window.allows(1000, at: at(1000)))
        for _ in 0..<800 { window.lose(at: at(5000)) }
        #expect(window.allows(200, at: at(5000)))
        #expect(!window.allows(201, at: at(5000)), "the time before does not count")
        #expect(window.allows(450, at: at(5010)))
        #expect(!window.allows(451, at: at(5010)))
        for _ in 0..<2000 { window.lose(at: at(5010)) }
        #expect(window.size == 100, "it never ends")
    }

    @Test func `a loss now and then costs nothing`() {
        var window = InFlightWindow(limit: 1000, at: at(0))
        #expect(window.allows(1000, at: at(1000)))
        for second: UInt64 in 2..<100 {
            window.lose(at: at(second * 1000))
            #expect(window.allows(1000, at: at(second * 1000 + 1)))
        }
    }
}
