internal import Archive
public import RecordReading
internal import TLS

extension ScanFolder {
    /// Compares files of a kind with their digests, for readers that read only the other kind.
    ///
    /// A damaged file is refused unless what is there is wanted.
    public func check(_ kind: RecordKind, partial: Bool) throws(FolderError) -> [Damage] {
        let known = Set(damages.compactMap(\.file))
        let found = files(kind).filter { $0.sha256 != nil && !known.contains("\(path)/\($0.name)") }
            .compactMap { $0.check(in: path).damage }
        guard partial || found.isEmpty else { throw refusal(found) }
        return found
    }
}

extension CommittedFile {
    /// The digest of the committed bytes as they are, and what is wrong with them; where no digest
    /// was written the frames are decompressed and their lines counted.
    func check(in directory: String) -> (sha256: String?, damage: Damage?) {
        let path = "\(directory)/\(name)"
        do throws(ArchiveError) {
            guard let sha256 else { return try countRecords(path) }
            return try compare(path, with: sha256)
        } catch {
            return (nil, Damage(.frame, file: path, "cannot be read: \(error.reason)"))
        }
    }

    private func compare(
        _ path: String, with wanted: String
    ) throws(ArchiveError) -> (String?, Damage?) {
        let digest = SHA256Digest()
        try readChunks(path, upTo: bytes) { digest.update($0) }
        let current = digest.current()
        guard current != wanted else { return (current, nil) }
        return (current, Damage(.fileDigest, file: path, digestWords(wanted, current)))
    }

    private func countRecords(_ path: String) throws(ArchiveError) -> (String?, Damage?) {
        let digests = FileDigests(count: 1)
        let queue = FrameQueue([ArchiveFile(path, bytes: bytes)]) { digests.update($0, $1) }
        let decoder = FrameDecoder(queue)
        var lines = 0
        while try decoder.next() != nil {
            lines += decoder.content.elementsEqual(emptyContent) ? 0 : lineCount(decoder.content)
        }
        guard lines == records, queue.tornTails.isEmpty else {
            let words = "has \(lines) records in whole frames, \(records) were written"
            return (nil, Damage(.recordCount, file: path, words))
        }
        return (digests[0], nil)
    }
}
