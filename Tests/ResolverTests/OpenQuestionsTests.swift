import EventLoop
import Testing

@testable import Resolver

@Suite struct OpenQuestionsTests {
    private let argument = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)

    private func at(_ milliseconds: Int) -> Instant {
        Instant(nanoseconds: 0).advanced(milliseconds: milliseconds)
    }

    /// The ids that are due, in order.
    private func due(_ open: inout OpenQuestions, at milliseconds: Int) -> [UInt16] {
        var ids: [UInt16] = []
        while let id = open.nextDue(at: at(milliseconds)) { ids.append(id) }
        return ids
    }

    @Test func `are due once, in the order in which they were added`() {
        var open = OpenQuestions()
        for (id, deadline) in [(7, 10), (3, 20), (9, 20), (1, 30)] as [(UInt16, Int)] {
            open.add(id, argument, until: at(deadline))
        }
        #expect(open.firstDeadline == at(10))
        #expect(due(&open, at: 9).isEmpty)
        #expect(open.remove(3) == nil, "nothing is known of how it was to end")
        #expect(due(&open, at: 25) == [7, 9])
        #expect(due(&open, at: 25).isEmpty && open.firstDeadline == at(30))
        #expect(open.question(7) != nil, "c-ares has not ended it")
        for id in [9, 7, 1] as [UInt16] { #expect(open.remove(id) == nil) }
        #expect(open.firstDeadline == nil && open.only == nil && due(&open, at: 99).isEmpty)
    }

    @Test func `keep how each ends until c-ares has ended it`() {
        var open = OpenQuestions()
        for id in 1...3 as ClosedRange<UInt16> { open.add(id, argument, until: at(10)) }
        let octets: [UInt8] = [1, 2]
        octets.withUnsafeBufferPointer { octets in
            open.end(1, .answer(octets))
            open.end(2, .timedOut)
            open.forgetAnswers()
        }
        #expect(open.remove(1) == nil, "the octets are gone")
        guard case .timedOut = open.remove(2) else {
            Issue.record("another end")
            return
        }
        #expect(open.remove(3) == nil && open.remove(3) == nil)
    }

    @Test func `give an id that is free, as long as there is one`() throws {
        var open = OpenQuestions()
        open.add(5, argument, until: at(1))
        var drawn = [5, 5, 6] as [UInt16]
        #expect(open.freeID { drawn.removeFirst() } == 6)
        #expect(open.freeID { 5 } == 6, "where the draws find none, the next is taken")
        for id in 0...UInt16.max where id != 5 && id != 4 { open.add(id, argument, until: at(1)) }
        #expect(open.freeID { 5 } == 4)
        open.add(4, argument, until: at(1))
        #expect(open.freeID { 5 } == nil)
    }
}
