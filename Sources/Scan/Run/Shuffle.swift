/// The order in which the entries of a list are taken: block by block, each in random order.
///
/// Lists put the customers of one provider side by side; shuffled, they do not come in a burst. The
/// same seed gives the same order. Pure.
struct Shuffle: Sendable {
    /// How many entries a block has; 1 leaves the order of the list.
    let window: Int
    let seed: UInt64

    /// A block's entries, the first of which has this number, in the order to take them.
    func order<Element>(_ block: [Element], from number: Int) -> [Element] {
        guard window > 1 else { return block }
        var generator = SplitMix64(state: seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
        return block.shuffled(using: &generator)
    }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
