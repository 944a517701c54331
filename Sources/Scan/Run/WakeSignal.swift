/// Wakes the one task that waits for something on its loop.
///
/// For one loop's tasks only: no lock.
@safe struct WakeSignal {
    private var waiting: UnsafeContinuation<Void, Never>?

    /// Has `task` wait until the signal is sent, unless what it waits for is there; one task at a
    /// time.
    ///
    /// To be called with a condition that is evaluated within the continuation's closure: others
    /// on the loop can run between the call of `withUnsafeContinuation` and its closure.
    mutating func park(_ task: UnsafeContinuation<Void, Never>, unless isThere: Bool) {
        guard !isThere else { return unsafe task.resume() }
        unsafe precondition(waiting == nil, "two tasks wait for one signal")
        unsafe waiting = task
    }

    /// Wakes the task that waits, if one does.
    mutating func send() {
        guard let task = unsafe waiting.take() else { return }
        unsafe task.resume()
    }
}
