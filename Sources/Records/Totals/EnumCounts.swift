public import Findings

/// How often each value of a vocabulary occurred, and how often none.
public struct EnumCounts<Word: DocumentedValue>: Sendable {
    private var words: [Word]
    private var counts: [Int]
    /// The index of the last value: most values come several times in a row.
    private var recent = 0
    /// How often there was no value.
    public private(set) var absences = 0

    /// Nothing counted yet.
    public init() {
        words = Array(Word.allCases)
        counts = Array(repeating: 0, count: words.count)
    }

    /// How often `word` occurred.
    public subscript(word: Word) -> Int {
        words.firstIndex(of: word).map { counts[$0] } ?? 0
    }

    /// Counts a value, or its absence.
    public mutating func add(_ word: Word?, times: Int = 1) {
        guard let word else {
            absences += times
            return
        }
        if words[recent] != word { recent = words.firstIndex(of: word) ?? recent }
        counts[recent] += times
    }

    /// Adds the counts of another part of the scan.
    public mutating func merge(_ other: EnumCounts) {
        for index in counts.indices { counts[index] += other.counts[index] }
        absences += other.absences
    }

    /// The counts as a JSON object: every value is a key, and `null` counts its absence.
    var document: JSONDocument {
        .object(
            zip(words, counts).map { ($0.rawValue, .integer($1)) }
                + [("null", .integer(absences))])
    }
}

/// `1234567` as `1,234,567`.
public func grouped(_ number: Int) -> String {
    var text = ""
    for (place, digit) in String(number).reversed().enumerated() {
        if place > 0, place % 3 == 0, digit != "-" { text.append(",") }
        text.append(digit)
    }
    return String(text.reversed())
}

/// A number and what it counts, such as `1 problem` or `12,345 problems`.
public func counted(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? one : many ?? one + "s")"
}
