internal import Archive
internal import DNS
import FoundationEssentials

/// How far a scan has come: what it takes to go on after it was broken off.
///
/// Written anew as a whole at each commit, so a kill at any moment leaves the one before or this.
struct Checkpoint: Codable, Sendable {
    static let fileName = "checkpoint.json"
    private static let currentFormat = 1

    var format = Self.currentFormat
    var startedAt: Int64
    var options: StoredOptions
    /// Each list as far as it was read; the digest is of those bytes.
    var lists: [ListIdentity]
    /// All entries below this number are finished.
    var lowWater: Int
    /// The finished entries above it, as pairs of first and last.
    var finishedAbove: [[Int]]
    var domainFiles: [CommittedFile]
    var hostFiles: [CommittedFile]
    var totals: [String: [String: Int]]
    /// Which records rest on answers of name servers that proved not to be true; nil for none.
    var distrusted: StoredDistrust?
    /// Questions that name servers have found records for, as name and type number.
    var found: [String]?

    /// A question as the checkpoint keeps it.
    static func text(of question: Question) -> String {
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

    /// The entries whose records are committed.
    var finished: FinishedSet {
        FinishedSet(
            lowWater: lowWater,
            ranges: finishedAbove.compactMap { $0.count == 2 ? $0[0]...max($0[0], $0[1]) : nil })
    }

    /// Whether as many entries are finished as there are records.
    private var isConsistent: Bool {
        var count = lowWater
        for range in finishedAbove {
            guard range.count == 2, range[0] > lowWater, range[1] >= range[0] else { return false }
            count += range[1] - range[0] + 1
        }
        return lowWater >= 0 && count == totals["records"]?["domains"]
    }

    /// How many records of hosts are committed.
    var hostRecords: Int { hostFiles.reduce(0) { $0 + $1.records } }

    /// Puts the checkpoint into the folder in place of the one before.
    func write(into directory: String) throws(ArchiveError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let data = try? encoder.encode(self) else {
            preconditionFailure("a checkpoint has nothing that JSON cannot hold")
        }
        try AtomicFile.write("\(directory)/\(Self.fileName)", Array(data))
    }

    /// Reads the folder's checkpoint.
    static func read(from directory: String) throws(ScanError) -> Checkpoint {
        let path = "\(directory)/\(fileName)"
        guard let text = readFile(path, limit: 1 << 28) else {
            throw .usage("\(path) cannot be read: there is no unfinished scan in \(directory)")
        }
        do {
            let checkpoint = try JSONDecoder().decode(Checkpoint.self, from: Data(text.utf8))
            guard checkpoint.format == currentFormat else {
                throw ScanError.usage(
                    "\(path) has format \(checkpoint.format), this program knows \(currentFormat)")
            }
            guard checkpoint.isConsistent else {
                throw ScanError.usage("\(path) is damaged: its counts do not agree")
            }
            return checkpoint
        } catch let error as ScanError {
            throw error
        } catch {
            throw .usage("\(path) is damaged: \(error)")
        }
    }
}
