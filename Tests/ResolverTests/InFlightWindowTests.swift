import EventLoop
import Testing

@testable import Resolver

@Suite struct InFlightWindowTests {
    @Test func `it begins small and grows with time, up to the limit`() {
        let clocked = Clocked(limit: 1000)
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
                clocked.allows(count, at: milliseconds) == mayBe, "\(count) at \(milliseconds)")
        }
        #expect(!clocked.window.isGrowing)
    }

    @Test func `a small limit stands from the beginning`() {
        let clocked = Clocked(limit: 10)
        #expect(clocked.allows(10, at: 0))
        #expect(!clocked.allows(11, at: 10_000))
        clocked.lose(1, at: 10_000)
        #expect(clocked.allows(10, at: 10_000), "so few are never too many")
    }

    @Test func `many losses at once make it small, and it grows again`() {
        let clocked = Clocked(limit: 1000)
        #expect(clocked.allows(1000, at: 1000))
        clocked.lose(800, at: 5000)
        #expect(clocked.allows(200, at: 5000))
        #expect(!clocked.allows(201, at: 5000), "the time before does not count")
        #expect(clocked.allows(450, at: 5010))
        #expect(!clocked.allows(451, at: 5010))
        clocked.lose(2000, at: 5010)
        #expect(clocked.window.size == 100, "it never ends")
    }

    @Test func `a loss now and then costs nothing`() {
        let clocked = Clocked(limit: 1000)
        #expect(clocked.allows(1000, at: 1000))
        for second: UInt64 in 2..<100 {
            clocked.lose(1, at: second * 1000)
            #expect(clocked.allows(1000, at: second * 1000 + 1))
        }
    }
}

/// A window whose times are milliseconds since it was made.
private final class Clocked {
    private(set) var window: InFlightWindow

    init(limit: Int) { window = InFlightWindow(limit: limit, at: Self.instant(0)) }

    private static func instant(_ milliseconds: UInt64) -> Instant {
        Instant(nanoseconds: (1000 + milliseconds) * 1_000_000)
    }

    func allows(_ count: Int, at milliseconds: UInt64) -> Bool {
        window.allows(count, at: Self.instant(milliseconds))
    }

    func lose(_ count: Int, at milliseconds: UInt64) {
        for _ in 0..<count { window.lose(at: Self.instant(milliseconds)) }
    }
}
