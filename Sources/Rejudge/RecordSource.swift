internal import Archive
internal import RecordReading
internal import ScanFolder

/// What a command reads records from: the folder of a finished scan, a file of records, compressed
/// or not, or a pipe.
struct RecordSource {
    /// As it was given.
    let name: String
    /// The folder; nil for a file or a pipe.
    let folder: ScanFolder?
    private let files: [ArchiveFile]

    /// Opens a folder, or finds a file; `-` is standard input.
    init(_ name: String) throws(FolderError) {
        self.name = name
        guard name != "-" else {
            (folder, files) = (nil, [ArchiveFile(framesOrText: name)])
            return
        }
        do throws(ArchiveError) {
            guard try fileStatus(name).kind == .folder else {
                (folder, files) = (nil, [ArchiveFile(framesOrText: name)])
                return
            }
        } catch {
            throw .missing("\(error)")
        }
        let folder = try ScanFolder(reading: name, isOfTargetsToo: true)
        guard let manifest = folder.manifest, manifest.isComplete else {
            throw .refused(
                "\(name) is not finished: go on with it by "
                    + "'stsurvey \(folder.targets.command) --resume \(name)'")
        }
        (self.folder, files) = (folder, [])
    }

    /// The same, where a folder must have records of a kind.
    init(_ name: String, holding kind: RecordKind) throws(FolderError) {
        try self.init(name)
        guard let folder, folder.files(kind).isEmpty else { return }
        throw .missing(
            "\(name) holds no \(kind.rawValue): there is no \(kind.rawValue)-*.ndjson.zst")
    }

    /// Whether its records can be read twice.
    var canBeReadAgain: Bool {
        guard folder == nil else { return true }
        return files.allSatisfy { (try? fileStatus($0.path).kind) == .regular }
    }

    /// Reads every record; what cannot be read is an error.
    func read<State: Sendable>(
        _ kind: RecordKind, threads: Int, into makeState: @escaping @Sendable () -> State,
        _ body: @escaping @Sendable (inout State, StoredRecord) -> Void
    ) throws(FolderError) -> Reading<State> {
        if let folder {
            return try folder.read(kind, partial: false, threads: threads, into: makeState, body)
                .reading
        }
        let reading = unsafe RecordFiles(files, checksVersion: true).read(
            threads: threads, into: makeState, body)
        try check(reading)
        return reading
    }

    /// Makes new lines of every record, in their order; what cannot be read is an error, and then
    /// what was written so far is not whole.
    func rewrite<State: RecordJudge>(
        _ kind: RecordKind, threads: Int, into makeState: @escaping @Sendable () -> State,
        _ body: @escaping @Sendable (inout State, StoredRecord, inout [UInt8]) -> Void,
        write: @escaping ([UInt8]) throws(ArchiveError) -> Void
    ) throws(FolderError) -> Reading<State> {
        let reading: Reading<State>
        do {
            if let folder {
                reading = try folder.rewrite(
                    kind, threads: threads, into: makeState, body, write: write)
            } else {
                reading = try unsafe RecordFiles(files, checksVersion: true).rewrite(
                    threads: threads, into: makeState, body, write: write)
                try check(reading)
            }
        } catch let error as FolderError {
            throw error
        } catch {
            throw .unwritable("\(error)")
        }
        try checkFacts(reading)
        return reading
    }

    /// Refuses records whose facts could not be read back.
    func checkFacts<State: RecordJudge>(_ reading: Reading<State>) throws(FolderError) {
        guard let failure = reading.states.lazy.compactMap(\.failure).first else { return }
        throw .damaged("\(reading.words(for: failure.place)): \(failure.message)")
    }

    /// Refuses what could not be read of files without a manifest.
    private func check<State>(_ reading: Reading<State>) throws(FolderError) {
        switch reading.faults.first.first {
        case .line(let place, let message):
            throw .damaged("\(reading.words(for: place)) \(message)")
        case .file(let error) where error.isMissing: throw .missing("\(error)")
        case .file(let error): throw .damaged("\(error)")
        case nil: break
        }
        guard let tail = reading.tornTails.first else { return }
        throw .damaged(
            "\(tail.path) ends inside a frame: \(tail.tornBytes) bytes after byte "
                + "\(tail.wholeBytes)")
    }
}
