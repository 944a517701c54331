internal import Archive
internal import RecordReading
internal import Scan

/// What a folder says of itself: by its manifest where the scan is complete, else by its
/// checkpoint, which is renewed with what is on the disk.
struct Expectation {
    /// `complete`, `running`, `stopped` or `failed`.
    let state: String
    let domainFiles: [CommittedFile]
    let hostFiles: [CommittedFile]
    let totals: [String: [String: Int]]
    let lists: [StoredManifest.List]
    /// How many domain records there are.
    let records: Int
    /// Indexes are below this number.
    let indexEnd: Int
    /// The indexes that have a record, where that is known of each.
    let indexes: (any NumberSet)?

    var isComplete: Bool { state == "complete" }

    /// What the manifest of a complete scan says.
    init(complete manifest: StoredManifest) {
        state = manifest.state
        domainFiles = manifest.domainFiles
        hostFiles = manifest.hostFiles
        totals = manifest.totals
        lists = manifest.lists + [manifest.preload].compactMap(\.self)
        records = manifest.selected ?? manifest.entries
        indexEnd = manifest.entries + manifest.duplicates
        let hasAll = manifest.duplicates == 0 && manifest.selected == nil
        indexes = hasAll ? 0..<manifest.entries : nil
    }

    /// What the checkpoint of an unfinished scan says.
    init(_ checkpoint: CommittedState, state: String) {
        self.state = state
        domainFiles = checkpoint.domainFiles
        hostFiles = checkpoint.hostFiles
        totals = checkpoint.totals
        lists = checkpoint.lists
        records = checkpoint.finishedCount
        indexEnd = checkpoint.skipsEntries ? .max : checkpoint.finishedEnd
        indexes = checkpoint.skipsEntries ? nil : FinishedEntries(state: checkpoint)
    }
}

/// Without --unique or --ask-again the entries' numbers are the indexes.
private struct FinishedEntries: NumberSet {
    let state: CommittedState

    func contains(_ number: Int) -> Bool { state.isFinished(number) }
}
