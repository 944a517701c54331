/// The keys of one kind of record, in order.
public struct Schema<Root>: Sendable {
    /// What a record is about: `domain` or `host`.
    public let name: String
    /// Rises with every change that a reader could notice.
    public let version: Int
    /// The keys.
    public let fields: [Field<Root>]

    /// Appends the record of `root` and a line feed: one line of NDJSON.
    public func appendLine(_ root: Root, to line: inout [UInt8]) {
        fields.append(root, to: &line)
        line.append(0x0A)
    }

    /// What readers are told of the keys.
    public var descriptions: [FieldDescription] { fields.map(\.description) }
}

/// The version that both schemas share, and that stands first in each record.
public let schemaVersion = 1
