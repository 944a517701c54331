internal import Archive
internal import RecordReading
public import ScanFolder

/// Something wrong with a scan's folder.
public struct Problem: Sendable {
    /// What is wrong.
    public let kind: Damage.Kind
    /// The file.
    public let file: String?
    /// The line of the decompressed file, from 1.
    public let line: Int?
    /// The frame of the file, from 1.
    public let frame: Int?
    /// What is wrong, with the value.
    public let message: String

    init(_ damage: Damage) {
        kind = damage.kind
        file = damage.file
        line = damage.line
        frame = damage.frame
        message = damage.message
    }

    init(_ kind: Damage.Kind, file: String? = nil, _ message: String) {
        self.kind = kind
        self.file = file
        line = nil
        frame = nil
        self.message = message
    }

    init<State>(
        _ kind: Damage.Kind, at place: RecordPosition, in reading: Reading<State>, _ message: String
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

/// Problems, each kind counted, the first of each kind kept.
struct Problems: Sendable {
    let limit: Int
    private(set) var counts: [Damage.Kind: Int] = [:]
    /// How many the kept ones do not tell.
    private(set) var unreported: [Damage.Kind: Int] = [:]
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
    private(set) var kept: [(kind: Damage.Kind, place: RecordPosition, message: String)] = []
    private(set) var counts: [Damage.Kind: Int] = [:]
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func add(_ kind: Damage.Kind, _ place: RecordPosition, _ message: String) {
        counts[kind, default: 0] += 1
        if counts[kind, default: 0] <= limit { kept.append((kind, place, message)) }
    }

    mutating func merge(_ other: Findings) {
        kept += other.kept
        counts.merge(other.counts, uniquingKeysWith: +)
    }
}
