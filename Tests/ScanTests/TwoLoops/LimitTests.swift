import ConnectionLimits
import DNS
import EventLoop
import Glibc
internal import Observations
import Records
import Synchronization
import Testing

@testable import Scan

/// Places, a gate and a host of a shard, used by tasks of another loop too.
private actor Owner {
    nonisolated let loop: EventLoop
    private let slots = SlotPool(limit: 2)
    private let gate = AsyncSemaphore(limit: 1)
    private let hosts = HostCache(limit: 5)
    private var inside = 0
    private var looks = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(on loop: EventLoop) { self.loop = loop }

    func usePlace() async {
        guard await slots.acquire() else { return }
        note(1, most: 2)
        await Task.yield()
        note(-1, most: 2)
        slots.release()
    }

    func usePlaceAtOnce() async {
        guard slots.tryAcquire() else { return }
        await Task.yield()
        slots.release()
    }

    func drained() async { await slots.drained() }

    func useGate() async {
        await gate.withPermit {
            note(1, most: 1)
            await Task.yield()
            note(-1, most: 1)
        }
    }

    private func note(_ change: Int, most: Int) {
        inside += change
        #expect(inside <= most)
    }

    /// Looks a host up as a shard does.
    func progress(of name: DomainName) async {
        switch hosts.look(up: name) {
        case .known: return
        case .underWay(let pending):
            looks += 1
            _ = looks.isMultiple(of: 2) ? try? await pending.progress() : try? await pending.end()
        case .nothing(let pending):
            await Task.yield()
            hosts.settle(pending, .notProbed(name))
        }
    }
}

@Suite struct `waits of two loops` {
    private static let tasks = 20_000

    /// Runs work on both loops in turn; whether all of it ended.
    private func ends(
        _ loops: TwoLoops, _ tasks: Int = tasks, _ work: @escaping @Sendable (Int) async -> Void
    ) throws -> Bool {
        for number in 0..<tasks {
            loops.begin(on: number % 3 == 0 ? loops.first : loops.second) { await work(number) }
        }
        return try loops.run(until: tasks) == tasks
    }

    @Test func `a place that is given back is taken`() throws {
        let loops = try TwoLoops()
        let owner = Owner(on: loops.first)
        #expect(
            try ends(loops) {
                $0 % 5 == 0 ? await owner.usePlaceAtOnce() : await owner.usePlace()
                if $0 % 100 == 0 { await owner.drained() }
            })
    }

    @Test func `a permit that is given back is taken`() throws {
        let loops = try TwoLoops()
        let owner = Owner(on: loops.first)
        #expect(try ends(loops) { _ in await owner.useGate() })
    }

    @Test func `a host that has settled is waited for no more`() throws {
        let loops = try TwoLoops()
        let owner = Owner(on: loops.first)
        #expect(
            try ends(loops) { await owner.progress(of: DomainName(canonical: "mx\($0 % 31)")) })
    }

    @Test func `a queue that is full or empty wakes those who wait`() throws {
        let loops = try TwoLoops()
        let queue = BoundedQueue<Int>(capacity: 2)
        #expect(
            try ends(loops) { number in
                if number.isMultiple(of: 2) {
                    _ = await queue.put(number)
                } else {
                    _ = await queue.take()
                }
            })
    }

    @Test func `a loop that was held up begins its connections one after the other`() throws {
        let loops = try TwoLoops()
        var limits = DestinationLimits()
        limits.address = Limit(atOnce: 0, perSecond: 50)
        limits.network = Limit(atOnce: 0, perSecond: 0)
        let limiter = ConnectionLimiter(
            limits, LoopLimits(sessions: 100, slowSessions: 1, fetches: 1), on: loops.first)
        let address = try #require(IPAddress("192.0.2.1"))
        let begun = Mutex<[Instant]>([])
        let connections = 15
        for number in 0..<connections {
            loops.begin(on: loops.second) {
                let destination = Destination(
                    smtp: address, host: DomainName(canonical: "mx\(number)"), domain: nil, loop: 1)
                // All ask; then the loop is held up for as long as 15 admissions take.
                if number == connections - 1 { usleep(320_000) }
                guard case .admitted = await limiter.acquire(destination) else { return }
                begun.withLock { $0.append(loops.second.now) }
                await limiter.release(destination, .good)
            }
        }
        #expect(try loops.run(until: connections) == connections)
        let times = begun.withLock { $0 }
        #expect(times.count == connections)
        let most = times.map { first in
            times.count { $0 >= first && $0 < first.advanced(milliseconds: 20) }
        }
        .max()
        // An interval of 21 ms, and a delay of 50 that counts for nothing.
        #expect(try #require(most) < 7)
    }

    @Test func `a connection that has ended lets another begin`() throws {
        let loops = try TwoLoops()
        var limits = DestinationLimits()
        limits.includesLoopback = true
        limits.address = Limit(atOnce: 1, perSecond: 0)
        limits.network = Limit(atOnce: 2, perSecond: 0)
        limits.domain = Limit(atOnce: 2, perSecond: 0)
        let limiter = ConnectionLimiter(
            limits, LoopLimits(sessions: 3, slowSessions: 1, fetches: 1), on: loops.first)
        let addresses = try (1...3).map { try #require(IPAddress("192.0.2.\($0)")) }
        #expect(
            try ends(loops) { number in
                let destination = Destination(
                    smtp: addresses[number % 3], host: DomainName(canonical: "mx\(number % 31)"),
                    domain: "\(number % 2).example", loop: number % 2)
                guard case .admitted = await limiter.acquire(destination) else { return }
                if number % 7 == 0, await limiter.park(destination) {
                    await Task.yield()
                    await limiter.unpark(destination)
                }
                await limiter.release(destination, .good)
            })
    }
}
