internal import RecordReading
internal import Records
internal import ScanFolder

/// What holds of all records together.
extension Verification {
    /// One record for each entry: none twice, none missing, none besides.
    mutating func checkIndexes<State: NumberedRecordCheck>(
        _ reading: Reading<State>, _ expected: Expectation
    ) {
        var all = IndexSet()
        var repeated: [Int] = []
        for state in reading.states { repeated += state.repeated + all.formUnion(state.numbers) }
        if !repeated.isEmpty { reportPositions(of: Set(repeated), .duplicateIndex, reading) }
        if let indexes = expected.indexes {
            for range in all.missing(of: indexes, below: expected.indexEnd) {
                let words = words(for: range, of: State.key.name)
                problems.add(Problem(.missingIndex, "\(words) no record"), times: range.count)
            }
            let surplus = all.surplus(over: indexes, limit: problemLimit)
            if !surplus.isEmpty { reportPositions(of: Set(surplus), .unexpectedIndex, reading) }
        } else {
            checkCount(all.count, expected)
        }
    }

    /// As many records as there are entries.
    mutating func checkCount(_ count: Int, _ expected: Expectation) {
        if count < expected.records {
            let missing = expected.records - count
            let message = "\(missing) of \(expected.records) entries have no record"
            problems.add(Problem(.missingIndex, message), times: missing)
        } else if count > expected.records {
            let message = "\(count) entries have a record, there were \(expected.records)"
            problems.add(Problem(.unexpectedIndex, message), times: count - expected.records)
        }
    }

    private func words(for range: ClosedRange<Int>, of key: String) -> String {
        range.count == 1
            ? "\(key) \(range.lowerBound) has"
            : "\(key == "index" ? "indexes" : key + "s") \(range.lowerBound) to "
                + "\(range.upperBound) have"
    }

    /// Reads the records again to say where the records of some indexes stand.
    private mutating func reportPositions<State: NumberedRecordCheck>(
        of numbers: Set<Int>, _ kind: Damage.Kind, _ reading: Reading<State>
    ) {
        let limit = problemLimit
        let places = unsafe RecordFiles(reading.files).read(
            threads: 1,
            into: { NumberPlaces(State.key, numbers: numbers, kind: kind, limit: limit) }
        ) { $0.add($1) }
        for state in places.states { problems.add(state.findings, in: places) }
    }

    /// Reads the host records again: only names that are the same count, not their hashes.
    mutating func reportRepeatedHosts(_ hashes: Set<UInt64>, _ reading: Reading<HostRecordCheck>) {
        let limit = problemLimit
        let places = unsafe RecordFiles(reading.files).read(
            threads: 1, into: { NamePlaces(hashes: hashes, limit: limit) }
        ) { $0.add($1) }
        for state in places.states { problems.add(state.findings, in: places) }
    }

    /// The totals are those of the records; not to be told where records are damaged.
    mutating func checkTotals(
        _ hosts: Reading<HostRecordCheck>, _ domains: Reading<DomainRecordCheck>,
        _ expected: Expectation
    ) {
        var counted = domains.merged { $0.merge($1) }.recount.table
        counted["host_status"] = hosts.merged { $0.merge($1) }.recount.table["status"]
        counted["records"] = ["domains": domains.records, "hosts": hosts.records]
        checkTotals(isWhole: hosts.isWhole && domains.isWhole, counted, expected)
    }

    /// The same, of what was counted.
    mutating func checkTotals(
        isWhole: Bool, _ counted: [String: [String: Int]], _ expected: Expectation
    ) {
        guard isWhole else {
            notes.append("records are damaged: the totals were not compared")
            return
        }
        for key in Set(counted.keys).union(expected.totals.keys).sorted() {
            compare(counted[key] ?? [:], expected.totals[key] ?? [:], key)
        }
    }

    private mutating func compare(
        _ counted: [String: Int], _ told: [String: Int], _ key: String
    ) {
        for word in Set(counted.keys).union(told.keys).sorted() {
            let (count, total) = (counted[word] ?? 0, told[word] ?? 0)
            guard count != total else { continue }
            problems.add(
                Problem(
                    .totals, "\(key) \(word) is \(total) in the totals, \(count) in the records"))
        }
    }
}

/// Finds where the records of some numbers stand; of those met again, from the second on.
private struct NumberPlaces: Sendable {
    let key: JSONKey
    let numbers: Set<Int>
    let kind: Damage.Kind
    var findings: Findings
    private var first: [Int: RecordPosition] = [:]

    init(_ key: JSONKey, numbers: Set<Int>, kind: Damage.Kind, limit: Int) {
        self.key = key
        self.numbers = numbers
        self.kind = kind
        findings = Findings(limit: limit)
    }

    mutating func add(_ record: StoredRecord) {
        guard let number = record.value[key]?.int, numbers.contains(number) else { return }
        guard kind == .duplicateIndex else {
            return findings.add(kind, record.place, "\(key.name) \(number) is of no entry")
        }
        guard first[number] != nil else {
            first[number] = record.place
            return
        }
        findings.add(kind, record.place, "\(key.name) \(number) has a record before this one")
    }
}

/// Finds where observations stand whose hashes were met twice, from the second time on.
private struct NamePlaces: Sendable {
    let hashes: Set<UInt64>
    var findings: Findings
    private var names: Set<String> = []

    init(hashes: Set<UInt64>, limit: Int) {
        self.hashes = hashes
        findings = Findings(limit: limit)
    }

    mutating func add(_ record: StoredRecord) {
        guard let name = unsafe record.value["host"]?.utf8,
            let number = record.value["observation"]?.int,
            unsafe hashes.contains(hash(name, number))
        else { return }
        let text = unsafe "\(String(decoding: name, as: UTF8.self)), observation \(number),"
        guard !names.insert(text).inserted else { return }
        findings.add(.duplicateHost, record.place, "\(text) has a record before this one")
    }
}
