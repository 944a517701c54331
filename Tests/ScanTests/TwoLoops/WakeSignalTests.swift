import DNS
import EventLoop
import Observations
import Probe
import Records
import Testing

@testable import DomainList
@testable import Scan

private func entry(_ number: Int) -> NumberedEntry {
    NumberedEntry(
        number: number,
        entry: ListEntry(
            index: number, source: "-", line: number + 1, rank: nil, input: "a.example",
            name: .success(DomainName(canonical: "a.example"))))
}

private final class NoExclusions: Exclusions {
    func excludes(_ name: DomainName) -> Bool { false }
    func refusal(of address: IPAddress) -> ProbeStatus? { nil }
}

private func rules() -> ProbeRules {
    ProbeRules(
        hosts: HostChoice(scope: .all, limit: 1), retryDelays: [], trustsAD: false,
        exclusions: NoExclusions(),
        priorState: { _ in nil }, refetchSample: RefetchSample(share: 0, seed: 0))
}

/// What of a shard waits for a bell, called by tasks of another loop.
private actor Waiting {
    nonisolated let loop: EventLoop
    private let ready = ReadyQueue()
    private let intake: BatchedIntake
    private(set) var taken = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(on loop: EventLoop, from queue: BoundedQueue<[NumberedEntry]>) {
        self.loop = loop
        intake = BatchedIntake(from: queue)
    }

    func takeReady() async {
        while await ready.arrive() { taken += ready.takeAll().count }
    }

    func makeReady(_ number: Int) {
        ready.append(DomainTask(entry(number), by: rules(), at: loop.now, ready: ready))
    }

    func end() { ready.end() }

    func refill() async {
        while await intake.refill() { await intake.emptied() }
    }

    /// Takes an entry if there is one; false where there is none.
    func takeEntry() -> Bool {
        guard intake.take() != nil else { return false }
        taken += 1
        return true
    }

    func stopTaking() { intake.stop() }
}

@Suite struct `the task that waits for a wakeSignal` {
    private static let rounds = 20_000

    @Test func `takes each domain that is ready`() throws {
        let loops = try TwoLoops()
        for number in 0..<5000 {
            let waiting = Waiting(on: loops.first, from: BoundedQueue(capacity: 1))
            loops.begin(on: loops.second) { await waiting.takeReady() }
            loops.begin(on: loops.first) {
                for _ in 0..<number % 5 { await Task.yield() }
                await waiting.makeReady(number)
                while await waiting.taken == 0 { await Task.yield() }
                await waiting.end()
            }
        }
        #expect(try loops.run(until: 10_000) == 10_000)
    }

    @Test func `gets each batch when the one before is taken`() throws {
        let loops = try TwoLoops()
        let queue = BoundedQueue<[NumberedEntry]>(capacity: 1)
        let waiting = Waiting(on: loops.first, from: queue)
        loops.begin(on: loops.second) { await waiting.refill() }
        loops.begin(on: loops.second) {
            for number in 0..<Self.rounds { _ = await queue.put([entry(number)]) }
            queue.finish()
        }
        loops.begin(on: loops.first) {
            var taken = 0
            while taken < Self.rounds {
                if await waiting.takeEntry() { taken += 1 } else { await Task.yield() }
            }
        }
        #expect(try loops.run(until: 3) == 3)
    }

    @Test func `ends when it is told to while a batch is there`() throws {
        let loops = try TwoLoops()
        for _ in 0..<5000 {
            let queue = BoundedQueue<[NumberedEntry]>(capacity: 1)
            _ = queue.offer([entry(0), entry(1)])
            let waiting = Waiting(on: loops.first, from: queue)
            loops.begin(on: loops.second) { await waiting.refill() }
            loops.begin(on: loops.first) {
                await Task.yield()
                await waiting.stopTaking()
                queue.finish()
            }
        }
        #expect(try loops.run(until: 10_000) == 10_000)
    }
}
