internal import Archive
internal import ScanFolder
internal import TLS

/// The lists that the scan was made from.
extension Verification {
    /// The lists as they are now, held against what was read of them; those gone are noted.
    mutating func checkLists(_ lists: [FileIdentity]) {
        for list in lists where list.name != "-" {
            do throws(ArchiveError) {
                let (digest, bytes) = try digest(of: list)
                guard digest != list.sha256 else { continue }
                let now = bytes < list.bytes ? "only \(bytes) bytes are left" : "it is \(digest)"
                problems.add(
                    Problem(
                        .listChanged, file: list.name,
                        "is not as it was read: the SHA-256 of its first \(list.bytes) bytes was "
                            + "\(list.sha256), \(now)"))
            } catch {
                notes.append("a list was not checked: \(error)")
            }
        }
    }

    private func digest(
        of list: FileIdentity
    ) throws(ArchiveError) -> (sha256: String, bytes: Int) {
        let digest = SHA256Digest()
        var left = list.bytes
        try unsafe readChunks(list.name) { (chunk) throws(ArchiveError) in
            let part = min(left, chunk.count)
            unsafe digest.update(UnsafeRawBufferPointer(rebasing: chunk[..<part]))
            left -= part
        }
        return (digest.current(), list.bytes - left)
    }
}
