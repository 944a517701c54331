internal import Archive
internal import RecordReading
internal import Records

extension ScanFolder {
    /// Opens the folder of an unfinished scan, or run of given targets, that is to go on.
    ///
    /// All that is committed must be there and as it was written: the bytes of all files are read.
    /// A manifest that is damaged is no hindrance: it is written again from the checkpoint. A scan
    /// of another schema version is refused: its records cannot stand beside those to come.
    public init(resuming path: String, of targets: TargetKind?) throws(FolderError) {
        let folder = try ScanFolder(inspecting: path)
        guard folder.targets == targets else {
            throw .refused(
                "\(path) was made by 'stsurvey \(folder.targets.command)': go on with it by "
                    + folder.wayOn)
        }
        if let version = folder.damages.first(where: { $0.kind == .schemaVersion }) {
            throw .damaged(version.text)
        }
        if folder.isComplete, folder.checkpoint == nil,
            !folder.damages.contains(where: { $0.kind == .checkpoint })
        {
            throw .refused(
                "there is no unfinished \(targets.command) in \(path): the \(targets.command) has "
                    + "ended, and there is nothing to resume")
        }
        if folder.checkpoint != nil, folder.schemaVersion != Records.schemaVersion {
            throw .damaged(
                "\(path) is of schema version \(folder.schemaVersion), and this program writes "
                    + "\(Records.schemaVersion), which cannot stand beside it: finish the scan "
                    + "with the version of stsurvey that began it, or scan into another folder")
        }
        var notes: [String] = []
        var damages = folder.damages
        if let damage = damages.first(where: { $0.kind == .manifest }), folder.checkpoint != nil,
            isReplaceable("\(path)/\(StoredManifest.fileName)")
        {
            notes.append("\(damage.text): it is written again from the checkpoint")
            damages.removeAll { $0.kind == .manifest }
        }
        guard damages.isEmpty, let checkpoint = folder.checkpoint else {
            throw Self.resumeRefusal(path, damages)
        }
        let altered = checkpoint.progress.alterations(in: path)
        guard altered.isEmpty else { throw Self.resumeRefusal(path, altered) }
        self.init(
            path: path, manifest: folder.manifest, checkpoint: checkpoint, damages: [],
            notes: notes, names: folder.names)
    }

    private static func resumeRefusal(_ path: String, _ damages: [Damage]) -> FolderError {
        let isAdded = damages.allSatisfy { $0.kind == .strayFile }
        return .damaged(
            path, damages,
            isAdded
                ? "move it elsewhere, then resume again"
                : "put back what was written, or scan into another folder; "
                    + "'stsurvey stats --partial \(path)' reads what is there. Nothing was changed")
    }
}

extension CommittedProgress {
    /// Reads the committed bytes of all files: what is not as it was written.
    fileprivate func alterations(in directory: String) -> [Damage] {
        RecordKind.allCases.flatMap(files).compactMap {
            $0.alteration(at: "\(directory)/\($0.name)")
        }
    }
}
