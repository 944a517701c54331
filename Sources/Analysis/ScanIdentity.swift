internal import Archive
internal import RecordReading

/// What the manifest tells of a scan.
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

    /// Reads the manifest; records without one are read all the same.
    init(folder: String) throws(AnalysisError) {
        self.folder = folder
        do throws(ManifestError) {
            let manifest = try StoredManifest(directory: folder)
            state = manifest.state
            startedAt = manifest.startedAt
            endedAt = manifest.endedAt
            lists = manifest.lists.map(\.name)
        } catch {
            guard error.isMissing else { throw .folder("\(error)") }
            (state, startedAt, endedAt, lists) = (nil, nil, nil, [])
        }
    }

    /// What could not be read, in words; the torn tail of a scan that is not finished is none.
    func problems<State>(_ reading: Reading<State>) -> [String] {
        var words = reading.faults.first.map { fault in
            switch fault {
            case .line(let place, let reason): "\(reading.words(for: place)): \(reason)"
            case .file(let error): "\(error)"
            }
        }
        let more = reading.faults.count - words.count
        if more > 0 { words.append("and \(more) more") }
        guard state == "complete" else { return words }
        return words
            + reading.tornTails.map {
                "\($0.path): \($0.tornBytes) octets behind the last whole frame were left out"
            }
    }
}
