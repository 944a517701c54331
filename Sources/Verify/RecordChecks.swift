internal import Archive
internal import RecordReading
internal import Records
internal import ScanFolder
internal import TLS

/// What a thread finds in records whose numbers say which entry, or line, each is of.
protocol NumberedRecordCheck: Sendable {
    /// The key of the number.
    static var key: JSONKey { get }
    /// The numbers that were met.
    var numbers: IndexSet { get }
    /// Those that were met again.
    var repeated: [Int] { get }
}

/// What a thread finds in host records.
struct HostRecordCheck: NumberedRecordCheck {
    static let key: JSONKey = "observation"

    // Not shared: threads that count references to the same arrays wait for each other.
    private let shape: RecordShape
    private let version: Int

    /// Whether each line of the input must have a record.
    private let countsLines: Bool
    private(set) var numbers = IndexSet()
    private(set) var repeated: [Int] = []
    /// The hashes of the hosts' names with the numbers of their observations.
    private(set) var names: [UInt64] = []
    private(set) var recount = RecountedTotals.hosts()
    private(set) var findings: Findings

    /// For records of a version of the schema.
    init(limit: Int, version: Int, countsLines: Bool) {
        self.countsLines = countsLines
        findings = Findings(limit: limit)
        shape = RecordShape(Schema.host.descriptions, version: version)
        self.version = version
    }

    mutating func add(_ record: StoredRecord) {
        var object = record.object
        if let violation = record.violation(of: shape, version) {
            findings.add(.schema, record.place, violation.message)
        }
        if let name = unsafe object["host"]?.utf8, let number = object["observation"]?.int {
            unsafe names.append(hash(name, number))
            if countsLines, number >= 0, !numbers.insert(number) { repeated.append(number) }
        }
        recount.add(record.object)
    }

    mutating func merge(_ other: HostRecordCheck) {
        names += other.names
        repeated += other.repeated + numbers.formUnion(other.numbers)
        recount.merge(other.recount)
        findings.merge(other.findings)
    }
}

/// What a thread finds in domain records.
struct DomainRecordCheck: NumberedRecordCheck {
    static let key: JSONKey = "index"

    private let shape: RecordShape
    private let version: Int

    private(set) var numbers = IndexSet()
    private(set) var repeated: [Int] = []
    private(set) var recount = RecountedTotals.domains()
    private(set) var findings: Findings
    /// The hashes of all observations of hosts that have a record; nil where they are not known.
    private let hosts: Set<UInt64>?

    /// For records of a version of the schema.
    init(limit: Int, version: Int, hosts: Set<UInt64>?) {
        findings = Findings(limit: limit)
        shape = RecordShape(Schema.domain.descriptions, version: version)
        self.version = version
        self.hosts = hosts
    }

    mutating func add(_ record: StoredRecord) {
        var object = record.object
        if let violation = record.violation(of: shape, version) {
            findings.add(.schema, record.place, violation.message)
        }
        if let index = object["index"]?.int, index >= 0, !numbers.insert(index) {
            repeated.append(index)
        }
        if let hosts, let mx = object["mx"] { checkHosts(mx, hosts, record.place) }
        recount.add(record.object)
    }

    /// Each observation of a host that the domain is judged by has its record.
    private mutating func checkHosts(
        _ mx: JSONValue, _ hosts: Set<UInt64>, _ place: RecordPosition
    ) {
        for (index, entry) in mx.elements.enumerated() {
            guard let name = unsafe entry["host"]?.utf8, let number = entry["observation"]?.int,
                unsafe !hosts.contains(hash(name, number))
            else { continue }
            let text = unsafe String(decoding: name, as: UTF8.self)
            findings.add(
                .missingHost, place,
                "mx[\(index)].host \"\(text)\", observation \(number), has no host record")
        }
    }

    mutating func merge(_ other: DomainRecordCheck) {
        repeated += other.repeated + numbers.formUnion(other.numbers)
        recount.merge(other.recount)
        findings.merge(other.findings)
    }
}

extension StoredRecord {
    /// How the record differs from the schema of the scan; its version comes first.
    func violation(of shape: RecordShape, _ version: Int) -> Violation? {
        if let own = value["schema_version"]?.int, own != version {
            return Violation("is \(own), that of the scan is \(version)")
                .within("schema_version")
        }
        return shape.violation(of: object)
    }
}

/// 64 bits for an observation of a host, keyed anew in each process: of ten million two share
/// theirs once in 400,000 runs, and that one stands there twice is looked up before it is told.
func hash(_ host: UnsafeBufferPointer<UInt8>, _ number: Int) -> UInt64 {
    var hasher = Hasher()
    unsafe hasher.combine(bytes: UnsafeRawBufferPointer(host))
    hasher.combine(number)
    return UInt64(bitPattern: Int64(hasher.finalize()))
}

/// The lists that the scan was made from.
extension Verification {
    /// The lists as they are now, compared with what was read of them; those gone are noted.
    mutating func checkLists(_ lists: [FileIdentity]) {
        for list in lists where list.name != "-" {
            do throws(ArchiveError) {
                let (digest, bytes) = try digest(of: list)
                guard digest != list.sha256 else { continue }
                let now = bytes < list.bytes ? "only \(bytes) bytes are left" : "it is \(digest)"
                problems.add(
                    Problem(
                        .listChanged, file: list.name,
                        "is not as it was read: the SHA-256 of its first \(list.bytes) bytes was "
                            + "\(list.sha256), \(now)"))
            } catch {
                notes.append("a list was not checked: \(error)")
            }
        }
    }

    private func digest(
        of list: FileIdentity
    ) throws(ArchiveError) -> (sha256: String, bytes: Int) {
        let digest = SHA256Digest()
        var left = list.bytes
        try unsafe readChunks(list.name) { (chunk) throws(ArchiveError) in
            let part = min(left, chunk.count)
            unsafe digest.update(UnsafeRawBufferPointer(rebasing: chunk[..<part]))
            left -= part
        }
        return (digest.current(), list.bytes - left)
    }
}
