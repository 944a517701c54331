internal import RecordReading
internal import ScanFolder

/// What the records of a folder should come to: by its manifest where the scan is complete, else by
/// its checkpoint.
struct Expectation {
    /// What was given in place of domains; nil for a scan.
    let targets: TargetKind?
    let totals: [String: [String: Int]]
    let lists: [FileIdentity]
    /// How many records there are, one for each entry.
    let records: Int
    /// Indexes, or the numbers of observations of given hosts, are below this number.
    let indexEnd: Int
    /// The numbers that have a record, where that is known of each.
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
        targets = manifest.targets
        totals = manifest.totals
        lists = manifest.lists + [manifest.preload].compactMap(\.self)
        records = manifest.selected ?? manifest.entries
        let end = manifest.entries + manifest.duplicates
        (indexEnd, indexes) = Self.numbers(of: targets, Self.indexes(of: manifest), below: end)
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
        targets = checkpoint.progress.targets
        totals = checkpoint.progress.totals
        lists = checkpoint.lists
        records = finished.count
        let end = finished.ranges.last.map { $0.upperBound + 1 } ?? finished.lowWater
        (indexEnd, indexes) =
            checkpoint.skipsEntries ? (.max, nil) : Self.numbers(of: targets, finished, below: end)
    }

    /// The numbers of the records of these indexes: the observation of a given host has the number
    /// of its line, from 1, and a policy has none.
    private static func numbers(
        of targets: TargetKind?, _ indexes: (any NumberSet)?, below end: Int
    ) -> (end: Int, indexes: (any NumberSet)?) {
        switch targets {
        case nil: (end, indexes)
        case .hosts: (end + 1, indexes.map { LineNumbers(indexes: $0) })
        case .policies: (end, nil)
        }
    }
}

extension FinishedSet: NumberSet {}

/// Numbers that are one more than the indexes.
private struct LineNumbers: NumberSet {
    let indexes: any NumberSet

    func contains(_ number: Int) -> Bool { number > 0 && indexes.contains(number - 1) }
}

/// The indexes of a shard.
private struct ShardIndexes: NumberSet {
    let shard: ListShard
    /// Indexes are below this number.
    let end: Int

    var count: Int { (end + shard.count - 1 - shard.index) / shard.count }

    func contains(_ number: Int) -> Bool { number < end && shard.contains(number) }
}
