import EventLoop
import Glibc
import Synchronization

/// Two loops on threads of their own, as `--threads 2` has them, and a count of what has ended on
/// them.
///
/// Tasks that prefer the second loop and call an actor of the first are those whose continuations
/// are made after others of the actor have run. What never ends is left behind, and not waited for.
final class TwoLoops: Sendable {
    let first: EventLoop
    let second: EventLoop
    private let ended = Atomic(0)

    init() throws {
        first = try EventLoop()
        second = try EventLoop()
    }

    /// Runs the work on a loop, and counts its end.
    func begin(on loop: EventLoop, _ work: @escaping @Sendable () async -> Void) {
        Task(executorPreference: loop) {
            await work()
            self.ended.add(1, ordering: .relaxed)
        }
    }

    /// Runs both loops until so many have ended or the time is over; how many have.
    func run(until count: Int, seconds: Int = 30) throws -> Int {
        let threads = try [first, second].map { loop in try startThread("loop") { loop.run() } }
        for _ in 0..<seconds * 100 where ended.load(ordering: .relaxed) < count { usleep(10_000) }
        for loop in [first, second] { loop.stop() }
        for thread in threads { thread.join() }
        return ended.load(ordering: .relaxed)
    }
}
