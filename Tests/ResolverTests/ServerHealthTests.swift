import EventLoop
import Testing

@testable import Resolver

private let now = Instant(nanoseconds: 1_000_000_000)

@Suite struct `the health of a server` {
    /// A server that has failed so many times in a row.
    private func failing(_ count: Int) -> (health: ServerHealth, isSuspect: Bool) {
        var health = ServerHealth()
        let found = (0..<count).map { _ in health.heard(isFailure: true, at: now) }
        return (health, found.last == true)
    }

    @Test func `is suspect after 50 failures in a row, until a proper answer comes`() {
        #expect(failing(49).health.state == .up)
        var (health, isSuspect) = failing(50)
        #expect(isSuspect && health.state == .suspect)
        _ = health.heard(isFailure: true, at: now)
        #expect(health.state == .suspect)
        _ = health.heard(isFailure: false, at: now)
        #expect(health.state == .up)
    }

    @Test func `is suspect after silence, until a proper answer comes`() {
        var health = ServerHealth()
        let isNew = [health.suspect(), health.suspect()]
        #expect(isNew == [true, false] && health.state == .suspect)
        _ = health.heard(isFailure: false, at: now)
        #expect(health.state == .up)
    }

    @Test func `is suspect until the check where one has to be passed`() {
        var (health, _) = failing(50)
        _ = health.suspect(untilChecked: true)
        _ = health.heard(isFailure: false, at: now)
        #expect(health.state == .suspect)
        health.passedCheck(at: now)
        #expect(health.state == .up)
        _ = health.suspect()
        _ = health.heard(isFailure: false, at: now)
        #expect(health.state == .up, "the check that was passed is forgotten")
    }

    @Test func `an answer does not bring back one that is down`() {
        var health = ServerHealth()
        let pause = health.markDown(.silent, at: now)
        _ = health.heard(isFailure: false, at: now)
        #expect(pause == 1000 && health.state == .down && health.fault == .silent)
    }
}
