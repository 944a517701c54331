internal import Archive
internal import RecordReading

/// Makes one folder of all shards of a scan: their files linked or copied, nothing decoded.
public struct ShardMerge: Sendable {
    /// Where the folder is.
    public let output: String
    /// How many shards there were.
    public let shards: Int
    /// How many domain records.
    public let domains: Int
    /// How many host records: a host may have one of each shard.
    public let hosts: Int
    /// How many files.
    public let files: Int
    /// How many of them had to be copied.
    public private(set) var copied = 0

    /// Merges the scans in some folders into a new folder; leaves none behind where something
    /// fails.
    ///
    /// `fixedOptions` are the keys, with dots, of options that must be the same in all. The bytes
    /// of all files are compared with their digests first.
    public init(
        _ paths: [String], into output: String, fixedOptions: [String]
    ) throws(FolderError) {
        let set = try ShardSet(paths, requiresAll: true, fixedOptions: fixedOptions)
        for member in set.shards {
            for kind in RecordKind.allCases { _ = try member.folder.check(kind, partial: false) }
        }
        let all = RecordKind.allCases.flatMap { set.files($0) }
        self.output = output
        shards = set.count
        domains = set.files(.domain).reduce(0) { $0 + $1.file.records }
        hosts = set.files(.host).reduce(0) { $0 + $1.file.records }
        files = all.count
        var copied = 0
        _ = try OutputFolder.create(output) { (folder) throws(FolderError) in
            do throws(ArchiveError) {
                for (path, file) in all {
                    if try !linkOrCopy(path, to: "\(folder)/\(file.name)") { copied += 1 }
                }
                try StoredManifest.write(set.manifest(output: output), into: folder)
            } catch {
                throw .unwritable("\(error)")
            }
        }
        self.copied = copied
    }
}
