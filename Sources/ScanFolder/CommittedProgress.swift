public import Archive
public import RecordReading
internal import Records

/// How far an unfinished scan has come: the part of its checkpoint that does not depend on what the
/// scan asks for.
///
/// Two checkpoints differ in format where one cannot be read as the other. Format 1 had neither a
/// checksum nor digests of the files.
public struct CommittedProgress: Codable, Sendable {
    /// The format that is written.
    static let currentFormat = 2
    /// The formats that are read.
    static let knownFormats = 1...currentFormat

    private var format = Self.currentFormat
    /// The version of the records' schema; nil in format 1.
    public private(set) var schemaVersion: Int? = Records.schemaVersion
    /// What was given in place of domains; nil for a scan.
    public let targets: TargetKind?
    /// When the scan began, in seconds since 1970.
    public let startedAt: Int64
    /// All entries below this number are finished.
    private let lowWater: Int
    /// The finished entries above it, as pairs of first and last.
    private let finishedAbove: [[Int]]
    /// The files with domain records.
    public let domainFiles: [CommittedFile]
    /// The files with host records.
    public let hostFiles: [CommittedFile]
    /// The files with policy records; nil for none.
    private let policyFiles: [CommittedFile]?
    /// The counts of what they hold, by the names of the records' keys.
    public let totals: [String: [String: Int]]

    /// What was committed of a scan, or of a run whose targets are given.
    public init(
        of targets: TargetKind? = nil, startedAt: Int64, finished: FinishedSet,
        domainFiles: [CommittedFile] = [], hostFiles: [CommittedFile] = [],
        policyFiles: [CommittedFile]? = nil, totals: [String: [String: Int]]
    ) {
        self.targets = targets
        self.policyFiles = policyFiles
        self.startedAt = startedAt
        lowWater = finished.lowWater
        finishedAbove = finished.ranges.map { [$0.lowerBound, $0.upperBound] }
        self.domainFiles = domainFiles
        self.hostFiles = hostFiles
        self.totals = totals
    }

    /// The entries whose records are committed.
    public var finished: FinishedSet {
        FinishedSet(
            lowWater: lowWater,
            ranges: finishedAbove.compactMap { $0.count == 2 ? $0[0]...max($0[0], $0[1]) : nil })
    }

    /// The files with records of a kind.
    public func files(_ kind: RecordKind) -> [CommittedFile] {
        switch kind {
        case .domain: domainFiles
        case .host: hostFiles
        case .policy: policyFiles ?? []
        }
    }

    /// How many records of hosts are committed.
    public var hostRecords: Int { hostFiles.reduce(0) { $0 + $1.records } }

    /// Whether it must carry a checksum: those of format 1 do not, nor digests of files.
    var isChecksummed: Bool {
        format > 1 || (domainFiles + hostFiles).contains { $0.sha256 != nil }
    }

    /// Why the numbers cannot be true together; nil where they can.
    var inconsistency: String? {
        var count = lowWater
        var end = lowWater
        for range in finishedAbove {
            guard range.count == 2, range[0] > end, range[1] >= range[0],
                range[1] < Int.max / 2
            else { return "the key 'finishedAbove' holds what is no range: \(range)" }
            end = range[1]
            count += range[1] - range[0] + 1
        }
        let records = totals["records"]?[targets.record.rawValue]
        guard lowWater >= 0, count == records else {
            return "\(count) entries are finished by its keys 'lowWater' and 'finishedAbove', "
                + "\(records ?? 0) by 'totals'"
        }
        // Earlier versions have not counted policies.
        let policies = policyFiles.map { ($0, "policyFiles", RecordKind.policy) }
        let kinds = [
            (domainFiles, "domainFiles", RecordKind.domain), (hostFiles, "hostFiles", .host),
        ]
        for (files, key, kind) in kinds + [policies].compactMap(\.self) {
            let records = totals["records"]?[kind.rawValue]
            if let words = files.inconsistency(kind.rawValue, records: records) {
                return "the key '\(key)' \(words)"
            }
        }
        return nil
    }
}

extension [CommittedFile] {
    /// Why these cannot be all files of a stem with so many records; nil where they can be.
    func inconsistency(_ stem: String, records: Int?) -> String? {
        var sum = 0
        for (number, file) in enumerated() {
            guard file.name == archiveName(stem: stem, number: number) else {
                return "names '\(file.name)' in the place of "
                    + "'\(archiveName(stem: stem, number: number))'"
            }
            guard file.bytes >= 0, (0...Int(Int32.max) * 64).contains(file.records) else {
                return "gives \(file.name) \(file.bytes) bytes and \(file.records) records"
            }
            sum += file.records
        }
        guard sum == records else {
            return "has \(sum) records, the totals say \(records.map(String.init) ?? "nothing")"
        }
        return nil
    }
}
