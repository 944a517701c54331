import ScanFolder
import Testing

@Suite struct FinishedSetTests {
    @Test func `the mark rises over what is finished without a gap`() {
        var set = FinishedSet()
        for number in [2, 0, 4] { set.insert(number) }
        #expect(set.lowWater == 1)
        #expect(set.ranges == [2...2, 4...4])
        set.insert(1)
        #expect(set.lowWater == 3)
        #expect(set.ranges == [4...4])
        #expect(set.count == 4)
    }

    @Test func `what is finished twice counts once`() {
        var set = FinishedSet()
        for number in [0, 0, 1, 0, 3, 3] { set.insert(number) }
        #expect(set.count == 3)
    }

    @Test func `ranges bring back the same set`() {
        var set = FinishedSet()
        for number in [0, 1, 2, 5, 6, 9, 11, 12, 13] { set.insert(number) }
        #expect(set.ranges == [5...6, 9...9, 11...13])
        #expect(FinishedSet(lowWater: set.lowWater, ranges: set.ranges) == set)
        #expect(FinishedSet(lowWater: 0, ranges: [0...4]).lowWater == 5)
    }

    @Test(arguments: [(0, true), (2, true), (3, false), (4, true), (5, false)])
    func `tells what is in it`(number: Int, isFinished: Bool) {
        let set = FinishedSet(lowWater: 3, ranges: [4...4])
        #expect(set.contains(number) == isFinished)
    }

    @Test(arguments: [1, 63, 64, 65, 128, 200])
    func `words of 64 entries make no difference`(step: Int) {
        var set = FinishedSet()
        let numbers = Array(stride(from: 0, through: 1000, by: step))
        for number in numbers.reversed() { set.insert(number) }
        #expect(set.count == numbers.count)
        #expect(numbers.allSatisfy(set.contains))
        #expect(set.lowWater == (step == 1 ? 1001 : 1))
        #expect(!set.contains(1001))
        #expect(FinishedSet(lowWater: set.lowWater, ranges: set.ranges).count == set.count)
    }

    @Test func `a range across words is one range`() {
        var set = FinishedSet()
        for number in 1...300 { set.insert(number) }
        #expect(set.ranges == [1...300])
        set.insert(0)
        #expect(set.lowWater == 301)
        #expect(set.ranges.isEmpty)
        #expect(set == FinishedSet(lowWater: 301, ranges: []))
    }

    @Test func `one late entry among many leaves one gap`() {
        var set = FinishedSet()
        for number in 0..<100_000 where number != 5 { set.insert(number) }
        #expect(set.lowWater == 5)
        #expect(set.ranges == [6...99_999])
    }
}
