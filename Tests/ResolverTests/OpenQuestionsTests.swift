import EventLoop
import Testing

@testable import Resolver

@Suite struct `open questions` {
    /// What c-ares would keep of a question: never looked at here.
    private let argument = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)

    private func at(_ milliseconds: Int) -> Instant {
        Instant(nanoseconds: 0).advanced(milliseconds: milliseconds)
    }

    /// Adds a question with an id that is free; `draws` are the ids that are drawn, the last of
    /// them again and again.
    @discardableResult
    private func add(_ draws: UInt16..., to open: inout OpenQuestions, until end: Int) -> UInt16? {
        var left = draws[...]
        return open.add(argument, until: at(end)) {
            left.count > 1 ? left.removeFirst() : left[left.startIndex]
        }
    }

    /// The ids of those that are due, in order.
    private func due(_ open: inout OpenQuestions, at milliseconds: Int) -> [UInt16] {
        var ids: [UInt16] = []
        while let id = open.nextDue(at: at(milliseconds)) { ids.append(id) }
        return ids
    }

    @Test func `are due once, in the order in which they were added`() {
        var open = OpenQuestions()
        for (id, end) in [(7, 10), (3, 20), (9, 20), (1, 30)] as [(UInt16, Int)] {
            #expect(add(id, to: &open, until: end) == id)
        }
        #expect(open.firstDeadline == at(10))
        #expect(due(&open, at: 9).isEmpty)
        #expect(open.remove(3) == nil, "nothing is known of how it was to end")
        #expect(due(&open, at: 25) == [7, 9])
        #expect(due(&open, at: 25).isEmpty && open.firstDeadline == at(30))
        #expect(open.question(7) != nil, "c-ares has not ended it")
        for id in [9, 7, 1] as [UInt16] { #expect(open.remove(id) == nil) }
        #expect(open.firstDeadline == nil && due(&open, at: 99).isEmpty)
    }

    @Test func `of one order stay in it when the first, the last or one between is removed`() {
        for removed in 1...4 as ClosedRange<UInt16> {
            var open = OpenQuestions()
            for id in 1...4 as ClosedRange<UInt16> { add(id, to: &open, until: Int(id)) }
            _ = open.remove(removed)
            #expect(open.remove(removed) == nil && open.question(removed) == nil)
            add(9, to: &open, until: 9)
            #expect(due(&open, at: 99) == [1, 2, 3, 4, 9].filter { $0 != removed })
        }
    }

    @Test func `keep how each ends until c-ares has ended it`() throws {
        var open = OpenQuestions()
        for id in 1...4 as ClosedRange<UInt16> { add(id, to: &open, until: 10) }
        let octets: [UInt8] = [1, 2]
        octets.withUnsafeBufferPointer { octets in
            open.end(1, .answer(octets, questionEnd: 2))
            open.end(2, .timedOut)
            open.end(3, .unsent)
            open.end(99, .timedOut)
            guard case .answer(let kept, questionEnd: 2) = open.question(1)?.ending else {
                Issue.record("no answer")
                return
            }
            #expect(kept.baseAddress == octets.baseAddress && kept.count == 2)
            open.forgetAnswers()
        }
        #expect(open.remove(1) == nil, "the octets are gone")
        guard case .timedOut = open.remove(2), case .unsent = open.remove(3) else {
            Issue.record("another end")
            return
        }
        #expect(open.remove(4) == nil && open.remove(4) == nil && open.question(99) == nil)
    }

    @Test func `know nothing of the one whose id and place they take over`() {
        var open = OpenQuestions()
        add(5, to: &open, until: 1)
        open.setLibraryID(17, of: 5)
        open.end(5, .timedOut)
        #expect(open.question(5)?.libraryID == 17)
        _ = open.remove(5)
        add(5, to: &open, until: 2)
        #expect(open.question(5)?.libraryID == nil && open.question(5)?.ending == nil)
        #expect(open.firstDeadline == at(2))
    }

    @Test func `have ids of their own, as long as there are some`() {
        var open = OpenQuestions()
        #expect(add(5, to: &open, until: 1) == 5)
        #expect(add(5, 5, 6, to: &open, until: 1) == 6, "an id is drawn until it is free")
        #expect(add(5, to: &open, until: 1) == 7, "where the draws find none, the next is taken")
        for id in 0...UInt16.max where ![4, 5, 6, 7].contains(id) { add(id, to: &open, until: 1) }
        #expect(add(5, to: &open, until: 2) == 4, "the last, around the end of the range")
        #expect(add(5, to: &open, until: 2) == nil, "all 65,536 are taken")
        #expect(due(&open, at: 1).count == 65_535 && due(&open, at: 2) == [4])
        _ = open.remove(60_000)
        #expect(add(5, to: &open, until: 3) == 60_000, "what has ended makes room")
    }

    @Test func `that are alone are found without their id`() {
        var open = OpenQuestions()
        #expect(open.only == nil)
        for id in [8, 0xFFFF, 0] as [UInt16] {
            add(id, to: &open, until: 1)
            #expect(open.only == id && open.question(id)?.id == id)
            #expect(open.question(id ^ 1) == nil)
            _ = open.remove(id)
            #expect(open.only == nil && open.question(id) == nil)
        }
        add(1, to: &open, until: 2)
        add(2, to: &open, until: 2)
        #expect(open.only == nil && open.question(1) != nil && open.question(2) != nil)
    }
}
