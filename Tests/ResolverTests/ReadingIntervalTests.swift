import Testing

@testable import Resolver

@Suite struct `the interval at which answers are read` {
    /// The interval after so many readings, each of which finds so many answers of 1,000 questions.
    private func interval(after readings: Int, answers: Int) -> Int? {
        var interval = ReadingInterval()
        var next = interval.next(afterReading: 1, of: 1000, left: 1000)
        for _ in 0..<readings { next = interval.next(afterReading: answers, of: 1000, left: 1000) }
        return next
    }

    @Test func `few questions wake the loop with each answer`() {
        var interval = ReadingInterval()
        #expect(interval.next(afterReading: 1, of: 32, left: 31) == nil)
        #expect(!interval.isOn)
        #expect(interval.next(afterReading: 1, of: 33, left: 32) == 1)
        #expect(interval.isOn)
        #expect(interval.next(afterReading: 1, of: 32, left: 31) == nil, "few are left")
        #expect(!interval.isOn)
    }

    @Test func `it grows to 8 ms while few of the questions are answered in it`() {
        #expect((0...4).map { interval(after: $0, answers: 15) } == [1, 2, 4, 8, 8])
    }

    @Test func `it stays where one in 32 to 64 is answered, and is the shortest where more are`() {
        #expect(interval(after: 9, answers: 16) == 1)
        #expect(interval(after: 9, answers: 31) == 1)
        #expect(interval(after: 9, answers: 500) == 1)
        var interval = ReadingInterval()
        let found = [0, 15, 15, 20, 40, 40, 40].map {
            interval.next(afterReading: $0, of: 1000, left: 1000)
        }
        #expect(found == [1, 2, 4, 4, 2, 1, 1])
    }

    @Test func `where none has come in the longest interval, the next answer wakes the loop`() {
        var interval = ReadingInterval()
        let found = (0..<6).map { _ in interval.next(afterReading: 0, of: 1000, left: 1000) }
        // At the end one is read as it comes, after which they wait for each other as before.
        #expect(found == [1, 2, 4, 8, nil, 8])
        #expect(interval.isOn)
    }

    @Test func `a wait of an answer is short beside what answers take`() {
        // So many questions are answered in a millisecond, each of which 1,000 have been out.
        for answeredEach in [1, 4, 16, 64, 256] {
            var interval = ReadingInterval()
            var next = interval.next(afterReading: 1, of: 1000, left: 1000) ?? 0
            for _ in 0..<20 {
                let answers = min(1000, answeredEach * next)
                next = interval.next(afterReading: answers, of: 1000, left: 1000) ?? 0
            }
            let mean = 1000 / answeredEach
            #expect(next == 1 || next * 30 <= mean, "\(next) ms of \(mean)")
        }
    }
}
