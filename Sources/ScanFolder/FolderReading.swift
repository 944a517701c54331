public import Archive
public import RecordReading
internal import Synchronization
internal import TLS

/// What came of reading all records of a kind.
public struct FolderReading<State: Sendable>: Sendable {
    /// The records that were read.
    public let reading: Reading<State>
    /// What is wrong with the files; not what was known before.
    public let damages: [Damage]
}

extension ScanFolder {
    /// Reads every record of a kind, as `RecordFiles.read` does, and compares what was read with
    /// what was written: the frames' checksums, the files' digests, and how many records they have.
    ///
    /// With `checksVersion` a record of another schema version than this program's is a damage.
    public func read<State: Sendable>(
        _ kind: RecordKind, threads: Int = RecordFiles.threadsByDefault, checksVersion: Bool = true,
        into makeState: @escaping @Sendable () -> State,
        _ body: @escaping @Sendable (inout State, StoredRecord) -> Void
    ) -> FolderReading<State> {
        let (files, digests) = recordFiles(kind, checksVersion: checksVersion)
        let reading = files.read(threads: threads, into: makeState, body)
        return FolderReading(
            reading: reading, damages: damages(of: reading, self.files(kind), digests))
    }

    /// Reads every record of a kind; what is damaged is refused unless it is wanted.
    public func read<State: Sendable>(
        _ kind: RecordKind, partial: Bool, threads: Int = RecordFiles.threadsByDefault,
        into makeState: @escaping @Sendable () -> State,
        _ body: @escaping @Sendable (inout State, StoredRecord) -> Void
    ) throws(FolderError) -> FolderReading<State> {
        let result = read(kind, threads: threads, into: makeState, body)
        guard partial || result.damages.isEmpty else { throw refusal(result.damages) }
        return result
    }

    /// Makes new lines of every record of a kind, as `RecordFiles.rewrite` does; what is damaged is
    /// refused, and then what was written so far is not whole.
    public func rewrite<State: Sendable>(
        _ kind: RecordKind, threads: Int, into makeState: @escaping @Sendable () -> State,
        _ body: @escaping @Sendable (inout State, StoredRecord, inout [UInt8]) -> Void,
        write: @escaping ([UInt8]) throws(ArchiveError) -> Void
    ) throws -> Reading<State> {
        let (files, digests) = recordFiles(kind, checksVersion: true)
        let reading = try files.rewrite(threads: threads, into: makeState, body, write: write)
        let damages = damages(of: reading, self.files(kind), digests)
        guard damages.isEmpty else { throw refusal(damages) }
        return reading
    }

    private func recordFiles(
        _ kind: RecordKind, checksVersion: Bool
    ) -> (RecordFiles, FileDigests) {
        let files: [ArchiveFile]
        if isUnnamed {
            files = (try? RecordFiles(directory: path, kind: kind).files) ?? []
        } else {
            files = self.files(kind).map { ArchiveFile(location(of: $0), bytes: $0.bytes) }
        }
        let digests = FileDigests(count: files.count)
        return unsafe (
            RecordFiles(files, checksVersion: checksVersion) { unsafe digests.update($0, $1) },
            digests
        )
    }

    private func damages<State>(
        of reading: Reading<State>, _ committed: [CommittedFile], _ digests: FileDigests
    ) -> [Damage] {
        var damages = reading.faults.first.compactMap { damage(of: $0, in: reading) }
        damages += reading.tornTails.map {
            Damage(
                .tornTail, file: $0.path,
                "ends inside a frame: \($0.tornBytes) bytes after byte \($0.wholeBytes)")
        }
        var counts = Array(repeating: 0, count: reading.files.count)
        for frame in reading.frames { counts[frame.place.file] += frame.records }
        let broken = Set((self.damages + damages).compactMap(\.file))
        for (number, file) in committed.enumerated() {
            let path = location(of: file)
            if counts[number] != file.records {
                damages.append(
                    Damage(
                        .recordCount, file: path,
                        "has \(counts[number]) records, \(file.records) were written"))
            }
            if let wanted = file.sha256, !broken.contains(path) {
                let digest = digests[number]
                guard digest != wanted else { continue }
                damages.append(Damage(.fileDigest, file: path, digestWords(wanted, digest)))
            }
        }
        return damages
    }

    private func damage<State>(of fault: Faults.Fault, in reading: Reading<State>) -> Damage? {
        switch fault {
        case .line(let place, let message): Damage(.json, at: place, in: reading, message)
        // What is not there was told when the folder was opened, if it was not there then.
        case .file(let error) where damages.contains { $0.file == error.path }: nil
        case .file(let error) where error.isMissing:
            Damage(.missingFile, file: error.path, "is not there")
        case .file(let error) where error.operation == .decompress:
            Damage(.frame, file: error.path, "is damaged: \(error.reason)")
        case .file(let error):
            Damage(.unreadableFile, file: error.path, "cannot be read: \(error.reason)")
        }
    }
}

/// What to say of a file whose bytes were altered.
func digestWords(_ wanted: String, _ digest: String) -> String {
    "was altered: the SHA-256 of what was written is \(wanted), and it is \(digest)"
}

extension SHA256Digest: RunningDigest {}

/// A digest of the kind that the manifest and the checkpoint hold of each file with records.
public func fileDigest() -> any RunningDigest { SHA256Digest() }

/// The digests of files that are read frame by frame.
///
/// `@unchecked Sendable`: frames are handed out by one thread at a time, and asked for after.
final class FileDigests: @unchecked Sendable {
    private let digests: [SHA256Digest]

    init(count: Int) { digests = (0..<count).map { _ in SHA256Digest() } }

    func update(_ file: Int, _ octets: UnsafeRawBufferPointer) {
        unsafe digests[file].update(octets)
    }

    subscript(file: Int) -> String { digests[file].current() }
}
