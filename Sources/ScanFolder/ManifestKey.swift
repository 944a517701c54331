public import RecordReading

/// The keys of a manifest that readers look for; what writes it names them by these too.
public enum ManifestKey {
    /// `probe` or `fetch`, a `TargetKind`; not there for scans.
    public static let command: JSONKey = "command"
    /// The program's version.
    public static let version: JSONKey = "version"
    /// The version of the records' schema.
    public static let schemaVersion: JSONKey = "schema_version"
    /// A `ScanState`.
    public static let state: JSONKey = "state"
    /// When the scan began, RFC 3339.
    public static let startedAt: JSONKey = "started_at"
    /// When it ended, or null.
    public static let endedAt: JSONKey = "ended_at"
    /// The lists, each a `FileIdentity`.
    public static let lists: JSONKey = "lists"
    /// The options, an object.
    public static let options: JSONKey = "options"
    /// The files that say where addresses are.
    public static let networkFiles: JSONKey = "asn_files"
    /// Of the options: the preload list, a `FileIdentity`, or null.
    public static let preload: JSONKey = "preload"
    /// Of the options: the shard of the lists, `I/N`, or null.
    public static let shard: JSONKey = "shard"
    /// What the lists held, an object.
    public static let listStatistics: JSONKey = "list_statistics"
    /// Of the statistics: the number of entries.
    public static let entries: JSONKey = "entries"
    /// Of the statistics: lines whose name had come before.
    public static let duplicates: JSONKey = "duplicates"
    /// How many entries were chosen to be scanned, or null for all.
    public static let selectedEntries: JSONKey = "selected_entries"
    /// What a reader of the records should know, an array of strings.
    public static let cautions: JSONKey = "cautions"
    /// Whether AD bits counted.
    public static let trustsAD: JSONKey = "trusts_ad"
    /// The files with domain records.
    public static let domainFiles: JSONKey = "domain_files"
    /// The files with host records.
    public static let hostFiles: JSONKey = "host_files"
    /// The files with policy records; only there for `fetch`.
    public static let policyFiles: JSONKey = "policy_files"
    /// The records that rest on answers which proved false, an object, or null.
    public static let distrusted: JSONKey = "distrusted"
    /// Of those: pairs of the first and the last index of records in a row.
    public static let indexRanges: JSONKey = "index_ranges"
    /// Of those: the options of the scan, the text of a JSON object.
    public static let storedOptions: JSONKey = "options"
    /// The counts of the records.
    public static let totals: JSONKey = "totals"
}
