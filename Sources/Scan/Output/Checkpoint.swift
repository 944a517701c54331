internal import Archive
internal import DNS
import FoundationEssentials
internal import ScanFolder

/// How far a scan has come: what it takes to go on after it was broken off.
///
/// Written anew as a whole at each commit, so a kill at any moment leaves the one before or this.
struct Checkpoint: Codable, Sendable {
    var progress: CommittedProgress
    var options: StoredOptions
    /// Each list as far as it was read; the digest is of those bytes.
    var lists: [FileIdentity]
    /// How many entries the lists have, as far as that is foreseen; for readers alone.
    private var expectedEntries: Int?
    /// Which records rest on answers of name servers that proved not to be true; nil for none.
    var distrusted: StoredDistrust?
    /// Questions that name servers have found records for, as name and type number.
    private var found: [String]?
    /// What name servers proved to have answered falsely while given targets were observed.
    var lies: [String]?

    /// A question as the checkpoint keeps it.
    private static func text(of question: Question) -> String {
        "\(question.name) \(question.type.rawValue)"
    }

    /// Questions that name servers have found records for.
    var foundQuestions: [Question] {
        (found ?? []).compactMap { text in
            let words = text.split(separator: " ")
            guard words.count == 2, let name = try? DomainName(String(words[0])),
                let type = UInt16(words[1]).flatMap(RecordType.init)
            else { return nil }
            return Question(name, type)
        }
    }

    init(
        _ progress: CommittedProgress, options: StoredOptions, lists: [FileIdentity],
        expectedEntries: Int? = nil, distrusted: StoredDistrust? = nil, found: [Question] = []
    ) {
        self.progress = progress
        self.options = options
        self.lists = lists
        self.expectedEntries = expectedEntries
        self.distrusted = distrusted
        self.found = found.map(Self.text)
    }

    init(from decoder: any Decoder) throws {
        progress = try CommittedProgress(from: decoder)
        let container = try decoder.container(keyedBy: CheckpointKey.self)
        options = try container.decode(StoredOptions.self, forKey: .options)
        lists = try container.decode([FileIdentity].self, forKey: .lists)
        expectedEntries = try container.decodeIfPresent(Int.self, forKey: .expectedEntries)
        distrusted = try container.decodeIfPresent(StoredDistrust.self, forKey: .distrusted)
        found = try container.decodeIfPresent([String].self, forKey: .found)
        lies = try container.decodeIfPresent([String].self, forKey: .lies)
    }

    func encode(to encoder: any Encoder) throws {
        try progress.encode(to: encoder)
        var container = encoder.container(keyedBy: CheckpointKey.self)
        try container.encode(options, forKey: .options)
        try container.encode(lists, forKey: .lists)
        try container.encodeIfPresent(expectedEntries, forKey: .expectedEntries)
        try container.encodeIfPresent(distrusted, forKey: .distrusted)
        try container.encodeIfPresent(found, forKey: .found)
        try container.encodeIfPresent(lies, forKey: .lies)
    }

    /// Puts the checkpoint into the folder in place of the one before.
    func write(into directory: String) throws(ArchiveError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let data = try? encoder.encode(self) else {
            preconditionFailure("a checkpoint has nothing that JSON cannot hold")
        }
        try StoredCheckpoint.write(String(decoding: data, as: UTF8.self), into: directory)
    }

    /// The checkpoint of a folder that was opened to go on with its scan.
    init(_ stored: StoredCheckpoint, of folder: String) throws(ScanError) {
        do {
            self = try JSONDecoder().decode(Checkpoint.self, from: Data(stored.text))
        } catch {
            throw .input(
                "\(folder)/\(StoredCheckpoint.fileName) \(decodingWords(error)): "
                    + "it was altered, or is of another version of stsurvey; "
                    + "scan into another folder, or put it back")
        }
    }
}
