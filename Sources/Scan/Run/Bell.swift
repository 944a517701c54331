/// Wakes the one task that waits for something on its loop.
///
/// For one loop's tasks only: no lock.
struct Bell {
    private var waiting: UnsafeContinuation<Void, Never>?

    /// Has `task` wait until the bell is rung; one task at a time.
    mutating func wake(_ task: UnsafeContinuation<Void, Never>) {
        precondition(waiting == nil, "two tasks wait for one bell")
        waiting = task
    }

    /// Wakes the task that waits, if one does.
    mutating func ring() {
        guard let task = waiting.take() else { return }
        task.resume()
    }
}
