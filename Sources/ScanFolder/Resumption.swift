internal import Archive

extension ScanFolder {
    /// Opens the folder of an unfinished scan that is to go on.
    ///
    /// All that is committed must be there and as it was written: the bytes of all files are read.
    /// A manifest that is damaged is no hindrance: it is written again from the checkpoint. The
    /// progress of the result has the digest of each file, whether or not one was written.
    public init(resuming path: String) throws(FolderError) {
        let folder = try ScanFolder(inspecting: path)
        if let version = folder.damages.first(where: { $0.kind == .schemaVersion }) {
            throw .damaged(version.text)
        }
        if folder.isComplete, folder.checkpoint == nil,
            !folder.damages.contains(where: { $0.kind == .checkpoint })
        {
            throw .finished(
                "there is no unfinished scan in \(path): the scan has ended, and there is nothing "
                    + "to resume")
        }
        var notes: [String] = []
        var damages = folder.damages
        if let damage = damages.first(where: { $0.kind == .manifest }), folder.checkpoint != nil,
            isReplaceable("\(path)/\(StoredManifest.fileName)")
        {
            notes.append("\(damage.text): it is written again from the checkpoint")
            damages.removeAll { $0.kind == .manifest }
        }
        guard damages.isEmpty, var checkpoint = folder.checkpoint else {
            throw Self.resumeRefusal(path, damages)
        }
        if !checkpoint.progress.isChecksummed {
            notes.append(
                "the checkpoint is of a version of stsurvey without checksums: the frames' own "
                    + "checksums and the counts of records were checked")
        }
        let (progress, altered) = checkpoint.progress.checked(in: path)
        guard altered.isEmpty else { throw Self.resumeRefusal(path, altered) }
        checkpoint.progress = progress
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
    /// Reads the committed bytes of all files: the progress with the digest of each, and what is
    /// not as it was written.
    fileprivate func checked(in directory: String) -> (CommittedProgress, [Damage]) {
        let checks = (hostFiles + domainFiles).map { ($0, $0.check(in: directory)) }
        let digests = Dictionary(
            checks.map { ($0.name, $1.sha256) }, uniquingKeysWith: { first, _ in first })
        let known = { (file: CommittedFile) in
            var file = file
            file.sha256 = digests[file.name] ?? nil
            return file
        }
        return (
            with(domainFiles: domainFiles.map(known), hostFiles: hostFiles.map(known)),
            checks.compactMap(\.1.damage)
        )
    }
}
