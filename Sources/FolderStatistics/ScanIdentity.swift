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

    init(_ folder: ScanFolder) {
        self.folder = folder.path
        state = folder.manifest?.state
        startedAt = folder.manifest?.startedAt
        endedAt = folder.manifest?.endedAt
        lists = folder.manifest?.lists.map(\.name) ?? []
    }
}
