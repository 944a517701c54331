public import Archive
public import RecordReading

/// What the checkpoint of an unfinished scan says is on disk: for those who read a scan that is
/// running, or that was broken off, no further than it is known to be whole.
public struct CommittedState: Sendable {
    /// The files with domain records.
    public let domainFiles: [CommittedFile]
    /// The files with host records.
    public let hostFiles: [CommittedFile]
    /// The counts of what they hold, by the names of the records' keys.
    public let totals: [String: [String: Int]]
    /// The lists as far as they were read.
    public let lists: [StoredManifest.List]
    /// Whether some entries are not scanned, so that their numbers are not the indexes: names
    /// that came before, or all but those that are asked about again.
    public let skipsEntries: Bool
    private let finished: FinishedSet

    /// Reads a folder's checkpoint; one that is missing or damaged is an error.
    public init(directory: String) throws(ScanError) {
        let checkpoint = try Checkpoint.read(from: directory)
        domainFiles = checkpoint.domainFiles
        hostFiles = checkpoint.hostFiles
        totals = checkpoint.totals
        lists = checkpoint.lists.map {
            StoredManifest.List(name: $0.name, bytes: $0.bytes, sha256: $0.sha256)
        }
        skipsEntries = checkpoint.options.unique || checkpoint.options.indexRanges != nil
        finished = checkpoint.finished
    }

    /// How many entries are finished.
    public var finishedCount: Int { finished.count }

    /// Whether the record of an entry is committed; entries are numbered without gaps.
    public func isFinished(_ entry: Int) -> Bool { finished.contains(entry) }

    /// All finished entries are below this number.
    public var finishedEnd: Int {
        finished.ranges.last.map { $0.upperBound + 1 } ?? finished.lowWater
    }
}
