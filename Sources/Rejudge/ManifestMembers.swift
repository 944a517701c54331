internal import Archive
internal import RecordReading
internal import Records
internal import ScanFolder

/// The members of a manifest that is written from another one, or for records of several sources.
struct ManifestMembers {
    private var members: [(key: String, value: JSONDocument)]

    /// Those of a manifest, without its checksum.
    init(_ manifest: StoredManifest) throws {
        members = try JSONParser().withValue(of: manifest.text) { value in
            unsafe (value.object.map { unsafe Array($0) } ?? []).map {
                unsafe (key: String(decoding: $0.key, as: UTF8.self), value: JSONDocument($0.value))
            }
        }
        members.removeAll { $0.key == ChecksumLine.key }
    }

    /// Those of records that no single manifest is about.
    init(_ members: [(key: String, value: JSONDocument)]) { self.members = members }

    /// Puts a value in the place of the one of that key, or at the end.
    mutating func set(_ key: String, _ value: JSONDocument) {
        if let place = members.firstIndex(where: { $0.key == key }) {
            members[place].value = value
        } else {
            members.append((key, value))
        }
    }

    /// Sets what every folder written by this program says of its records.
    mutating func setFiles(
        _ domainFiles: [CommittedFile], _ hostFiles: [CommittedFile], _ totals: ScanTotals
    ) {
        set(ManifestKey.version.name, .string(programVersion))
        set(ManifestKey.schemaVersion.name, .integer(schemaVersion))
        set(ManifestKey.domainFiles.name, .array(domainFiles.map(\.document)))
        set(ManifestKey.hostFiles.name, .array(hostFiles.map(\.document)))
        set(ManifestKey.totals.name, totals.document)
    }

    /// Writes them as the manifest of a folder.
    func write(into folder: String) throws(ArchiveError) {
        try StoredManifest.write(.object(members), into: folder)
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
