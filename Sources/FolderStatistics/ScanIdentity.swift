internal import ScanFolder

/// What the manifest says of a scan.
public struct ScanIdentity: Sendable {
    /// The folder as given.
    public let folder: String
    /// `running`, `complete`, `stopped` or `failed`; nil where there is no manifest.
    public let state: String?
    /// When the scan began.
    public let startedAt: String?
    /// When it ended; nil while it runs.
    public let endedAt: String?
    /// The names of the lists.
    public let lists: [String]
    /// The version of the program that scanned; nil where there is no manifest.
    public let version: String?
    /// How far an unfinished scan has come; nil for one that has come to its end.
    public let progress: Progress?

    /// How much of its lists an unfinished scan has records of.
    public struct Progress: Sendable {
        /// Whether a process scans into the folder now.
        public let isRunning: Bool
        /// Entries whose records are committed.
        public let done: Int
        /// Entries of the lists, as far as that was foreseen; nil where it was not.
        public let expected: Int?
    }

    init(_ folder: ScanFolder) {
        self.folder = folder.path
        state = folder.manifest?.state
        startedAt = folder.manifest?.startedAt
        endedAt = folder.manifest?.endedAt
        version = folder.manifest?.version
        // The manifest of an unfinished scan was written at its begin, before the lists were read.
        let known = folder.isComplete ? folder.manifest?.lists : folder.checkpoint?.lists
        lists = (known ?? folder.manifest?.lists ?? []).map(\.name)
        progress = folder.isComplete ? nil : Progress(of: folder)
    }
}

extension ScanIdentity.Progress {
    /// How far the scan in a folder has come; nil where there is no checkpoint.
    fileprivate init?(of folder: ScanFolder) {
        guard let checkpoint = folder.checkpoint else { return nil }
        isRunning = OutputFolder.isInUse(folder.path)
        done = checkpoint.progress.totals["records"]?["domains"] ?? 0
        expected = checkpoint.expectedEntries
    }
}
