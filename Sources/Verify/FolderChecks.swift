internal import Archive
internal import Glibc
internal import RecordReading
internal import TLS

/// The files of the folder, and the lists it was made from.
extension Verification {
    /// Nothing may be in the folder that nobody names, and each file has its length.
    mutating func checkNames(_ names: [String], _ expected: Expectation) {
        let files = expected.domainFiles + expected.hostFiles
        var known = Set(files.map(\.name)).union(["manifest.json"])
        if !expected.isComplete {
            known.formUnion(["checkpoint.json", "checkpoint.json.new", "manifest.json.new"])
        }
        for name in names where !known.contains(name) {
            if !expected.isComplete, AtomicFile.isTemporary(name) { continue }
            // A scan that goes on may have begun the next file.
            let isNext =
                name == expected.nextName(of: .domain) || name == expected.nextName(of: .host)
            guard expected.isComplete || !isNext else { continue }
            problems.add(Problem(.strayFile, file: "\(directory)/\(name)", "does not belong here"))
        }
        for file in files where names.contains(file.name) { checkLength(file, expected) }
    }

    private mutating func checkLength(_ file: CommittedFile, _ expected: Expectation) {
        let path = "\(directory)/\(file.name)"
        var state = stat()
        guard stat(path, &state) == 0 else { return }
        let bytes = Int(state.st_size)
        guard expected.isComplete ? bytes != file.bytes : bytes < file.bytes else { return }
        problems.add(
            Problem(.fileLength, file: path, "has \(bytes) bytes, \(file.bytes) were written"))
    }

    /// What came of reading files, held against what they should hold.
    mutating func checkFiles<State>(_ reading: Reading<State>, _ committed: [CommittedFile]) {
        for fault in reading.faults.first {
            switch fault {
            case .line(let place, let message):
                problems.add(Problem(.json, at: place, in: reading, message))
            case .file(let error) where error.isMissing:
                problems.add(Problem(.missingFile, file: error.path, "is not there"))
            case .file(let error):
                problems.add(Problem(.frame, file: error.path, error.reason))
            }
        }
        for tail in reading.tornTails {
            problems.add(
                Problem(
                    .tornTail, file: tail.path,
                    "ends inside a frame: \(tail.tornBytes) bytes after byte \(tail.wholeBytes)"))
        }
        var records = Array(repeating: 0, count: committed.count)
        for frame in reading.frames { records[frame.place.file] += frame.records }
        for (file, count) in zip(committed, records) where file.records != count {
            problems.add(
                Problem(
                    .recordCount, file: "\(directory)/\(file.name)",
                    "has \(count) records, \(file.records) were written"))
        }
    }

    /// The lists as they are now, held against what was read of them; those gone are noted.
    mutating func checkLists(_ lists: [StoredManifest.List]) {
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
        of list: StoredManifest.List
    ) throws(ArchiveError) -> (sha256: String, bytes: Int) {
        let digest = SHA256Digest()
        var left = list.bytes
        try readChunks(list.name) { (chunk) throws(ArchiveError) in
            let part = min(left, chunk.count)
            digest.update(UnsafeRawBufferPointer(rebasing: chunk[..<part]))
            left -= part
        }
        return (digest.current(), list.bytes - left)
    }
}

extension Expectation {
    /// The name of the file that a scan would begin next.
    fileprivate func nextName(of kind: RecordKind) -> String {
        let count = kind == .domain ? domainFiles.count : hostFiles.count
        return archiveName(stem: kind.rawValue, number: count)
    }
}
