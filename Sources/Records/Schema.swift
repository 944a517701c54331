/// The keys of one kind of record, in order.
///
/// # The whole story
///
/// A record is declared once, as a list of `Field`s: each has its key, its meaning and its source
/// for readers, and how its value is found in the root (`DomainRecord`, `HostRecord`). The type of
/// a key follows from the Swift type of its value (`FieldValue`). Everything else is derived from
/// the list: the encoder, the exports (Markdown, JSON Schema, DuckDB, Polars, Spark) and the table
/// of all values of enumerated keys, each of which has its meaning beside its case
/// (`DocumentedValue`).
///
/// To add a key: declare the field in `DomainSchema.swift` or `HostSchema.swift`, read it back in
/// `RecordReading/Observed` where it is a fact that `rejudge` needs, and run
/// `scripts/schema-pages`. A key is never missing from a record: it is null where its value is not
/// known. New keys do not raise `schemaVersion`; a changed meaning does, and is said there.
///
/// Encoding is the hot path of a scan: a record is appended to one `LineBuffer` without an object
/// for each field; what most records do not have is copied as one run of octets (`EncodingCache`).
public struct Schema<Root>: Sendable {
    /// What a record is about: `domain` or `host`.
    public let name: String
    /// Rises with every change that a reader could notice.
    public let version: Int
    /// The keys.
    public let fields: [Field<Root>]

    package init(name: String, version: Int, fields: [Field<Root>]) {
        self.name = name
        self.version = version
        self.fields = fields
    }

    /// The keys' descriptions for readers.
    public var descriptions: [FieldDescription] { fields.map(\.description) }
}

/// Writes records of one schema, one after the other.
public final class RecordEncoder<Root> {
    private let writer: FieldWriter<Root>

    /// An encoder of the schema's records.
    public init(_ schema: Schema<Root>) { writer = FieldWriter.object(schema.fields) }

    /// Appends the record of `root` and a line feed: one line of NDJSON.
    public func appendLine(_ root: Root, to line: inout LineBuffer) {
        writer.append(root, &line)
        line.append(UInt8(ascii: "\n"))
    }
}

/// The version that all schemas share, and the first value of each record.
///
/// 2 added facts of replies, certificates, codings and sender models; `first_failure` became the
/// first cause of the verdict, and `partial` means that some mail goes unauthenticated. A host's
/// status became that of its best address, and `ok` means that it has replied inside TLS.
public let schemaVersion = 2

/// The versions whose records are read; a scan is resumed by the version that it began with only.
public let readableSchemaVersions = 1...schemaVersion

extension Field {
    /// The version, the first key of each record.
    package static var version: Field {
        .constant("schema_version", "The version of this schema.", "stsurvey", schemaVersion)
    }
}
