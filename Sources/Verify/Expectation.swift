internal import RecordReading
internal import ScanFolder

/// What the records of a folder should come to: by its manifest where the scan is complete, else by
/// its checkpoint.
struct Expectation {
    let totals: [String: [String: Int]]
    let lists: [FileIdentity]
    /// How many domain records there are.
    let records: Int
    /// Indexes are below this number.
    let indexEnd: Int
    /// The indexes that have a record, where that is known of each.
    let indexes: (any NumberSet)?

    /// What the folder says of itself; nil where it says nothing usable.
    init?(_ folder: ScanFolder) {
        if let manifest = folder.manifest, folder.isComplete {
            self.init(complete: manifest)
        } else if let checkpoint = folder.checkpoint {
            self.init(checkpoint)
        } else {
            return nil
        }
    }

    private init(complete manifest: StoredManifest) {
        totals = manifest.totals
        lists = manifest.lists + [manifest.preload].compactMap(\.self)
        records = manifest.selected ?? manifest.entries
        indexEnd = manifest.entries + manifest.duplicates
        indexes = Self.indexes(of: manifest)
    }

    /// Where a name was left out, or a scan was repeated in part, not each index is known.
    private static func indexes(of manifest: StoredManifest) -> (any NumberSet)? {
        guard manifest.duplicates == 0 else { return nil }
        guard let selected = manifest.selected else { return 0..<manifest.entries }
        guard let shard = manifest.shard else { return nil }
        let indexes = ShardIndexes(shard: shard, end: manifest.entries)
        return indexes.count == selected ? indexes : nil
    }

    private init(_ checkpoint: StoredCheckpoint) {
        let finished = checkpoint.progress.finished
        totals = checkpoint.progress.totals
        lists = checkpoint.lists
        records = finished.count
        let end = finished.ranges.last.map { $0.upperBound + 1 } ?? finished.lowWater
        indexEnd = checkpoint.skipsEntries ? .max : end
        indexes = checkpoint.skipsEntries ? nil : finished
    }
}

extension FinishedSet: NumberSet {}

/// The indexes of a shard.
private struct ShardIndexes: NumberSet {
    let shard: ListShard
    /// Indexes are below this number.
    let end: Int

    var count: Int { (end + shard.count - 1 - shard.index) / shard.count }

    func contains(_ number: Int) -> Bool { number < end && shard.contains(number) }
}
