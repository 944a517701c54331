internal import RecordReading
internal import Records

/// Counts the words of records as the totals of the manifest do.
struct RecountedTotals: Sendable {
    private let keys: StringTable
    private let words: [StringTable]
    /// For each key the counts of its words, and last of null.
    private var counts: [[Int]]

    /// Counts the words of these keys.
    private init(_ vocabularies: [(key: String, words: [String])]) {
        keys = StringTable(vocabularies.map(\.key))
        words = vocabularies.map { StringTable($0.words) }
        counts = vocabularies.map { Array(repeating: 0, count: $0.words.count + 1) }
    }

    /// For domain records: every key that a tally counts.
    static func domains() -> RecountedTotals {
        RecountedTotals(
            ScanTotals().table.filter { $0.key != "records" && $0.key != "host_status" }
                .map { ($0.key, $0.value.keys.filter { $0 != "null" }.sorted()) }
                .sorted { $0.0 < $1.0 })
    }

    /// For host records, whose `status` the totals call `host_status`.
    static func hosts() -> RecountedTotals {
        let words = (ScanTotals().table["host_status"] ?? [:]).keys.filter { $0 != "null" }
        return RecountedTotals([("status", words.sorted())])
    }

    /// For policy records.
    static func policies() -> RecountedTotals {
        let key = "policy_fetch_status"
        let words = (ScanTotals().table[key] ?? [:]).keys.filter { $0 != "null" }
        return RecountedTotals([(key, words.sorted())])
    }

    mutating func add(_ object: JSONObject) {
        for unsafe(key, value) in unsafe object {
            guard let index = unsafe keys[key] else { continue }
            let word = unsafe value.utf8.flatMap { unsafe words[index][$0] }
            // A word unknown is a violation of the schema, told elsewhere.
            guard word != nil || value.isNull else { continue }
            counts[index][word ?? words[index].words.count] += 1
        }
    }

    mutating func merge(_ other: RecountedTotals) {
        for index in counts.indices {
            for word in counts[index].indices { counts[index][word] += other.counts[index][word] }
        }
    }

    /// The counts as the totals have them.
    var table: [String: [String: Int]] {
        var table: [String: [String: Int]] = [:]
        for (index, key) in keys.words.enumerated() {
            table[key] = Dictionary(
                zip(words[index].words + ["null"], counts[index]), uniquingKeysWith: +)
        }
        return table
    }
}
