import Testing

@testable import Scan

@Suite struct `the order of chance` {
    @Test func `has every entry once, and is the same for the same seed`() {
        let block = Array(0..<1000)
        let order = Shuffle(window: 1000, seed: 1).order(block, from: 0)
        #expect(order.sorted() == block)
        #expect(order != block)
        #expect(Shuffle(window: 1000, seed: 1).order(block, from: 0) == order)
        #expect(Shuffle(window: 1000, seed: 2).order(block, from: 0) != order)
        #expect(Shuffle(window: 1000, seed: 1).order(block, from: 1000) != order)
    }

    @Test func `spreads what stands side by side`() {
        // One provider's 500 among 64,000: no 250 that follow each other hold more than ten.
        let order = Shuffle(window: 64_000, seed: 3).order(Array(0..<64_000), from: 0)
        let places = order.enumerated().filter { $0.element < 500 }.map(\.offset)
        for place in places { #expect(places.count { (place..<place + 250).contains($0) } <= 10) }
    }

    @Test func `is that of the list for a window of one`() {
        #expect(Shuffle(window: 1, seed: 1).order([3, 1, 2], from: 0) == [3, 1, 2])
    }
}
