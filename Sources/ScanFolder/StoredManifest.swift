public import Archive
public import RecordReading
public import Records

/// A scan's `manifest.json`, read back.
public struct StoredManifest: Sendable {
    /// Its name in the folder.
    public static let fileName = "manifest.json"

    /// What was given in place of domains; nil for a scan.
    public let targets: TargetKind?
    /// The version of the records' schema.
    public let schemaVersion: Int
    /// The program's version.
    public let version: String
    /// `running`, `complete`, `stopped` or `failed`.
    public let state: String
    /// When the scan began, RFC 3339.
    public let startedAt: String
    /// When it ended.
    public let endedAt: String?
    /// The lists, as far as they were read.
    public let lists: [FileIdentity]
    /// The preload list.
    public let preload: FileIdentity?
    /// How many entries the lists gave.
    public let entries: Int
    /// How many entries were chosen to be scanned; nil for all.
    public let selected: Int?
    /// Which shard of the lists was scanned; nil for all of them.
    public let shard: ListShard?
    /// How many lines were left out because their name had come before.
    public let duplicates: Int
    /// What a reader of the records should know of how they came about.
    public let cautions: [String]
    /// Whether AD bits counted.
    public let trustsAD: Bool
    /// The records that rest on answers which proved false; nil where there are none.
    public let distrusted: Distrusted?
    /// The files with domain records.
    public let domainFiles: [CommittedFile]
    /// The files with host records.
    public let hostFiles: [CommittedFile]
    /// The files with policy records.
    public let policyFiles: [CommittedFile]
    /// The counts: key of the record, then word, `null` for none; `records` holds `domains`,
    /// `hosts` and `policies`.
    public let totals: [String: [String: Int]]

    /// Whether it carries a checksum, as those of earlier versions do not.
    public let isChecksummed: Bool
    /// What to say of it where it is not as it was written.
    let alteration: String?
    /// The whole text.
    public let text: [UInt8]

    /// Which records are distrusted, and how their domains are scanned again.
    public struct Distrusted: Sendable {
        /// Pairs of the first and the last of the records' indexes in a row.
        public let indexRanges: [[Int]]
        /// The options of the scan, the text of a JSON object.
        public let options: String

        fileprivate init(_ value: JSONValue) throws(StoredFileError) {
            options = try value.string(ManifestKey.storedOptions)
            indexRanges = try value.array(ManifestKey.indexRanges) {
                (range) throws(StoredFileError) in
                let ends = range.elements.compactMap(\.int)
                guard ends.count == 2, ends[0] <= ends[1] else {
                    throw .damaged("has a wrong '\(ManifestKey.indexRanges.name)'")
                }
                return ends
            }
        }
    }

    /// Whether the scan has come to its end.
    public var isComplete: Bool { state == ScanState.complete.rawValue }

    /// The files with records of a kind.
    public func files(_ kind: RecordKind) -> [CommittedFile] {
        switch kind {
        case .domain: domainFiles
        case .host: hostFiles
        case .policy: policyFiles
        }
    }

    /// Reads a folder's manifest.
    init(directory: String) throws(StoredFileError) {
        try self.init(
            text: try StoredFileError.read("\(directory)/\(Self.fileName)", limit: 1 << 28))
    }

    /// Reads the text of a manifest.
    init(text: [UInt8]) throws(StoredFileError) {
        do {
            self = try JSONParser().withValue(of: text) { try StoredManifest($0, text) }
        } catch let error as StoredFileError {
            throw error
        } catch {
            throw .damaged("is not JSON: \(error)")
        }
    }

    private init(_ value: JSONValue, _ text: [UInt8]) throws(StoredFileError) {
        let isChecksummed = value["sha256"] != nil
        var alteration = ChecksumLine.alteration(of: text, isRequired: isChecksummed)
        // Another version may have other members.
        if let version = value[ManifestKey.schemaVersion]?.int, let words = otherVersion(version) {
            throw .version(alteration.map { "\(words); but it \($0)" } ?? words)
        }
        self.isChecksummed = isChecksummed
        self.text = text
        targets = try value[ManifestKey.command].map { (word) throws(StoredFileError) in
            guard let targets = word.string.flatMap(TargetKind.init) else {
                throw .damaged("has a wrong '\(ManifestKey.command.name)'")
            }
            return targets
        }
        version = try value.string(ManifestKey.version)
        schemaVersion = try value.int(ManifestKey.schemaVersion)
        state = try value.string(ManifestKey.state)
        startedAt = try value.string(ManifestKey.startedAt)
        endedAt = value[ManifestKey.endedAt]?.string
        lists = try value.array(ManifestKey.lists) { (list) throws(StoredFileError) in
            try FileIdentity(list)
        }
        let options = try value.member(ManifestKey.options, .object)
        preload = try options[ManifestKey.preload].flatMap { (list) throws(StoredFileError) in
            list.isNull ? nil : try FileIdentity(list)
        }
        shard = options[ManifestKey.shard]?.string.flatMap { ListShard($0) }
        let statistics = try value.member(ManifestKey.listStatistics, .object)
        entries = try statistics.int(ManifestKey.entries)
        duplicates = try statistics.int(ManifestKey.duplicates)
        selected = value[ManifestKey.selectedEntries]?.int
        cautions = value[ManifestKey.cautions]?.elements.compactMap(\.string) ?? []
        trustsAD = value[ManifestKey.trustsAD]?.bool ?? false
        distrusted = try value[ManifestKey.distrusted].flatMap {
            (records) throws(StoredFileError) in
            records.isNull ? nil : try Distrusted(records)
        }
        domainFiles = try value.array(ManifestKey.domainFiles) { (file) throws(StoredFileError) in
            try CommittedFile(file)
        }
        hostFiles = try value.array(ManifestKey.hostFiles) { (file) throws(StoredFileError) in
            try CommittedFile(file)
        }
        policyFiles =
            value[ManifestKey.policyFiles] == nil
            ? []
            : try value.array(ManifestKey.policyFiles) { (file) throws(StoredFileError) in
                try CommittedFile(file)
            }
        totals = try Self.totals(try value.member(ManifestKey.totals, .object))
        if !isChecksummed, (domainFiles + hostFiles).contains(where: { $0.sha256 != nil }) {
            alteration = "was altered: it has digests of files and no checksum of its own"
        }
        if alteration == nil, state == ScanState.complete.rawValue {
            alteration = Self.inconsistency(domainFiles, hostFiles, totals)
            // An earlier version has not counted policies.
            if alteration == nil, targets == .policies {
                alteration = Self.inconsistency(
                    policyFiles, ManifestKey.policyFiles, .policy, totals)
            }
        }
        self.alteration = alteration
    }

    /// Why the files cannot be those that were written; nil where they can.
    private static func inconsistency(
        _ domainFiles: [CommittedFile], _ hostFiles: [CommittedFile],
        _ totals: [String: [String: Int]]
    ) -> String? {
        inconsistency(domainFiles, ManifestKey.domainFiles, .domain, totals)
            ?? inconsistency(hostFiles, ManifestKey.hostFiles, .host, totals)
    }

    private static func inconsistency(
        _ files: [CommittedFile], _ key: JSONKey, _ kind: RecordKind,
        _ totals: [String: [String: Int]]
    ) -> String? {
        files.inconsistency(kind.rawValue, records: totals["records"]?[kind.rawValue])
            .map { "'\(key.name)' \($0)" }
    }

    private static func totals(
        _ value: JSONValue
    ) throws(StoredFileError) -> [String: [String: Int]] {
        var totals = ["records": ["domains": try value.int("domains")]]
        totals["records"]?["hosts"] = try value.int("hosts")
        totals["records"]?["policies"] = value["policies"]?.int
        for unsafe(key, counts) in unsafe value.object ?? JSONObject.empty(at: value) {
            var words: [String: Int] = [:]
            for unsafe(word, count) in unsafe counts.object ?? JSONObject.empty(at: counts) {
                unsafe words[String(decoding: word, as: UTF8.self)] = count.int
            }
            if !words.isEmpty { unsafe totals[String(decoding: key, as: UTF8.self)] = words }
        }
        return totals
    }
}

extension CommittedFile {
    fileprivate init(_ value: JSONValue) throws(StoredFileError) {
        self.init(
            name: try value.string("name"), bytes: try value.int("bytes"),
            records: try value.int("records"), sha256: value["sha256"]?.string)
    }
}

/// Members that must be there.
extension JSONValue {
    func member(_ key: JSONKey, _ kind: Kind) throws(StoredFileError) -> JSONValue {
        guard let value = self[key], value.kind == kind else {
            throw .damaged("has no \(kind) '\(key.name)'")
        }
        return value
    }

    func string(_ key: JSONKey) throws(StoredFileError) -> String {
        try member(key, .string).string ?? ""
    }

    func int(_ key: JSONKey) throws(StoredFileError) -> Int {
        try member(key, .integer).int ?? 0
    }

    func array<Element>(
        _ key: JSONKey, _ element: (JSONValue) throws(StoredFileError) -> Element
    ) throws(StoredFileError) -> [Element] {
        var elements: [Element] = []
        for value in try member(key, .array).elements { elements.append(try element(value)) }
        return elements
    }
}

extension StoredManifest {
    /// The members of the text, in their order, but for the checksum.
    public func members() throws -> [(key: String, value: JSONDocument)] {
        let document = try JSONParser().withValue(of: text) { JSONDocument($0) }
        guard case .object(let members) = document else { return [] }
        return members.filter { $0.key != ChecksumLine.key }
    }

    /// Puts a manifest into a folder in place of what is there, its checksum as the last member.
    public static func write(
        _ document: JSONDocument, into directory: String
    ) throws(ArchiveError) {
        try write(document, to: "\(directory)/\(fileName)")
    }

    /// Puts a manifest into a file in place of what is there, its checksum as the last member.
    public static func write(_ document: JSONDocument, to path: String) throws(ArchiveError) {
        try AtomicFile.write(path, ChecksumLine.appended(to: document.text))
    }
}

extension JSONDocument {
    /// A value that was read; a manifest has no numbers but integers.
    fileprivate init(_ value: JSONValue) {
        switch value.kind {
        case .null, .unsigned, .double: self = .null
        case .true: self = .boolean(true)
        case .false: self = .boolean(false)
        case .integer: self = .integer(value.int ?? 0)
        case .string: self = .string(value.string ?? "")
        case .array: self = .array(value.elements.map { JSONDocument($0) })
        case .object:
            self = .object(
                unsafe (value.object.map { unsafe Array($0) } ?? []).map {
                    unsafe (String(decoding: $0.key, as: UTF8.self), JSONDocument($0.value))
                })
        }
    }
}

extension CommittedFile {
    /// What the manifest says of a file.
    public var document: JSONDocument {
        .object([
            ("name", .string(name)), ("bytes", .integer(bytes)), ("records", .integer(records)),
            ("sha256", sha256.map { .string($0) } ?? .null),
        ])
    }
}
