package import EventLoop

/// Work on a loop did not end within 20 seconds.
package struct LoopTimeout: Error {}

/// Runs `body` on an event loop that has a thread of its own, and blocks until it has ended.
package func onLoop<Value: Sendable>(
    _ body: @escaping @Sendable (EventLoop) async throws -> Value
) throws -> Value {
    let loop = try EventLoop()
    let result = try loop.answer(within: 20_000, on: "loop") { () -> Result<Value, any Error> in
        do {
            return .success(try await body(loop))
        } catch {
            return .failure(error)
        }
    }
    guard let result else { throw LoopTimeout() }
    return try result.get()
}

extension EventLoop {
    /// Waits, on the loop, until `condition` holds; false where it does not for 10 seconds.
    package func wait(until condition: () async -> Bool) async -> Bool {
        let end = now.advanced(milliseconds: 10_000)
        while now < end {
            if await condition() { return true }
            await sleep(until: now.advanced(milliseconds: 1))
        }
        return false
    }
}
