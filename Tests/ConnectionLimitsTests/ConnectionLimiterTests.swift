import DNS
import EventLoop
import ScriptedServers
import Testing

@testable import ConnectionLimits

private let address = IPAddress.v4(0xC000_0201)
private let neighbour = IPAddress.v4(0xC000_0202)
private let silence = ConnectionFailure("greeting_timeout", .beforeName)

/// Limits of which none stands, to be set one by one.
private func unlimited() -> DestinationLimits {
    var limits = DestinationLimits()
    let none = Limit(atOnce: 0, perSecond: 0)
    (limits.address, limits.network, limits.domain, limits.fetchAddress) = (none, none, none, none)
    limits.sharedFailures = 0
    return limits
}

private func destination(
    _ number: Int = 0, at address: IPAddress = address, domain: String? = nil
) -> Destination {
    Destination(
        smtp: address, host: DomainName(canonical: "mx\(number).example"), domain: domain, loop: 0)
}

extension ConnectionLimiter {
    fileprivate init(
        _ limits: DestinationLimits, slots: Int = 100, waitingHosts: Int = .max, on loop: EventLoop
    ) {
        let loopLimits = LoopLimits(
            sessions: slots, slowSessions: 1, fetches: 1, waitingHosts: waitingHosts)
        self.init(limits, loopLimits, on: loop)
    }

    /// Whether a connection may begin, in one word.
    fileprivate func ask(_ destination: Destination) async -> String {
        switch await acquire(destination) {
        case .admitted: "admitted"
        case .known(let failure): "\(failure.status) \(failure.times)"
        case .overdue: "overdue"
        }
    }

    /// Asks without waiting for the answer.
    fileprivate nonisolated func begin(
        _ destination: Destination, on loop: EventLoop
    ) -> Task<String, Never> {
        Task(executorPreference: loop) { await self.ask(destination) }
    }

    fileprivate func fail(_ destination: Destination) async {
        #expect(await ask(destination) == "admitted")
        release(destination, .failed(silence))
    }
}

@Suite struct `the limiter` {
    @Test func `lets so many connections at an address stand at once`() throws {
        try onLoop { loop in
            var limits = unlimited()
            limits.address.atOnce = 2
            let limiter = ConnectionLimiter(limits, on: loop)
            for _ in 0..<2 { #expect(await limiter.ask(destination()) == "admitted") }
            let third = limiter.begin(destination(), on: loop)
            #expect(await loop.wait { await limiter.stats.waiting == 1 })
            #expect(await limiter.ask(destination(at: neighbour)) == "admitted")
            #expect(await limiter.stats.waitsForAddress == 1)
            await limiter.release(destination(), .good)
            #expect(await third.value == "admitted")
            #expect(await limiter.stats.waiting == 0)
        }
    }

    @Test func `counts the addresses of a network, and the hosts of a domain, together`() throws {
        try onLoop { loop in
            var limits = unlimited()
            limits.network.atOnce = 1
            limits.domain.atOnce = 2
            let limiter = ConnectionLimiter(limits, on: loop)
            let far = IPAddress.v4(0xC633_6401)
            #expect(await limiter.ask(destination(at: address, domain: "a.example")) == "admitted")
            #expect(await limiter.ask(destination(at: far, domain: "a.example")) == "admitted")
            let near = limiter.begin(destination(at: neighbour), on: loop)
            #expect(await loop.wait { await limiter.stats.waitsForNetwork == 1 })
            let other = IPAddress.v4(0xCB00_7101)
            let third = limiter.begin(destination(at: other, domain: "a.example"), on: loop)
            #expect(await loop.wait { await limiter.stats.waitsForDomain == 1 })
            await limiter.release(destination(at: address, domain: "a.example"), .good)
            #expect(await near.value == "admitted")
            #expect(await third.value == "admitted")
        }
    }

    @Test func `lets no more begin than the loop has slots, those that are parked aside`() throws {
        try onLoop { loop in
            let limiter = ConnectionLimiter(unlimited(), slots: 1, on: loop)
            #expect(await limiter.ask(destination(0)) == "admitted")
            let second = limiter.begin(destination(1, at: neighbour), on: loop)
            #expect(await loop.wait { await limiter.stats.waitsForLoop == 1 })
            #expect(await limiter.park(destination(0)))
            #expect(await second.value == "admitted")
            #expect(await limiter.park(destination(1, at: neighbour)) == false, "one place is all")
            // It gets its slot back before one that is new.
            let back = Task(executorPreference: loop) { await limiter.unpark(destination(0)) }
            #expect(await loop.wait { await limiter.park(destination(1, at: neighbour)) })
            await back.value
        }
    }

    @Test func `lets so many begin in a second`() throws {
        try onLoop { loop in
            var limits = unlimited()
            limits.address.perSecond = 20
            let limiter = ConnectionLimiter(limits, on: loop)
            let start = loop.now
            for _ in 0..<5 {
                #expect(await limiter.ask(destination()) == "admitted")
                await limiter.release(destination(), .good)
            }
            // Four intervals of a twentieth of 1,050 ms.
            #expect(loop.now.milliseconds(since: start) >= 210)
        }
    }

    @Test func `slows a destination that pushes back, and not its neighbour`() throws {
        try onLoop { loop in
            let limiter = ConnectionLimiter(unlimited(), on: loop)
            #expect(await limiter.ask(destination()) == "admitted")
            await limiter.release(destination(), .pushedBack(nil))
            let start = loop.now
            #expect(await limiter.ask(destination(at: neighbour)) == "admitted")
            #expect(await limiter.stats.waitsForAddress == 0)
            #expect(await limiter.ask(destination()) == "admitted")
            #expect(loop.now.milliseconds(since: start) >= 199)
            let second = limiter.begin(destination(), on: loop)
            #expect(await loop.wait { await limiter.stats.waiting == 1 }, "one at a time")
            await limiter.release(destination(), .good)
            #expect(await second.value == "admitted")
            #expect(await limiter.stats.pushbacks == 1)
        }
    }

    @Test func `slows a peer that has worked and takes no more, and its network`() throws {
        try onLoop { loop in
            var limits = unlimited()
            limits.sharedFailures = 1
            let limiter = ConnectionLimiter(limits, on: loop)
            let loss = ConnectionEnd.failed(ConnectionFailure("tcp_timeout", .connect))
            let (working, silent) = (IPAddress.v4(0xC000_0301), IPAddress.v4(0xC000_0302))
            #expect(await limiter.ask(destination(0, at: working)) == "admitted")
            await limiter.release(destination(0, at: working), .good)
            for end in [loss, .good] {
                #expect(await limiter.ask(destination(0, at: working)) == "admitted")
                await limiter.release(destination(0, at: working), end)
            }
            #expect(await limiter.stats.pushbacks == 1)
            let start = loop.now
            for number in 1...2 {
                #expect(await limiter.ask(destination(number, at: silent)) == "admitted")
                await limiter.release(destination(number, at: silent), loss)
            }
            #expect(loop.now.milliseconds(since: start) >= 199, "in the same network")
            #expect(await limiter.stats.pushbacks == 1, "it has never worked")
            // Elsewhere the first silence is taken for granted.
            #expect(await limiter.ask(destination(3)) == "admitted")
            await limiter.release(destination(3), loss)
            #expect(await limiter.ask(destination(4)) == "tcp_timeout 1")
        }
    }

    @Test func `answers at once where a peer is known to fail`() throws {
        try onLoop { loop in
            var limits = unlimited()
            limits.sharedFailures = 2
            limits.address.atOnce = 1
            let limiter = ConnectionLimiter(limits, on: loop)
            await limiter.fail(destination(0))
            #expect(await limiter.ask(destination(1)) == "admitted")
            let waiting = (2..<5).map { limiter.begin(destination($0), on: loop) }
            #expect(await loop.wait { await limiter.stats.waiting == 3 })
            await limiter.release(destination(1), .failed(silence))
            for answer in waiting { #expect(await answer.value == "greeting_timeout 2") }
            #expect(await limiter.ask(destination(5)) == "greeting_timeout 2")
            #expect(await limiter.stats.sharedFailures == 4)
            #expect(await limiter.ask(destination(6, at: neighbour)) == "admitted")
        }
    }

    @Test func `takes no failure for granted where others end well in between`() throws {
        try onLoop { loop in
            var limits = unlimited()
            limits.sharedFailures = 2
            let limiter = ConnectionLimiter(limits, on: loop)
            for _ in 0..<3 {
                await limiter.fail(destination())
                #expect(await limiter.ask(destination()) == "admitted")
                await limiter.release(destination(), .good)
            }
        }
    }

    @Test func `answers those whose turn does not come in time`() throws {
        try onLoop { loop in
            var limits = unlimited()
            limits.address.atOnce = 1
            limits.waitMaxMilliseconds = 50
            let limiter = ConnectionLimiter(limits, on: loop)
            #expect(await limiter.ask(destination()) == "admitted")
            let start = loop.now
            #expect(await limiter.ask(destination()) == "overdue")
            #expect(loop.now.milliseconds(since: start) >= 50)
            let stats = await limiter.stats
            #expect(stats.overdue == 1 && stats.waiting == 0)
            // What has gone is not let in when there is room.
            await limiter.release(destination(), .good)
            #expect(await limiter.ask(destination()) == "admitted")
        }
    }

    @Test func `keeps those waiting where others are served, and not where nobody is`() throws {
        try onLoop { loop in
            var limits = unlimited()
            limits.address.atOnce = 1
            limits.idleMaxMilliseconds = 1500
            let limiter = ConnectionLimiter(limits, on: loop)
            let start = loop.now
            #expect(await limiter.ask(destination()) == "admitted")
            let waiting = (0..<4).map { _ in limiter.begin(destination(), on: loop) }
            for answer in waiting.prefix(3) {
                await loop.sleep(until: loop.now.advanced(milliseconds: 600))
                await limiter.release(destination(), .good)
                #expect(await answer.value == "admitted")
            }
            #expect(await waiting[3].value == "overdue")
            #expect(loop.now.milliseconds(since: start) >= 3 * 600 + 1500)
            #expect(await limiter.stats.overdue == 1)
        }
    }

    @Test func `keeps none so long where too many wait in all`() throws {
        try onLoop { loop in
            var limits = unlimited()
            limits.address.atOnce = 1
            limits.idleMaxMilliseconds = 1500
            let limiter = ConnectionLimiter(limits, waitingHosts: 0, on: loop)
            #expect(await limiter.ask(destination()) == "admitted")
            _ = await limiter.join(destination(), mustWait: true)
            let start = loop.now
            let waiting = (0..<2).map { _ in limiter.begin(destination(), on: loop) }
            await loop.sleep(until: start.advanced(milliseconds: 700))
            await limiter.release(destination(), .good)
            #expect(await waiting[0].value == "admitted")
            #expect(await waiting[1].value == "overdue")
            #expect(loop.now.milliseconds(since: start) < 700 + 1500)
        }
    }

    @Test func `limits no server on this machine unless it is told to`() throws {
        let loopback = IPAddress.v4(0x7F00_0001)
        try onLoop { loop in
            var limits = unlimited()
            limits.address.atOnce = 1
            let limiter = ConnectionLimiter(limits, on: loop)
            for _ in 0..<3 { #expect(await limiter.ask(destination(at: loopback)) == "admitted") }
            limits.includesLoopback = true
            let other = ConnectionLimiter(limits, on: loop)
            #expect(await other.ask(destination(at: loopback)) == "admitted")
            let second = other.begin(destination(at: loopback), on: loop)
            #expect(await loop.wait { await other.stats.waiting == 1 })
            await other.release(destination(at: loopback), .good)
            #expect(await second.value == "admitted")
        }
    }
}

@Suite struct `what a loop bears` {
    /// An address for each number, none near another.
    private func apart(_ number: Int) -> IPAddress {
        .v4(0x0B00_0000 + UInt32(number) << 8)
    }

    @Test func `grows while connections wait for it, and not beyond the limit`() throws {
        try onLoop { loop in
            let limiter = ConnectionLimiter(unlimited(), slots: 203, on: loop)
            for number in 0..<200 {
                #expect(await limiter.ask(destination(number, at: apart(number))) == "admitted")
            }
            let waiting = (200..<210).map {
                limiter.begin(destination($0, at: apart($0)), on: loop)
            }
            #expect(await loop.wait { await limiter.stats.sessions.waiting == 10 })
            #expect(await limiter.stats.sessions.size == 200)
            for number in 0..<5 {
                await limiter.release(destination(number, at: apart(number)), .good)
            }
            // Five places were given back, and three were added.
            #expect(await loop.wait { await limiter.stats.sessions.waiting == 2 })
            #expect(await limiter.stats.sessions.size == 203)
            for number in 5..<7 {
                await limiter.release(destination(number, at: apart(number)), .good)
            }
            for task in waiting { #expect(await task.value == "admitted") }
        }
    }

    @Test func `does not grow while the loop is late`() throws {
        try onLoop { loop in
            let limiter = ConnectionLimiter(unlimited(), slots: 300, on: loop)
            for number in 0..<200 {
                #expect(await limiter.ask(destination(number, at: apart(number))) == "admitted")
            }
            let waiting = limiter.begin(destination(200, at: apart(200)), on: loop)
            #expect(await loop.wait { await limiter.stats.sessions.waiting == 1 })
            await limiter.noteLag(ofLoop: 0, milliseconds: 200)
            await limiter.release(destination(0, at: apart(0)), .good)
            #expect(await waiting.value == "admitted")
            #expect(await limiter.stats.sessions.size == 200)
        }
    }

    @Test func `is halved where this machine has no room, which is no fact of the peer`() throws {
        try onLoop { loop in
            var limits = unlimited()
            limits.sharedFailures = 1
            let limiter = ConnectionLimiter(limits, slots: 100, on: loop)
            #expect(await limiter.ask(destination()) == "admitted")
            await limiter.releaseUnmade(destination(), holding: .slot)
            #expect(await limiter.stats.sessions.size == 50)
            #expect(await limiter.stats.shortages == 1)
            #expect(await limiter.stats.pushbacks == 0)
            #expect(await limiter.ask(destination()) == "admitted")
        }
    }

    @Test func `goes to a destination at which many hosts wait before its turn`() throws {
        try onLoop { loop in
            let limiter = ConnectionLimiter(unlimited(), slots: 1, on: loop)
            #expect(await limiter.ask(destination(0, at: apart(0))) == "admitted")
            let large = destination(1, at: apart(1), domain: "large.example")
            for _ in 0..<50 { _ = await limiter.join(large, mustWait: false) }
            let small = (2..<5).map { limiter.begin(destination($0, at: apart($0)), on: loop) }
            #expect(await loop.wait { await limiter.stats.sessions.waiting == 3 })
            let first = limiter.begin(large, on: loop)
            #expect(await loop.wait { await limiter.stats.sessions.waiting == 4 })
            await limiter.release(destination(0, at: apart(0)), .good)
            #expect(await first.value == "admitted")
            #expect(await limiter.stats.sessions.waiting == 3)
            await limiter.release(large, .good)
            for number in 2..<5 {
                #expect(await small[number - 2].value == "admitted")
                await limiter.release(destination(number, at: apart(number)), .good)
            }
        }
    }
}
