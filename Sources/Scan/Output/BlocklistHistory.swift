internal import Blocklist
internal import Records

/// The blocklists that were in force, for the manifest: the first, and the latest ones.
struct BlocklistHistory: Sendable {
    private static let countMax = 100
    private var entries: [JSONDocument] = []

    init(_ file: BlocklistFile?) { if let file { add(file) } }

    mutating func add(_ file: BlocklistFile) {
        if entries.count == Self.countMax { entries.remove(at: 1) }
        entries.append(
            .object([
                ("name", .string(file.name)), ("sha256", .string(file.sha256)),
                ("entries", .integer(file.list.count)),
                ("read_at", .string(Timestamp(epochSeconds: file.readAt).text)),
            ]))
    }

    var document: JSONDocument { .array(entries) }
}
