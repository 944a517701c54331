internal import RecordReading
internal import Records
public import ScanFolder

/// What a check has found.
public struct VerificationReport: Sendable {
    /// The folder.
    public let directory: String
    /// What the scan's state is; nil where neither manifest nor checkpoint tells.
    public let state: String?
    /// Domain records read.
    public let domains: Int
    /// Host records read.
    public let hosts: Int
    /// Policy records read, where the folder has any.
    public let policies: Int?
    /// Files read.
    public let files: Int
    /// The size of the records, decompressed.
    public let bytes: Int
    /// The problems, the first of each kind.
    public let problems: [Problem]
    /// How many there are of each kind.
    public let counts: [Damage.Kind: Int]
    /// How many of each kind `problems` does not tell.
    public let unreported: [Damage.Kind: Int]
    /// What was not checked.
    public let notes: [String]

    /// How many problems there are.
    public var problemCount: Int { counts.values.reduce(0, +) }

    /// The report for people: a line for each problem, then a summary.
    ///
    /// Peers' words in it may still hold what steers a terminal.
    public var lines: [String] {
        var lines = problems.map(\.text)
        for kind in Damage.Kind.allCases {
            let more = unreported[kind] ?? 0
            if more > 0 { lines.append("… and \(grouped(more)) more of the kind \(kind.rawValue)") }
        }
        lines += notes.map { "note: " + $0 }
        let size = "\(grouped(bytes / 1_000_000)) MB of JSON in \(grouped(files)) files"
        lines.append(
            "\(directory): \(state ?? "unreadable"), \(grouped(domains)) domains, "
                + "\(grouped(hosts)) hosts, "
                + (policies.map { "\(grouped($0)) policies, " } ?? "") + size)
        lines.append(
            problemCount == 0 ? "nothing is wrong" : "\(grouped(problemCount)) problems")
        return lines
    }

    /// The report for programs.
    public var json: String {
        let counted = Damage.Kind.allCases.compactMap { kind in
            counts[kind].map { (kind.rawValue, JSONDocument.integer($0)) }
        }
        return JSONDocument.object([
            ("directory", .string(directory)),
            ("state", state.map { .string($0) } ?? .null),
            ("domains", .integer(domains)), ("hosts", .integer(hosts)),
            ("policies", .integer(policies ?? 0)),
            ("files", .integer(files)), ("bytes", .integer(bytes)),
            ("problem_count", .integer(problemCount)),
            ("problem_counts", .object(counted)),
            ("problems", .array(problems.map(\.document))),
            ("notes", .array(notes.map { .string($0) })),
        ]).text
    }
}

extension Problem {
    fileprivate var document: JSONDocument {
        .object([
            ("kind", .string(kind.rawValue)), ("file", file.map { .string($0) } ?? .null),
            ("line", line.map { .integer($0) } ?? .null),
            ("frame", frame.map { .integer($0) } ?? .null), ("message", .string(message)),
        ])
    }
}

/// How much of a kind was read.
struct ReadingSize {
    let records: Int
    let files: Int
    let bytes: Int

    init<State>(_ reading: Reading<State>) {
        records = reading.records
        files = reading.files.count
        bytes = reading.bytes
    }
}

extension Verification {
    func report(
        _ folder: ScanFolder, _ sizes: [RecordKind: ReadingSize]
    ) -> VerificationReport {
        VerificationReport(
            directory: folder.path, state: folder.state, domains: sizes[.domain]?.records ?? 0,
            hosts: sizes[.host]?.records ?? 0, policies: sizes[.policy]?.records,
            files: sizes.values.reduce(0) { $0 + $1.files },
            bytes: sizes.values.reduce(0) { $0 + $1.bytes }, problems: problems.kept,
            counts: problems.counts,
            unreported: problems.unreported, notes: notes)
    }
}
