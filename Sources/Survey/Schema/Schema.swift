/// The keys of one kind of record, in order.
public struct Schema<Root>: Sendable {
    /// What a record is about: `domain` or `host`.
    public let name: String
    /// Rises with every change that a reader could notice.
    public let version: Int
    /// The keys.
    public let fields: [Field<Root>]
    /// Made where the root's type is known, so that the compiler writes it for that type.
    private let appendRecord: @Sendable (Root, inout [UInt8]) -> Void

    init(name: String, version: Int, fields: [Field<Root>]) {
        self.name = name
        self.version = version
        self.fields = fields
        let writers = fields.map(\.writer)
        appendRecord = { writers.append($0, to: &$1) }
    }

    /// Appends the record of `root` and a line feed: one line of NDJSON.
    public func appendLine(_ root: Root, to line: inout [UInt8]) {
        appendRecord(root, &line)
        line.append(0x0A)
    }

    /// What readers are told of the keys.
    public var descriptions: [FieldDescription] { fields.map(\.description) }
}

/// The version that both schemas share, and that stands first in each record.
public let schemaVersion = 1
