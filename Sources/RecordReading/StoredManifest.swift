public import Archive

/// A scan's `manifest.json`, read back.
public struct StoredManifest: Sendable {
    /// A list or another file that the scan has read.
    public struct List: Hashable, Sendable {
        /// Its path as given.
        public let name: String
        /// How many bytes of it were read, as stored.
        public let bytes: Int
        /// The SHA-256 of those bytes.
        public let sha256: String

        /// A file of these facts.
        public init(name: String, bytes: Int, sha256: String) {
            self.name = name
            self.bytes = bytes
            self.sha256 = sha256
        }
    }

    /// The program's version.
    public let version: String
    /// The version of the records' schema.
    public let schemaVersion: Int
    /// `running`, `complete`, `stopped` or `failed`.
    public let state: String
    /// When the scan began, RFC 3339.
    public let startedAt: String
    /// When it ended.
    public let endedAt: String?
    /// The lists, as far as they were read.
    public let lists: [List]
    /// The preload list.
    public let preload: List?
    /// How many entries the lists gave.
    public let entries: Int
    /// How many entries were chosen to be scanned; nil for all.
    public let selected: Int?
    /// How many lines were left out because their name had come before.
    public let duplicates: Int
    /// Whether AD bits counted.
    public let trustsAD: Bool
    /// Whether names were scanned once only.
    public let isUnique: Bool
    /// The files with domain records.
    public let domainFiles: [CommittedFile]
    /// The files with host records.
    public let hostFiles: [CommittedFile]
    /// The counts: key of the record, then word, `null` for none; `records` holds `domains` and
    /// `hosts`.
    public let totals: [String: [String: Int]]

    /// Reads a folder's manifest.
    public init(directory: String) throws(ManifestError) {
        let path = "\(directory)/manifest.json"
        let text: [UInt8]
        do throws(ArchiveError) {
            text = try readWhole(path, limit: 1 << 28)
        } catch {
            throw ManifestError(reason: "\(error)", isMissing: error.isMissing)
        }
        do {
            self = try JSONParser().withValue(of: text) { try StoredManifest($0) }
        } catch {
            throw ManifestError(reason: "\(path): \(error)", isMissing: false)
        }
    }

    private init(_ value: JSONValue) throws(ManifestError) {
        version = try value.string("version")
        schemaVersion = try value.int("schema_version")
        state = try value.string("state")
        startedAt = try value.string("started_at")
        endedAt = value["ended_at"]?.string
        lists = try value.array("lists") { (list) throws(ManifestError) in try List(list) }
        let options = try value.member("options", .object)
        preload = try options["preload"].flatMap { (list) throws(ManifestError) in
            list.isNull ? nil : try List(list)
        }
        isUnique = options["unique"]?.bool ?? false
        let statistics = try value.member("list_statistics", .object)
        entries = try statistics.int("entries")
        duplicates = try statistics.int("duplicates")
        selected = value["selected_entries"]?.int
        trustsAD = value["trusts_ad"]?.bool ?? false
        domainFiles = try value.array("domain_files") { (file) throws(ManifestError) in
            try CommittedFile(file)
        }
        hostFiles = try value.array("host_files") { (file) throws(ManifestError) in
            try CommittedFile(file)
        }
        totals = try Self.totals(try value.member("totals", .object))
    }

    private static func totals(
        _ value: JSONValue
    ) throws(ManifestError) -> [String: [String: Int]] {
        var totals = ["records": ["domains": try value.int("domains")]]
        totals["records"]?["hosts"] = try value.int("hosts")
        for (key, counts) in value.object ?? JSONObject.empty(at: value) {
            var words: [String: Int] = [:]
            for (word, count) in counts.object ?? JSONObject.empty(at: counts) {
                words[String(decoding: word, as: UTF8.self)] = count.int
            }
            if !words.isEmpty { totals[String(decoding: key, as: UTF8.self)] = words }
        }
        return totals
    }
}

/// Why a manifest cannot be read.
public struct ManifestError: Error, Sendable, CustomStringConvertible {
    /// What is wrong, with the file.
    public let reason: String
    /// Whether there is no such file.
    public let isMissing: Bool

    /// What is wrong, with the file.
    public var description: String { reason }
}

extension StoredManifest.List {
    fileprivate init(_ value: JSONValue) throws(ManifestError) {
        name = try value.string("name")
        bytes = try value.int("bytes")
        sha256 = try value.string("sha256")
    }
}

extension CommittedFile {
    fileprivate init(_ value: JSONValue) throws(ManifestError) {
        self.init(
            name: try value.string("name"), bytes: try value.int("bytes"),
            records: try value.int("records"))
    }
}

/// Members that must be there.
extension JSONValue {
    fileprivate func member(_ key: JSONKey, _ kind: Kind) throws(ManifestError) -> JSONValue {
        guard let value = self[key], value.kind == kind else {
            throw ManifestError(reason: "no \(kind) '\(key.name)'", isMissing: false)
        }
        return value
    }

    fileprivate func string(_ key: JSONKey) throws(ManifestError) -> String {
        try member(key, .string).string ?? ""
    }

    fileprivate func int(_ key: JSONKey) throws(ManifestError) -> Int {
        try member(key, .integer).int ?? 0
    }

    fileprivate func array<Element>(
        _ key: JSONKey, _ element: (JSONValue) throws(ManifestError) -> Element
    ) throws(ManifestError) -> [Element] {
        var elements: [Element] = []
        for value in try member(key, .array).elements { elements.append(try element(value)) }
        return elements
    }
}
