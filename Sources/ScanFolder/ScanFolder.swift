public import Archive
public import RecordReading
internal import Records

/// What a scan leaves in its folder, and whether that is all of it.
///
/// Every reader of a folder goes through this. There are three states.
/// - Whole: the manifest says `complete`, and each file that it names is there with its size.
/// - Unfinished: the scan runs, was stopped or was killed. It is read as far as its checkpoint says
///   that records are committed.
/// - Damaged: anything else. It is refused, or read as far as it goes where the caller wants that.
///
/// Sizes are looked at when the folder is opened; digests, counts of records and the frames' own
/// checksums when the records are read.
public struct ScanFolder: Sendable {
    /// The folder as given.
    public let path: String
    /// The manifest; nil where it cannot be read.
    public let manifest: StoredManifest?
    /// The checkpoint of an unfinished scan, or one that a scan has left that has ended.
    public let checkpoint: StoredCheckpoint?
    /// What is wrong, as far as can be told without reading records.
    public let damages: [Damage]
    /// What is there besides, and what was not checked; no damage.
    public let notes: [String]
    /// The names of what is in the folder, sorted.
    let names: [String]
    /// Where the files of several folders lie that are read as one, by their names in that.
    var locations: [String: String] = [:]
    /// Which shards of the scan are not among them; nil where none is missing.
    var missingShards: String?
}

extension ScanFolder {
    /// Looks at a folder; damages are among the result.
    public init(inspecting path: String) throws(FolderError) {
        self = try Inspection(path).folder()
    }

    /// Opens a folder to be read; a damaged one is refused unless what is there is wanted.
    ///
    /// A scan of another schema version is refused in any case: its keys may mean something else.
    /// So is a folder of MX hosts or policies alone, unless `isOfTargetsToo`: its counts of domains
    /// would be zeros.
    public init(
        reading path: String, partial: Bool = false, isOfTargetsToo: Bool = false
    ) throws(FolderError) {
        self = try ScanFolder(inspecting: path)
        if let targets, !isOfTargetsToo {
            throw .refused(
                "\(path) has \(targets.words) alone, of 'stsurvey \(targets.rawValue)', and no "
                    + "domains: 'stsurvey judge' joins it with domains")
        }
        guard !damages.isEmpty else { return }
        let versions = damages.filter { $0.kind == .schemaVersion }
        guard versions.isEmpty else { throw .damaged(versions[0].text) }
        guard partial else { throw refusal(damages) }
    }

    /// Opens several folders, shards of one scan, to be read as one; or the only one.
    ///
    /// Shards may be missing, and a caution says which.
    public init(reading paths: [String], partial: Bool = false) throws(FolderError) {
        guard paths.count != 1 else {
            self = try ScanFolder(reading: paths[0], partial: partial)
            return
        }
        let set = try ShardSet(paths, requiresAll: false, partial: partial)
        let manifest: StoredManifest
        do throws(StoredFileError) {
            manifest = try StoredManifest(
                text: ChecksumLine.appended(to: set.manifest(output: nil).text))
        } catch {
            throw .damaged(
                "the manifests of \(set.path) cannot be merged: the result \(error.words)")
        }
        var locations: [String: String] = [:]
        for kind in RecordKind.allCases {
            for (path, file) in set.files(kind) { locations[file.name] = path }
        }
        self.init(
            path: set.path, manifest: manifest, checkpoint: nil,
            damages: set.shards.flatMap(\.folder.damages),
            notes: set.shards.flatMap(\.folder.notes) + [set.missingWords].compactMap(\.self),
            names: [], locations: locations, missingShards: set.missingWords)
    }

    /// Whether the scan has come to its end; a manifest that was altered is not believed where a
    /// checkpoint is there.
    public var isComplete: Bool {
        guard let manifest, manifest.isComplete else { return false }
        return manifest.alteration == nil || checkpoint == nil
    }

    /// `complete`, `running`, `stopped` or `failed`; nil where the manifest cannot be read.
    public var state: String? { manifest?.state }

    /// The files with records of a kind that the manifest of a complete scan names, or that the
    /// checkpoint says are committed; where neither can be read, those that are there.
    public func files(_ kind: RecordKind) -> [CommittedFile] {
        if let manifest, isComplete { return manifest.files(kind) }
        return checkpoint?.progress.files(kind) ?? []
    }

    /// What was given in place of domains; nil for a scan.
    public var targets: TargetKind? {
        manifest.map(\.targets) ?? checkpoint?.progress.targets
    }

    /// The command that goes on with the folder.
    var wayOn: String { "'stsurvey \(targets.command) --resume \(path)'" }

    /// Where a file with records lies.
    func location(of file: CommittedFile) -> String {
        locations[file.name] ?? "\(path)/\(file.name)"
    }

    /// The version of the records' schema: that of the manifest, or of the checkpoint.
    public var schemaVersion: Int {
        manifest?.schemaVersion ?? checkpoint.map { $0.progress.schemaVersion ?? 1 }
            ?? Records.schemaVersion
    }

    /// Whether neither manifest nor checkpoint says which files there are.
    var isUnnamed: Bool { !isComplete && checkpoint == nil }

    /// Why a damaged folder is not read.
    func refusal(_ damages: [Damage]) -> FolderError {
        .damaged(
            path, damages,
            "'stsurvey verify \(path)' tells more, and --partial reads what is there")
    }

    /// What a reader of figures must know of the folder, a line each; `found` are the damages that
    /// were found while it was read.
    public func cautions(found: [Damage] = []) -> [String] {
        var cautions: [String] = []
        let damages = damages + found
        if !damages.isEmpty {
            cautions.append(
                "\(path) is damaged and was read as far as it goes: \(damages[0].text)"
                    + (damages.count > 1 ? " (and \(damages.count - 1) more)" : ""))
        }
        if !isComplete, checkpoint != nil {
            cautions.append(
                "\(path) is unfinished (\(state ?? "no manifest")): read as far as its last "
                    + "checkpoint; \(wayOn) goes on with it")
        }
        if let missingShards {
            cautions.append("\(path): \(missingShards), and so are their domains")
        }
        if schemaVersion < Records.schemaVersion {
            cautions.append(
                "\(path) is of schema version \(schemaVersion), this program writes "
                    + "\(Records.schemaVersion), in which some values mean something else: "
                    + "'stsurvey rejudge \(path) --output NEW' brings it up")
        }
        if let manifest, !manifest.isChecksummed {
            cautions.append(
                "\(path) was written by a version of stsurvey without checksums: alterations of "
                    + "its manifest cannot be noticed")
        }
        return cautions + (manifest?.cautions.map { "\(path): \($0)" } ?? [])
    }
}

extension ScanFolder {
    /// Whether a name is one that a scan gives.
    static func isOfScan(_ name: String) -> Bool {
        [StoredManifest.fileName, StoredCheckpoint.fileName].contains(name)
            || RecordFileName.isLike(name)
    }
}

/// Reads what tells of a folder.
struct Inspection {
    private let path: String
    private let names: [String]
    private var damages: [Damage] = []
    private var notes: [String] = []

    init(_ path: String) throws(FolderError) {
        self.path = path
        do throws(ArchiveError) {
            names = try fileNames(in: path)
        } catch {
            throw .missing(
                "\(path) holds no scan: \(error.reason)"
                    + (Self.folderHint(path) ?? "; name a folder that 'stsurvey scan' has written"))
        }
        guard names.contains(where: ScanFolder.isOfScan) else {
            throw .missing(
                "\(path) holds no scan: there is no \(StoredManifest.fileName) and no "
                    + "domains-*.ndjson.zst\(ScansBelow(path, names).words)")
        }
    }

    /// What is meant where a file of a scan is named in place of its folder.
    private static func folderHint(_ path: String) -> String? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let file = parts.last, ScanFolder.isOfScan(String(file)) else { return nil }
        let folder = parts.dropLast().joined(separator: "/")
        return "; name the folder that the file is in: \(folder.isEmpty ? "." : folder)"
    }

    consuming func folder() -> ScanFolder {
        var manifest = readManifest()
        var checkpoint: StoredCheckpoint?
        switch readCheckpoint() {
        case .success(let read): checkpoint = read
        case .failure(.missing):
            // The scan may have ended between the two.
            if !manifest.isComplete { manifest = readManifest() }
            if case .success = manifest, !manifest.isComplete { addCheckpointDamage(.missing) }
        case .failure(let error): addCheckpointDamage(error)
        }
        if case .failure(let error) = manifest { addManifestDamage(error) }
        let known = try? manifest.get()
        if let words = known?.alteration { addManifestDamage(.damaged(words)) }
        if let words = checkpoint?.alteration { addCheckpointDamage(.damaged(words)) }
        if let known, known.alteration == nil, let checkpoint { compare(known, checkpoint) }
        let folder = ScanFolder(
            path: path, manifest: known, checkpoint: checkpoint, damages: [], notes: [],
            names: names)
        checkFiles(folder)
        noteOthers(folder)
        return ScanFolder(
            path: path, manifest: known, checkpoint: checkpoint, damages: damages, notes: notes,
            names: names)
    }

    private func readManifest() -> Result<StoredManifest, StoredFileError> {
        Result { () throws(StoredFileError) in try StoredManifest(directory: path) }
    }

    private func readCheckpoint() -> Result<StoredCheckpoint, StoredFileError> {
        Result { () throws(StoredFileError) in try StoredCheckpoint(directory: path) }
    }

    private mutating func addManifestDamage(_ error: StoredFileError) {
        add(error, .manifest, StoredManifest.fileName)
    }

    private mutating func addCheckpointDamage(_ error: StoredFileError) {
        add(error, .checkpoint, StoredCheckpoint.fileName)
    }

    private mutating func add(_ error: StoredFileError, _ kind: Damage.Kind, _ name: String) {
        var kind = kind
        if case .version = error { kind = .schemaVersion }
        let damage = Damage(kind, file: "\(path)/\(name)", error.words)
        // What the manifest says, or would say, comes first.
        damages.insert(damage, at: kind == .checkpoint ? damages.count : 0)
    }

    /// A kill between the last two steps of a scan leaves both; then they are of one scan.
    private mutating func compare(_ manifest: StoredManifest, _ checkpoint: StoredCheckpoint) {
        let progress = checkpoint.progress
        let begun = Timestamp(epochSeconds: progress.startedAt).text
        guard manifest.startedAt == begun else {
            return addCheckpointDamage(
                .damaged(
                    "is of a scan that began \(begun), \(StoredManifest.fileName) of one that "
                        + "began \(manifest.startedAt)"))
        }
        guard manifest.isComplete else { return }
        let isSame = RecordKind.allCases.allSatisfy { progress.files($0) == manifest.files($0) }
        if !isSame || progress.targets != manifest.targets {
            addCheckpointDamage(
                .damaged("names other files than \(StoredManifest.fileName), which is complete"))
        } else {
            notes.append(
                "\(path)/\(StoredCheckpoint.fileName) is left over: the scan has ended, and "
                    + "'stsurvey \(manifest.targets.command) --resume \(path)' clears it away")
        }
    }

    // MARK: Files

    /// Each file that is named is there with its length, and nothing else looks like one.
    private mutating func checkFiles(_ folder: ScanFolder) {
        for kind in RecordKind.allCases {
            let files = folder.files(kind)
            for file in files { checkFile(file, isComplete: folder.isComplete) }
            guard !folder.isUnnamed else { continue }
            let known = Set(files.map(\.name))
            // A scan that goes on may have begun the next files.
            var next = folder.isComplete ? Int.max : files.count
            for name in names where RecordFileName.isLike(name, kind) && !known.contains(name) {
                if next != .max, name == archiveName(stem: kind.rawValue, number: next) {
                    next += 1
                    continue
                }
                damages.append(
                    Damage(
                        .strayFile, file: "\(path)/\(name)",
                        "does not belong here: the scan has not written it"))
            }
        }
    }

    private mutating func checkFile(_ file: CommittedFile, isComplete: Bool) {
        let path = "\(path)/\(file.name)"
        do throws(ArchiveError) {
            let (kind, bytes) = try fileStatus(path)
            if let kind, kind != .regular {
                damages.append(
                    Damage(.unreadableFile, file: path, "is \(kind.rawValue), not a regular file"))
            } else if isComplete ? bytes != file.bytes : bytes < file.bytes {
                damages.append(
                    Damage(
                        .fileLength, file: path,
                        "has \(bytes) bytes, \(file.bytes) were written"))
            }
        } catch {
            damages.append(
                error.isMissing
                    ? Damage(.missingFile, file: path, "is not there")
                    : Damage(.unreadableFile, file: path, "cannot be read: \(error.reason)"))
        }
    }

    /// What belongs to nobody's records is no damage.
    private mutating func noteOthers(_ folder: ScanFolder) {
        let own = [StoredManifest.fileName, StoredCheckpoint.fileName]
        let others = names.filter { !own.contains($0) && !RecordFileName.isLike($0) }
        let interrupted = others.filter { name in
            AtomicFile.isTemporary(name) || own.contains { name.hasPrefix("\($0).new") }
        }
        if !interrupted.isEmpty, folder.isComplete {
            notes.append(
                "left by a write that was interrupted: \(interrupted.joined(separator: ", "))")
        }
        let foreign = others.filter { !interrupted.contains($0) }
        guard !foreign.isEmpty else { return }
        let more = foreign.count > 10 ? " and \(foreign.count - 10) more" : ""
        notes.append("not of the scan: " + foreign.prefix(10).joined(separator: ", ") + more)
    }
}

extension Result<StoredManifest, StoredFileError> {
    fileprivate var isComplete: Bool { (try? get())?.isComplete == true }
}

/// What names of record files look like.
enum RecordFileName {
    /// Whether the readers that the README names would take the file for one with records.
    static func isLike(_ name: String, _ kind: RecordKind) -> Bool {
        name.hasPrefix("\(kind.rawValue)-") && name.hasSuffix(".zst")
    }

    static func isLike(_ name: String) -> Bool {
        RecordKind.allCases.contains { isLike(name, $0) }
    }
}
