import Testing

@testable import EventLoop

@Suite struct DeadlineQueueTests {
    private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

    @Test func `fires in order of time, whatever the order of insertion`() {
        var queue = DeadlineQueue()
        var fired: [Int] = []
        for instant in [30, 10, 20] {
            queue.insert(Deadline(at(UInt64(instant))) { fired.append(instant) })
        }
        #expect(queue.next() == at(10))
        while let action = queue.takeDue(at: at(25)) { action() }
        #expect(fired == [10, 20])
        #expect(queue.next() == at(30))
    }

    @Test func `a cancelled deadline neither fires nor counts as the next`() {
        var queue = DeadlineQueue()
        let first = Deadline(at(10)) { Issue.record("it was cancelled") }
        queue.insert(first)
        queue.insert(Deadline(at(20)) {})
        queue.cancel(first)
        queue.cancel(first)
        #expect(queue.next() == at(20))
    }

    @Test func `cancelling after it fired changes nothing`() {
        var queue = DeadlineQueue()
        let deadline = Deadline(at(10)) {}
        queue.insert(deadline)
        queue.takeDue(at: at(10))?()
        queue.cancel(deadline)
        #expect(queue.next() == nil)
    }

    @Test func `memory follows the deadlines that stand`() {
        var queue = DeadlineQueue()
        for round in 0..<100_000 {
            let deadline = Deadline(at(UInt64(round + 1_000_000))) {}
            queue.insert(deadline)
            queue.cancel(deadline)
        }
        #expect(queue.count < 3000)
    }
}
