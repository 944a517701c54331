public import Archive
internal import FoundationEssentials
internal import Records

/// The members of a checkpoint that stand beside those of `CommittedProgress`, for what writes it
/// and what reads it.
public enum CheckpointKey: String, CodingKey {
    /// The options of the scan; readers take `unique`, `indexRanges` and `shard` from them.
    case options
    /// The lists as far as they were read, each a `FileIdentity`.
    case lists
    /// How many entries the lists have, as far as was foreseen.
    case expectedEntries
    /// Which records rest on answers that proved not to be true; for the scan alone.
    case distrusted
    /// Questions that name servers have found records for; for the scan alone.
    case found
    /// What name servers proved to have answered falsely; for runs of given targets alone.
    case lies
}

/// A scan's `checkpoint.json`, read back as far as it does not depend on what the scan asks for.
public struct StoredCheckpoint: Sendable {
    /// Its name in the folder.
    public static let fileName = "checkpoint.json"
    /// Far above what a scan can leave unfinished.
    private static let largestText = 1 << 28

    /// How far the scan has come.
    public internal(set) var progress: CommittedProgress
    /// The lists as far as they were read.
    public let lists: [FileIdentity]
    /// Whether some entries are not scanned, so that their numbers are not the indexes: names that
    /// came before, those of other shards, or all but those that are asked about again.
    public let skipsEntries: Bool
    /// How many entries the lists have, as far as was foreseen; nil where it was not.
    public let expectedEntries: Int?
    /// The whole text.
    public let text: [UInt8]
    /// What to say of it where it is not as it was written.
    let alteration: String?

    /// What readers take from the text besides the progress.
    private struct Rest: Decodable {
        struct Options: Decodable {
            let unique: Bool
            let indexRanges: [[Int]]?
            let shard: String?
        }
        let lists: [FileIdentity]
        let options: Options
        let expectedEntries: Int?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CheckpointKey.self)
            lists = try container.decode([FileIdentity].self, forKey: .lists)
            options = try container.decode(Options.self, forKey: .options)
            expectedEntries = try container.decodeIfPresent(Int.self, forKey: .expectedEntries)
        }
    }

    /// Reads a folder's checkpoint.
    init(directory: String) throws(StoredFileError) {
        text = try StoredFileError.read("\(directory)/\(Self.fileName)", limit: Self.largestText)
        do {
            let rest: Rest
            (progress, rest) = try Self.decode(Data(text))
            lists = rest.lists
            let options = rest.options
            skipsEntries = options.unique || options.indexRanges != nil || options.shard != nil
            expectedEntries = rest.expectedEntries
        } catch let error as StoredFileError {
            throw error
        } catch {
            throw .damaged(decodingWords(error))
        }
        if let words = progress.schemaVersion.flatMap(otherVersion) { throw .version(words) }
        alteration = ChecksumLine.alteration(of: text, isRequired: progress.isChecksummed)
        if let words = progress.inconsistency { throw .damaged(alteration ?? words) }
    }

    private static func decode(_ data: Data) throws -> (CommittedProgress, Rest) {
        let decoder = JSONDecoder()
        let format = try decoder.decode(Format.self, from: data).format
        guard CommittedProgress.knownFormats.contains(format) else {
            throw StoredFileError.version(
                "has format \(format), this program reads 1 to "
                    + "\(CommittedProgress.currentFormat): use the version that wrote it")
        }
        let rest = try decoder.decode(Rest.self, from: data)
        return (try decoder.decode(CommittedProgress.self, from: data), rest)
    }

    private struct Format: Decodable { let format: Int }
}

extension StoredCheckpoint {
    /// Puts a checkpoint, an object of JSON, into a folder in place of what is there, with its
    /// checksum as the last member.
    public static func write(_ object: String, into directory: String) throws(ArchiveError) {
        try AtomicFile.write("\(directory)/\(fileName)", ChecksumLine.appended(to: object))
    }
}
