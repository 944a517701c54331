public import Findings
internal import Glibc

/// The words of a vocabulary, found by the octets of a string without an allocation.
public struct EnumTable<Word: DocumentedValue>: Sendable {
    private let table: StringTable
    private let words: [Word]

    /// All words of the vocabulary.
    public init() {
        words = Array(Word.allCases)
        table = StringTable(words.map(\.rawValue))
    }

    /// The case for a string; nil for another value and for an unknown string.
    public subscript(value: JSONValue?) -> Word? {
        guard let octets = unsafe value?.utf8, let index = unsafe table[octets] else { return nil }
        return words[index]
    }
}

/// A fixed list of words, each found by its octets.
public struct StringTable: Sendable {
    /// The words in the order given.
    public let words: [String]

    /// The octets of all words, joined, and the offset of each.
    private let octets: [UInt8]
    private let starts: [Int32]
    /// The index of a word in the slot of its hash or a later one, and −1 in an empty slot.
    private var slots: [Int32]

    /// A table of these words.
    public init(_ words: [String]) {
        self.words = words
        octets = words.flatMap(\.utf8)
        var starts: [Int32] = [0]
        for word in words { starts.append(starts[starts.count - 1] + Int32(word.utf8.count)) }
        self.starts = starts
        var size = 8
        while size < 4 * words.count { size *= 2 }
        slots = Array(repeating: -1, count: size)
        for (index, word) in words.enumerated() {
            var slot =
                unsafe Array(word.utf8).withUnsafeBufferPointer { unsafe Self.hash($0) }
                & (size - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(index)
        }
    }

    /// The index of a word.
    public subscript(word: UnsafeBufferPointer<UInt8>) -> Int? {
        var slot = unsafe Self.hash(word) & (slots.count - 1)
        while slots[slot] >= 0 {
            let index = Int(slots[slot])
            if unsafe isWord(index, word) { return index }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private func isWord(_ index: Int, _ word: UnsafeBufferPointer<UInt8>) -> Bool {
        let (start, end) = (Int(starts[index]), Int(starts[index + 1]))
        guard end - start == word.count else { return false }
        return unsafe octets.withUnsafeBufferPointer {
            guard let own = $0.baseAddress, let other = word.baseAddress else { return true }
            return unsafe memcmp(own + start, other, word.count) == 0
        }
    }

    /// Mixes the length with the first and the last eight octets: words differ there, and those
    /// that do not are distinguished by comparison.
    private static func hash(_ word: UnsafeBufferPointer<UInt8>) -> Int {
        guard let start = word.baseAddress else { return 0 }
        var first: UInt64 = 0
        var last: UInt64 = 0
        let count = min(8, word.count)
        unsafe memcpy(&first, start, count)
        unsafe memcpy(&last, start + word.count - count, count)
        let mixed =
            (first ^ UInt64(word.count)) &* 0x9E37_79B9_7F4A_7C15 ^ last &* 0xC2B2_AE3D_27D4_EB4F
        return Int(truncatingIfNeeded: (mixed ^ mixed >> 32) & 0x7FFF_FFFF)
    }
}
