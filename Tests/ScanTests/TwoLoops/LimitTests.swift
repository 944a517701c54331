import Admission
import DNS
import EventLoop
import Survey
import Testing

@testable import Scan

/// Places, a gate and a host of a shard, used by tasks of another loop too.
private actor Owner {
    nonisolated let loop: EventLoop
    private let places = Places(limit: 2)
    private let gate = Gate(limit: 1)
    private let hosts = HostDirectory(limit: 5)
    private var inside = 0
    private var looks = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(on loop: EventLoop) { self.loop = loop }

    func usePlace() async {
        guard await places.enter() else { return }
        note(1, most: 2)
        await Task.yield()
        note(-1, most: 2)
        places.leave()
    }

    func usePlaceAtOnce() async {
        guard places.enterAtOnce() else { return }
        await Task.yield()
        places.leave()
    }

    func drained() async { await places.drained() }

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
    func sight(of name: DomainName) async {
        switch hosts.look(up: name) {
        case .known: return
        case .underWay(let inquiry):
            looks += 1
            _ = looks.isMultiple(of: 2) ? try? await inquiry.sight() : try? await inquiry.end()
        case .nothing(let inquiry):
            await Task.yield()
            hosts.settle(inquiry, .notProbed(name))
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
            try ends(loops) { await owner.sight(of: DomainName(canonical: "mx\($0 % 31)")) })
    }

    @Test func `a queue that is full or empty wakes those who wait`() throws {
        let loops = try TwoLoops()
        let queue = Handoff<Int>(capacity: 2)
        #expect(
            try ends(loops) { number in
                if number.isMultiple(of: 2) {
                    _ = await queue.put(number)
                } else {
                    _ = await queue.take()
                }
            })
    }

    @Test func `a connection that has ended lets another begin`() throws {
        let loops = try TwoLoops()
        var limits = AdmissionLimits()
        limits.includesLoopback = true
        limits.address = Limit(atOnce: 1, perSecond: 0)
        limits.network = Limit(atOnce: 2, perSecond: 0)
        limits.domain = Limit(atOnce: 2, perSecond: 0)
        let desk = AdmissionDesk(
            limits, LoopLimits(sessions: 3, slowSessions: 1, fetches: 1), on: loops.first)
        let addresses = try (1...3).map { try #require(IPAddress("192.0.2.\($0)")) }
        #expect(
            try ends(loops) { number in
                let destination = Destination(
                    smtp: addresses[number % 3], host: DomainName(canonical: "mx\(number % 31)"),
                    domain: "\(number % 2).example", loop: number % 2)
                guard case .admitted = await desk.enter(destination) else { return }
                if number % 7 == 0, await desk.yieldPlace(destination) {
                    await Task.yield()
                    await desk.takePlaceBack(destination)
                }
                await desk.leave(destination, .good)
            })
    }
}
