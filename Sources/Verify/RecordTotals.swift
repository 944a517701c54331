internal import RecordReading
internal import Records
internal import ScanFolder

/// What holds of all records together.
extension Verification {
    /// One record for each entry: none twice, none missing, none besides.
    mutating func checkIndexes(_ reading: Reading<DomainRecordCheck>, _ expected: Expectation) {
        var all = IndexSet()
        var repeated: [Int] = []
        for state in reading.states { repeated += state.repeated + all.formUnion(state.indexes) }
        if !repeated.isEmpty { reportPositions(of: Set(repeated), .duplicateIndex, reading) }
        if let indexes = expected.indexes {
            for range in all.missing(of: indexes, below: expected.indexEnd) {
                problems.add(
                    Problem(.missingIndex, "\(words(for: range)) no record"), times: range.count)
            }
            let surplus = all.surplus(over: indexes, limit: problemLimit)
            if !surplus.isEmpty { reportPositions(of: Set(surplus), .unexpectedIndex, reading) }
        } else if all.count < expected.records {
            let count = expected.records - all.count
            let message = "\(count) of \(expected.records) entries have no record"
            problems.add(Problem(.missingIndex, message), times: count)
        } else if all.count > expected.records {
            let message = "\(all.count) entries have a record, there were \(expected.records)"
            problems.add(Problem(.unexpectedIndex, message), times: all.count - expected.records)
        }
    }

    private func words(for range: ClosedRange<Int>) -> String {
        range.count == 1
            ? "index \(range.lowerBound) has"
            : "indexes \(range.lowerBound) to \(range.upperBound) have"
    }

    /// Reads the records again to say where the records of some indexes stand.
    private mutating func reportPositions(
        of indexes: Set<Int>, _ kind: Damage.Kind, _ reading: Reading<DomainRecordCheck>
    ) {
        let limit = problemLimit
        let places = unsafe RecordFiles(reading.files).read(
            threads: 1, into: { IndexPlaces(indexes: indexes, kind: kind, limit: limit) }
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
        guard hosts.isWhole, domains.isWhole else {
            notes.append("records are damaged: the totals were not compared")
            return
        }
        var counted = domains.merged { $0.merge($1) }.recount.table
        counted["host_status"] = hosts.merged { $0.merge($1) }.recount.table["status"]
        counted["records"] = ["domains": domains.records, "hosts": hosts.records]
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

/// Finds where the records of some indexes stand; of those met again, from the second on.
private struct IndexPlaces: Sendable {
    let indexes: Set<Int>
    let kind: Damage.Kind
    var findings: Findings
    private var first: [Int: RecordPosition] = [:]

    init(indexes: Set<Int>, kind: Damage.Kind, limit: Int) {
        self.indexes = indexes
        self.kind = kind
        findings = Findings(limit: limit)
    }

    mutating func add(_ record: StoredRecord) {
        guard let index = record.value["index"]?.int, indexes.contains(index) else { return }
        guard kind == .duplicateIndex else {
            return findings.add(kind, record.place, "index \(index) is of no entry")
        }
        guard first[index] != nil else {
            first[index] = record.place
            return
        }
        findings.add(kind, record.place, "index \(index) has a record before this one")
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
