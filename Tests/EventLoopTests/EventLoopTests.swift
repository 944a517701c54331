import Glibc
import ScriptedServers
import Testing

@testable import EventLoop

/// An actor on a loop, to see where its work runs.
private actor Resident {
    nonisolated let loop: EventLoop
    private let gate = AsyncSemaphore(limit: 2)
    private var inside = 0
    private var most = 0

    init(_ loop: EventLoop) { self.loop = loop }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    func isOnLoop() async -> Bool {
        let before = loop.isOnLoop
        await loop.sleep(until: loop.now.advanced(milliseconds: 5))
        return before && loop.isOnLoop
    }

    func useGate() async {
        await gate.withPermit {
            inside += 1
            most = max(most, inside)
            await loop.sleep(until: loop.now.advanced(milliseconds: 1))
            inside -= 1
        }
    }

    func mostInside() -> Int { most }

    /// Connects to a port of loopback and reads what comes first.
    func greet(port: UInt16) async -> IOResult {
        guard let socket = StreamSocket(family: AF_INET, on: loop),
            let address = SocketAddress(bytes: [127, 0, 0, 1], port: port)
        else { return .closed }
        defer { socket.close() }
        let deadline = loop.now.advanced(milliseconds: 200)
        let connected = await socket.connect(
            to: address, from: SourceAddresses([]), until: deadline)
        guard connected == .bytes(0) else { return connected }
        var buffer = [UInt8](repeating: 0, count: 16)
        return await socket.read(into: &buffer, until: deadline)
    }
}

/// Runs `body` with an actor whose loop runs on a thread of its own.
private func withLoop<Value: Sendable>(
    _ body: @Sendable (Resident, EventLoop) async -> Value
) async throws -> Value {
    let loop = try EventLoop()
    let thread = try startThread("loop") { loop.run() }
    let value = await body(Resident(loop), loop)
    loop.stop()
    thread.join()
    return value
}

@Suite struct EventLoopTests {
    @Test func `an actor's work stays on the loop's thread across a wait`() async throws {
        #expect(try await withLoop { resident, _ in await resident.isOnLoop() })
    }

    @Test func `a task that prefers the loop resumes there`() async throws {
        let stayed = try await withLoop { _, loop in
            await Task(executorPreference: loop) {
                await loop.sleep(until: loop.now.advanced(milliseconds: 1))
                return loop.isOnLoop
            }.value
        }
        #expect(stayed)
    }

    @Test func `a gate lets in as many as it has permits`() async throws {
        let most = try await withLoop { resident, _ in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { await resident.useGate() } }
            }
            return await resident.mostInside()
        }
        #expect(most == 2)
    }

    @Test func `a connect to a closed port is refused`() async throws {
        let closed = try ClosedPort()
        let outcome = try await withLoop { resident, _ in await resident.greet(port: closed.port) }
        #expect(outcome == .failed(ECONNREFUSED))
    }

    @Test func `a peer that says nothing ends the read at its deadline`() async throws {
        let server = try TCPServer([.silence])
        let outcome = try await withLoop { resident, _ in await resident.greet(port: server.port) }
        #expect(outcome == .timedOut)
    }
}

@Suite struct HandoffTests {
    @Test func `everything put comes out in order, and a full queue makes the putter wait`()
        async throws
    {
        let queue = BoundedQueue<Int>(capacity: 4)
        let thread = try startThread("putter") {
            for value in 0..<1000 { _ = queue.putBlocking(value) }
            queue.finish()
        }
        var taken: [Int] = []
        while let value = await queue.take() { taken.append(value) }
        thread.join()
        #expect(taken == Array(0..<1000))
    }

    @Test func `tasks put and a thread takes`() async throws {
        let queue = BoundedQueue<Int>(capacity: 2)
        let sum = BoundedQueue<Int>(capacity: 1)
        let thread = try startThread("taker") {
            var total = 0
            taking: while true {
                switch queue.takeBlocking(milliseconds: 5000) {
                case .element(let value): total += value
                // A busy machine can be slow; only the end of the queue is the end.
                case .timedOut: continue
                case .finished: break taking
                }
            }
            _ = sum.putBlocking(total)
        }
        for value in 1...100 { #expect(await queue.put(value)) }
        queue.finish()
        #expect(await sum.take() == 5050)
        #expect(await queue.put(1) == false)
        thread.join()
    }

    @Test func `a take without elements ends in time`() {
        let queue = BoundedQueue<Int>(capacity: 1)
        guard case .timedOut = queue.takeBlocking(milliseconds: 5) else {
            Issue.record("nothing was put")
            return
        }
    }
}

@Suite struct `what the system does not give` {
    @Test func `is told with its reason and where the limit stands`() {
        let shortage = SystemShortage("epoll descriptor", code: EMFILE)
        #expect(
            shortage.description
                == "the system gave no epoll descriptor: Too many open files (see 'ulimit -n')")
        #expect(SystemShortage("thread", code: EAGAIN).description.contains("pids.max"))
    }

    @Test func `threads that can be had are all started, and end`() throws {
        try ThreadHandle.require(50)
    }
}
