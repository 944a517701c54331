import Testing

@testable import Scan

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
}
