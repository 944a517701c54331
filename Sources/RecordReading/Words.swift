public import Survey

/// The words of a vocabulary, found by the octets of a string without an allocation.
public struct Words<Word: Vocabulary>: Sendable {
    private let table: WordTable
    private let words: [Word]

    /// All words of the vocabulary.
    public init() {
        words = Array(Word.allCases)
        table = WordTable(words.map(\.rawValue))
    }

    /// The word that a string is; nil for another value and for a word unknown.
    public subscript(value: JSONValue?) -> Word? {
        guard let octets = value?.utf8, let index = table[octets] else { return nil }
        return words[index]
    }
}

/// A fixed list of words, each found by its octets.
public struct WordTable: Sendable {
    /// The words in the order given.
    public let words: [String]

    private let octets: [[UInt8]]
    /// The index of a word at the place of its hash or behind it, and −1 where there is none.
    private var slots: [Int32]

    /// A table of these words.
    public init(_ words: [String]) {
        self.words = words
        octets = words.map { Array($0.utf8) }
        var size = 8
        while size < 4 * words.count { size *= 2 }
        slots = Array(repeating: -1, count: size)
        for (index, word) in octets.enumerated() {
            var slot = word.withUnsafeBufferPointer { Self.hash($0) } & (size - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(index)
        }
    }

    /// The index of a word.
    public subscript(word: UnsafeBufferPointer<UInt8>) -> Int? {
        var slot = Self.hash(word) & (slots.count - 1)
        while slots[slot] >= 0 {
            let index = Int(slots[slot])
            if octets[index].elementsEqual(word) { return index }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// FNV-1a.
    private static func hash(_ word: UnsafeBufferPointer<UInt8>) -> Int {
        var hash: UInt32 = 0x811C_9DC5
        for octet in word { hash = (hash ^ UInt32(octet)) &* 0x0100_0193 }
        return Int(hash ^ hash >> 15)
    }
}
