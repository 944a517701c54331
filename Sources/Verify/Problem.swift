internal import Archive
internal import RecordReading
internal import ScanFolder

/// Something wrong with a scan's folder.
public struct Problem: Sendable {
    /// What is wrong, as a stable word.
    public enum Kind: String, Sendable, CaseIterable {
        /// `manifest.json` is missing or cannot be read.
        case manifest
        /// The checkpoint of an unfinished scan is missing or cannot be read.
        case checkpoint
        /// A file that the manifest or the checkpoint names is not there.
        case missingFile = "missing_file"
        /// A file is there that nothing names.
        case strayFile = "stray_file"
        /// The folder is of another schema version than this program's.
        case schemaVersion = "schema_version"
        /// What should be a file is something else, or may not be read.
        case unreadableFile = "unreadable_file"
        /// A file does not have the length that it should have.
        case fileLength = "file_length"
        /// A file does not have the SHA-256 that it should have.
        case fileDigest = "file_digest"
        /// A file has not as many records as it should have.
        case recordCount = "record_count"
        /// A frame cannot be decompressed, or its checksum is wrong.
        case frame
        /// A file ends inside a frame.
        case tornTail = "torn_tail"
        /// A line is no JSON object.
        case json
        /// A record does not meet the schema.
        case schema
        /// Two records have one index.
        case duplicateIndex = "duplicate_index"
        /// An entry of the list has no record.
        case missingIndex = "missing_index"
        /// A record belongs to no entry of the list.
        case unexpectedIndex = "unexpected_index"
        /// Two records are of one observation of a host.
        case duplicateHost = "duplicate_host"
        /// An observation of a host that a domain record refers to has no record.
        case missingHost = "missing_host"
        /// The totals are not those of the records.
        case totals
        /// A list is not the one that was scanned.
        case listChanged = "list_changed"
    }

    /// What is wrong.
    public let kind: Kind
    /// The file.
    public let file: String?
    /// The line of the decompressed file, from 1.
    public let line: Int?
    /// The frame of the file, from 1.
    public let frame: Int?
    /// What is wrong, with the value.
    public let message: String

    init(_ damage: Damage) {
        kind = Kind(damage.kind)
        file = damage.file
        line = damage.line
        frame = damage.frame
        message = damage.message
    }

    init(_ kind: Kind, file: String? = nil, _ message: String) {
        self.kind = kind
        self.file = file
        line = nil
        frame = nil
        self.message = message
    }

    init<State>(
        _ kind: Kind, at place: RecordPosition, in reading: Reading<State>, _ message: String
    ) {
        self.kind = kind
        file = reading.files[place.frame.file].path
        line = reading.line(of: place)
        frame = place.frame.frame + 1
        self.message = message
    }

    /// The problem in one line; peers' words in it may still hold what steers a terminal.
    public var text: String {
        var place = file ?? ""
        if let line, let frame { place += ": line \(line) (frame \(frame))" }
        return place.isEmpty ? message : "\(place): \(message)"
    }
}

extension Problem.Kind {
    fileprivate init(_ kind: Damage.Kind) {
        self =
            switch kind {
            case .manifest: .manifest
            case .checkpoint: .checkpoint
            case .schemaVersion: .schemaVersion
            case .missingFile: .missingFile
            case .strayFile: .strayFile
            case .unreadableFile: .unreadableFile
            case .fileLength: .fileLength
            case .fileDigest: .fileDigest
            case .recordCount: .recordCount
            case .frame: .frame
            case .tornTail: .tornTail
            case .json: .json
            }
    }
}

/// Problems, each kind counted, the first of each kind kept.
struct Problems: Sendable {
    let limit: Int
    private(set) var counts: [Problem.Kind: Int] = [:]
    /// How many the kept ones do not tell.
    private(set) var unreported: [Problem.Kind: Int] = [:]
    private(set) var kept: [Problem] = []

    init(limit: Int) { self.limit = limit }

    /// Adds a problem that stands for so many.
    mutating func add(_ problem: Problem, times: Int = 1) {
        counts[problem.kind, default: 0] += times
        if kept.count(where: { $0.kind == problem.kind }) < limit {
            kept.append(problem)
        } else {
            unreported[problem.kind, default: 0] += times
        }
    }

    /// Takes over what threads have found; their places become lines now that frames are counted.
    mutating func add<State>(_ findings: Findings, in reading: Reading<State>) {
        for (kind, place, message) in findings.kept {
            add(Problem(kind, at: place, in: reading, message))
        }
        for (kind, count) in findings.counts {
            let kept = findings.kept.count { $0.kind == kind }
            counts[kind, default: 0] += count - kept
            unreported[kind, default: 0] += count - kept
        }
    }
}

/// What a thread has found in records, each kind counted, the first of each kind kept.
struct Findings: Sendable {
    private(set) var kept: [(kind: Problem.Kind, place: RecordPosition, message: String)] = []
    private(set) var counts: [Problem.Kind: Int] = [:]
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func add(_ kind: Problem.Kind, _ place: RecordPosition, _ message: String) {
        counts[kind, default: 0] += 1
        if counts[kind, default: 0] <= limit { kept.append((kind, place, message)) }
    }

    mutating func merge(_ other: Findings) {
        kept += other.kept
        counts.merge(other.counts, uniquingKeysWith: +)
    }
}
