internal import Archive
public import RecordReading
internal import TLS

extension ScanFolder {
    /// Compares files of a kind with their digests, for readers that read only the other kind.
    ///
    /// A damaged file is refused unless what is there is wanted.
    public func check(_ kind: RecordKind, partial: Bool) throws(FolderError) -> [Damage] {
        let known = Set(damages.compactMap(\.file))
        let found = files(kind).filter { $0.sha256 != nil && !known.contains(location(of: $0)) }
            .compactMap { $0.alteration(at: location(of: $0)) }
        guard partial || found.isEmpty else { throw refusal(found) }
        return found
    }
}

extension CommittedFile {
    /// What is wrong with the committed bytes by their digest; nil where nothing is.
    func alteration(at path: String) -> Damage? {
        guard let sha256 else { return Damage(.fileDigest, file: path, "has no digest") }
        do throws(ArchiveError) {
            let digest = SHA256Digest()
            try unsafe readChunks(path, upTo: bytes) { unsafe digest.update($0) }
            let current = digest.current()
            guard current != sha256 else { return nil }
            return Damage(.fileDigest, file: path, digestWords(sha256, current))
        } catch {
            return Damage(.frame, file: path, "cannot be read: \(error.reason)")
        }
    }
}
