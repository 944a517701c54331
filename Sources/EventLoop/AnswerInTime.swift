extension EventLoop {
    /// Runs the loop on a thread of its own until `ask` has its answer; nil where that takes longer
    /// than so many milliseconds.
    ///
    /// Blocks its caller: for what a command needs before it continues.
    public func answer<Answer: Sendable>(
        within milliseconds: Int, on thread: String, _ ask: @escaping @Sendable () async -> Answer
    ) throws(SystemShortage) -> Answer? {
        let answer = BoundedQueue<Answer>(capacity: 1)
        let thread = try startThread(thread) { self.run() }
        defer {
            stop()
            thread.join()
        }
        Task(executorPreference: self) { _ = await answer.put(await ask()) }
        guard case .element(let found) = answer.takeBlocking(milliseconds: milliseconds) else {
            return nil
        }
        return found
    }
}
