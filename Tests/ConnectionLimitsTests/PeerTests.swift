import DNS
import EventLoop
import Testing

@testable import ConnectionLimits

private func at(_ milliseconds: Int) -> Instant {
    Instant(nanoseconds: 1_000_000_000_000).advanced(milliseconds: milliseconds)
}

private let silence = ConnectionEnd.failed(ConnectionFailure("greeting_timeout", .beforeName))
private let testAfter = PeerHealth.testAfterMilliseconds

extension PeerHealth {
    /// Peers that have failed so, each time for another host.
    fileprivate init(_ ends: [ConnectionEnd], at now: Instant) {
        self.init()
        for (name, end) in ends.enumerated() {
            begin(limit: 3)
            self.end(end, name: name, at: now)
        }
    }

    fileprivate func status(at now: Instant) -> String? { known(at: now, limit: 3)?.status }
}

@Suite struct `a peer's failures` {
    @Test func `are taken for granted after some in a row`() {
        #expect(PeerHealth([silence, silence], at: at(0)).status(at: at(1)) == nil)
        let health = PeerHealth([silence, silence, silence], at: at(0))
        #expect(
            health.known(at: at(1), limit: 3)
                == SharedFailure(
                    status: "greeting_timeout", times: 3))
        #expect(health.known(at: at(1), limit: 0) == nil)
    }

    @Test func `are not where one ends otherwise in between`() {
        for other in [
            ConnectionEnd.good, .pushedBack(nil),
            .failed(ConnectionFailure("ehlo_timeout", .beforeName)),
        ] {
            let ends = [silence, silence, other, silence]
            #expect(PeerHealth(ends, at: at(0)).status(at: at(1)) == nil)
        }
        let ends = [silence, silence, .untried, silence]
        #expect(PeerHealth(ends, at: at(0)).status(at: at(1)) == "greeting_timeout")
    }

    @Test func `are tested by one connection while the others go on to learn of them`() {
        var health = PeerHealth([silence, silence, silence], at: at(0))
        #expect(health.status(at: at(testAfter - 1)) != nil)
        #expect(health.status(at: at(testAfter)) == nil)
        health.begin(limit: 3)
        #expect(health.status(at: at(testAfter)) != nil)
        health.end(silence, name: 9, at: at(testAfter + 5))
        #expect(health.known(at: at(testAfter + 6), limit: 3)?.times == 4)
        #expect(health.status(at: at(2 * testAfter + 5)) == nil)
        health.begin(limit: 3)
        health.end(.good, name: 10, at: at(2 * testAfter + 6))
        #expect(health.status(at: at(2 * testAfter + 7)) == nil)
        #expect(health.isIdle(at: at(2 * testAfter + 7)))
    }

    @Test func `behind the name count for different names at peers that never worked`() {
        let end = ConnectionEnd.failed(ConnectionFailure("http_timeout", .afterName))
        #expect(PeerHealth([end, end, end], at: at(0)).status(at: at(1)) == "http_timeout")
        #expect(PeerHealth([.good, end, end, end], at: at(0)).status(at: at(1)) == nil)
        var health = PeerHealth()
        for _ in 0..<5 { health.end(end, name: 1, at: at(0)) }
        #expect(health.status(at: at(1)) == nil)
    }

    @Test func `to take a connection count once at a time at peers that have worked`() {
        let loss = ConnectionEnd.failed(ConnectionFailure("tcp_timeout", .connect))
        var health = PeerHealth([.good] + Array(repeating: loss, count: 20), at: at(0))
        #expect(health.status(at: at(1)) == nil)
        for second in 1..<5 { health.end(loss, name: second, at: at(10_000 * second)) }
        #expect(health.status(at: at(40_001)) == nil)
        health.end(loss, name: 5, at: at(50_000))
        #expect(health.known(at: at(50_001), limit: 3)?.times == 6)
        #expect(PeerHealth([loss, loss, loss], at: at(0)).status(at: at(1)) == "tcp_timeout")
    }

    @Test func `that ask for a pause are only shared when they go on`() {
        let end = ConnectionEnd.pushedBack(ConnectionFailure("greeting_4xx", .pushback))
        let ends = Array(repeating: end, count: 6)
        #expect(PeerHealth(Array(ends.prefix(5)), at: at(0)).status(at: at(1)) == nil)
        #expect(PeerHealth(ends, at: at(0)).status(at: at(1)) == "greeting_4xx")
    }
}

private let scope = Scope.domain("example.org")

@Suite struct `waitingHosts` {
    @Test func `hold a bounded number of hosts, and take more when half have gone`() {
        var waitingHosts = WaitingHosts(limit: 10)
        for _ in 0..<10 { #expect(waitingHosts.join([scope]).isJoined) }
        #expect(waitingHosts.join([scope]).crowded == BusyDestination(scope: scope))
        #expect(waitingHosts.join([.domain("example.net")]).isJoined)
        for _ in 0..<4 { waitingHosts.part([scope]) }
        #expect(waitingHosts.room(scope, isOverdue: false) == 0)
        waitingHosts.part([scope])
        #expect(waitingHosts.room(scope, isOverdue: false) == 5)
    }

    @Test func `are smaller where many destinations are crowded`() {
        var waitingHosts = WaitingHosts(limit: 200)
        for number in 0..<201 { waitingHosts.add([.domain("\(number).example")]) }
        for _ in 0..<WaitingHosts.countMaxWhenFull { #expect(waitingHosts.join([scope]).isJoined) }
        #expect(waitingHosts.join([scope]).crowded != nil)
    }

    @Test func `that were full for too long take nobody in`() {
        var waitingHosts = WaitingHosts(limit: 1)
        #expect(waitingHosts.join([scope]).isJoined)
        #expect(waitingHosts.room(scope, isOverdue: true) == 1)
        #expect(waitingHosts.join([scope]).isOverdue)
        waitingHosts.part([scope])
        #expect(waitingHosts.join([scope]).isJoined)
    }

    @Test func `leave nothing behind`() {
        var waitingHosts = WaitingHosts(limit: 5)
        waitingHosts.add([scope])
        waitingHosts.part([scope])
        #expect(waitingHosts.total == 0)
        #expect(waitingHosts.room(scope, isOverdue: false) == 5)
    }
}

extension WaitResult {
    fileprivate var isJoined: Bool { if case .joined = self { true } else { false } }
    fileprivate var isOverdue: Bool { if case .overdue = self { true } else { false } }
    fileprivate var crowded: BusyDestination? {
        if case .full(let crowded) = self { crowded } else { nil }
    }
}

@Suite struct `outbound reach` {
    @Test func `is in doubt after failures in so many networks`() {
        var reach = OutboundReach()
        for number in 0..<UInt32(OutboundReach.networksMin - 1) {
            for host in 0..<3 as Range<UInt32> {
                reach.failed(at: .v4(number << 8 | host), "tcp_timeout")
            }
        }
        #expect(!reach.isBlocked)
        reach.failed(at: .v4(0xFF00_0000), "tcp_refused")
        #expect(reach.isBlocked)
        #expect(reach.failures == ["tcp_timeout": 57, "tcp_refused": 1])
        reach.opened()
        #expect(!reach.isBlocked)
    }
}
