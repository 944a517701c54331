internal import Archive
internal import RecordReading
internal import Records
internal import ScanFolder

/// The members of a manifest that is written from another one, or for records of several sources.
struct ManifestMembers {
    private var members: [(key: String, value: JSONDocument)]

    /// Those of a manifest, without its checksum.
    init(_ manifest: StoredManifest) throws { members = try manifest.members() }

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
