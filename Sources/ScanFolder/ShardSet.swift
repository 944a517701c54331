internal import Archive
internal import RecordReading
internal import Records
internal import TLS

/// Shards of one scan in their order, which together are read as one folder.
///
/// # The whole story
///
/// **What belongs together.** Each folder is whole and complete, and its manifest names its shard.
/// What a record depends on is the same in all: version, lists with their digests and layouts,
/// trust store, TLS, files of networks, and the options that `fixedOptions` names. The observations
/// of hosts have numbers that no other shard has (`ListShard.globalNumber`), and indexes are those
/// of the whole lists, so that nothing in a record changes.
///
/// **The manifest.** Its members are merged one by one: files follow each other under new names,
/// totals and selected entries are added, remarks are put together, and what is the same in all
/// stays. What differs is null, and stands in the member `shards` with the shard that it is of.
public struct ShardSet: Sendable {
    /// A shard's folder, and what it says of itself.
    struct Member: Sendable {
        let folder: ScanFolder
        let manifest: StoredManifest
        let shard: ListShard
        let members: [(key: String, value: JSONDocument)]

        subscript(key: String) -> JSONDocument {
            members.first { $0.key == key }?.value ?? .null
        }
    }

    /// Their order is that of the shards.
    let shards: [Member]
    /// How many shards there are in all.
    let count: Int

    /// The members of a manifest that must be the same in all.
    private static let sameMembers = [
        ManifestKey.version.name, ManifestKey.schemaVersion.name, ManifestKey.lists.name,
        "list_layouts", ManifestKey.listStatistics.name, ManifestKey.trustsAD.name, "trust_store",
        "tls", ManifestKey.networkFiles.name,
    ]

    /// The shards in some folders, in any order; `fixedOptions` are the keys, with dots, of options
    /// that must be the same.
    ///
    /// Folders that are no shards of one scan are refused, and so is a set that is not whole where
    /// all are required.
    init(
        _ paths: [String], requiresAll: Bool, partial: Bool = false, fixedOptions: [String] = []
    ) throws(FolderError) {
        var found: [Member] = []
        for path in paths { found.append(try Self.member(path, partial: partial)) }
        guard let first = found.first else { throw .refused("no folder is named") }
        for other in found.dropFirst() { try Self.compare(other, with: first, fixedOptions) }
        shards = found.sorted { $0.shard.index < $1.shard.index }
        count = first.shard.count
        for (one, other) in zip(shards, shards.dropFirst())
        where one.shard == other.shard {
            throw .refused(
                "\(one.folder.path) and \(other.folder.path) are both shard \(one.shard): name "
                    + "each shard once")
        }
        if requiresAll, let words = missingWords {
            throw .refused("\(words): name the folders of all \(count) shards")
        }
    }

    private static func member(_ path: String, partial: Bool) throws(FolderError) -> Member {
        let folder = try ScanFolder(reading: path, partial: partial)
        guard let manifest = folder.manifest, folder.isComplete else {
            throw .refused(
                "\(path) is not finished: go on with it by \(folder.wayOn)")
        }
        guard let shard = manifest.shard else {
            throw .refused(
                "\(path) holds no shard of a scan: its scan had no --shard, so it has nothing to "
                    + "stand beside")
        }
        guard let members = try? manifest.members() else {
            throw .damaged("\(path)/\(StoredManifest.fileName) cannot be read again")
        }
        return Member(folder: folder, manifest: manifest, shard: shard, members: members)
    }

    private static func compare(
        _ other: Member, with first: Member, _ fixedOptions: [String]
    ) throws(FolderError) {
        guard other.shard.count == first.shard.count else {
            throw .refused(
                "\(other.folder.path) is shard \(other.shard), and \(first.folder.path) is shard "
                    + "\(first.shard): name shards of one scan")
        }
        let options = fixedOptions.map { "\(ManifestKey.options.name).\($0)" }
        for path in sameMembers + options {
            let values = [first, other].map { JSONDocument.object($0.members).value(at: path).line }
            guard values[0] != values[1] else { continue }
            throw .refused(
                "\(other.folder.path) differs from \(first.folder.path) in '\(path)': "
                    + "\(values[1].shortened), not \(values[0].shortened); its records would not "
                    + "be like the others: scan that shard again")
        }
    }

    /// Which shards are missing; nil where none is.
    var missingWords: String? {
        let there = Set(shards.map(\.shard.index))
        let missing = (0..<count).filter { !there.contains($0) }
        guard !missing.isEmpty else { return nil }
        let shown = missing.prefix(10).map { "\($0)/\(count)" }.joined(separator: ", ")
        let more = missing.count > 10 ? " and \(missing.count - 10) more" : ""
        return missing.count == 1
            ? "shard \(shown) is missing" : "shards \(shown)\(more) are missing"
    }

    /// The files of a kind, in order: where each lies, and as the merged folder names it.
    func files(_ kind: RecordKind) -> [(path: String, file: CommittedFile)] {
        let all = shards.flatMap { member in
            member.folder.files(kind).map { (path: member.folder.location(of: $0), file: $0) }
        }
        return all.enumerated().map { number, item in
            let name = archiveName(stem: kind.rawValue, number: number)
            let file = item.file
            return (
                item.path,
                CommittedFile(
                    name: name, bytes: file.bytes, records: file.records, sha256: file.sha256)
            )
        }
    }

    /// What reports call them.
    var path: String {
        let paths = shards.map(\.folder.path)
        guard paths.count > 3 else { return paths.joined(separator: ", ") }
        return "\(paths[0]) and \(paths.count - 1) other shards"
    }
}

// MARK: - The manifest

extension ShardSet {
    /// The manifest of all, in a folder of this name.
    func manifest(output: String?) -> JSONDocument {
        var members = shards[0].members.map { key, _ in
            (key: key, value: merged(key, shards.map { $0[key] }, output))
        }
        members.append(("shards", .array(shards.map(description))))
        return .object(members)
    }

    private func merged(
        _ key: String, _ values: [JSONDocument], _ output: String?
    ) -> JSONDocument {
        switch key {
        case ManifestKey.startedAt.name: values.min { $0.line < $1.line } ?? .null
        case ManifestKey.endedAt.name: values.max { $0.line < $1.line } ?? .null
        case ManifestKey.selectedEntries.name: missingWords == nil ? .null : .sum(of: values)
        case "problems", ManifestKey.cautions.name, "blocklists", "name_servers",
            "name_server_reports":
            .union(of: values)
        case ManifestKey.distrusted.name: distrusted(values)
        case "shared_handshakes": sharing(values)
        case ManifestKey.options.name: options(values, output)
        case ManifestKey.domainFiles.name: .array(files(.domain).map(\.file.document))
        case ManifestKey.hostFiles.name: .array(files(.host).map(\.file.document))
        case ManifestKey.totals.name: .sum(of: values)
        default: .common(of: values)
        }
    }

    private func options(_ values: [JSONDocument], _ output: String?) -> JSONDocument {
        guard case .object(var members) = JSONDocument.common(of: values) else { return .null }
        for place in members.indices {
            switch members[place].key {
            case "output": members[place].value = output.map { .string($0) } ?? .null
            case ManifestKey.shard.name: members[place].value = .null
            default: break
            }
        }
        return .object(members)
    }

    /// The counts added, the settings as far as they are the same.
    private func sharing(_ values: [JSONDocument]) -> JSONDocument {
        .merging(values) { key, values in
            switch key {
            case "after", "sample_every": .common(of: values)
            case "disagreements": .union(of: values)
            default: .sum(of: values)
            }
        }
    }

    /// The indexes of all; the options with which they are scanned again are alike in all but the
    /// shard, which a scan takes from the manifest.
    private func distrusted(_ values: [JSONDocument]) -> JSONDocument {
        let there = values.filter { !$0.isNull }
        guard let first = there.first else { return .null }
        return .merging(there) { key, values in
            switch key {
            case "records": .sum(of: values)
            case ManifestKey.storedOptions.name: first.value(at: key)
            default: .union(of: values)
            }
        }
    }

    /// What the merged manifest says of one shard: where it was, and what is its own.
    private func description(of member: Member) -> JSONDocument {
        var own: [(key: String, value: JSONDocument)] = []
        for (key, value) in member.members where !Self.told.contains(key) {
            own += value.differences(from: .common(of: shards.map { $0[key] }), at: key)
        }
        return .object([
            ("shard", .string(member.shard.description)),
            ("folder", .string(member.folder.path)),
            ("manifest_sha256", .string(SHA256Digest.of(member.manifest.text))),
            ("started_at", member[ManifestKey.startedAt.name]),
            ("ended_at", member[ManifestKey.endedAt.name]),
            ("domains", .integer(member.manifest.totals["records"]?["domains"] ?? 0)),
            ("hosts", .integer(member.manifest.totals["records"]?["hosts"] ?? 0)),
            ("differs", .object(own)),
        ])
    }

    /// Members of which the merged manifest has all that a shard's has.
    private static let told: Set = [
        ManifestKey.startedAt.name, ManifestKey.endedAt.name, ManifestKey.selectedEntries.name,
        "problems", ManifestKey.cautions.name, "blocklists", "name_servers", "name_server_reports",
        ManifestKey.distrusted.name, "shared_handshakes", ManifestKey.domainFiles.name,
        ManifestKey.hostFiles.name, ManifestKey.totals.name,
    ]
}

extension SHA256Digest {
    fileprivate static func of(_ text: [UInt8]) -> String {
        unsafe text.withUnsafeBytes { unsafe SHA256Digest.of($0) }
    }
}

extension String {
    /// The text as far as a message has room for it.
    fileprivate var shortened: String { count > 200 ? prefix(200) + "…" : self }
}

// MARK: - Merging values

extension JSONDocument {
    fileprivate var isNull: Bool { if case .null = self { true } else { false } }

    /// The value at a key whose dots lead into objects; null where there is none.
    fileprivate func value(at path: String) -> JSONDocument {
        path.split(separator: ".").reduce(self) { value, key in
            guard case .object(let members) = value else { return .null }
            return members.first { $0.key == key }?.value ?? .null
        }
    }

    /// Objects merged key by key, in the order of the first.
    fileprivate static func merging(
        _ values: [JSONDocument], _ merge: (String, [JSONDocument]) -> JSONDocument
    ) -> JSONDocument {
        guard case .object(let members) = values.first else { return .null }
        return .object(
            members.map { key, _ in (key, merge(key, values.map { $0.value(at: key) })) })
    }

    /// What all values have in common: an object with null where they differ, or null.
    fileprivate static func common(of values: [JSONDocument]) -> JSONDocument {
        guard let first = values.first else { return .null }
        let line = first.line
        if values.allSatisfy({ $0.line == line }) { return first }
        guard values.allSatisfy({ if case .object = $0 { true } else { false } }) else {
            return .null
        }
        return .merging(values) { _, values in .common(of: values) }
    }

    /// Numbers added, in objects key by key.
    fileprivate static func sum(of values: [JSONDocument]) -> JSONDocument {
        switch values.first {
        case .integer:
            .integer(
                values.reduce(0) { sum, value in
                    if case .integer(let number) = value { sum + number } else { sum }
                })
        case .object: .merging(values) { _, values in .sum(of: values) }
        default: .null
        }
    }

    /// The elements of arrays, equal ones once.
    fileprivate static func union(of values: [JSONDocument]) -> JSONDocument {
        var seen: Set<String> = []
        var elements: [JSONDocument] = []
        for case .array(let array) in values {
            elements += array.filter { seen.insert($0.line).inserted }
        }
        return .array(elements)
    }

    /// The values that stand here and not in another document, by their paths.
    fileprivate func differences(
        from other: JSONDocument, at path: String
    ) -> [(key: String, value: JSONDocument)] {
        guard case .object(let members) = self, case .object = other else {
            return line == other.line ? [] : [(path, self)]
        }
        return members.flatMap { key, value in
            value.differences(from: other.value(at: key), at: "\(path).\(key)")
        }
    }
}
