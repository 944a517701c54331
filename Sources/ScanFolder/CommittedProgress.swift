public import Archive
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
    /// The counts of what they hold, by the names of the records' keys.
    public let totals: [String: [String: Int]]

    /// What was committed of a scan.
    public init(
        startedAt: Int64, finished: FinishedSet, domainFiles: [CommittedFile],
        hostFiles: [CommittedFile], totals: [String: [String: Int]]
    ) {
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
        let records = totals["records"]?["domains"]
        guard lowWater >= 0, count == records else {
            return "\(count) entries are finished by its keys 'lowWater' and 'finishedAbove', "
                + "\(records ?? 0) by 'totals'"
        }
        for (files, key, kind) in [
            (domainFiles, "domainFiles", "domains"), (hostFiles, "hostFiles", "hosts"),
        ] {
            if let words = files.inconsistency(kind, records: totals["records"]?[kind]) {
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
