import FoundationEssentials
internal import ScanFolder

/// The records of a scan whose domains are to be scanned again: which, of which lists, and how.
struct RescanSelection: Sendable {
    /// Pairs of the first and the last of the records' indexes in a row.
    let indexRanges: [[Int]]
    /// The lists as far as they were read.
    let lists: [FileIdentity]
    /// Which shard of the lists that scan was of; nil where it was merged of all.
    let shard: ListShard?
    /// The options of that scan.
    let options: StoredOptions

    /// What the manifest of the scan in `folder` says; an error where it distrusts no record.
    init(of folder: String) throws(ScanError) {
        let manifest: StoredManifest?
        do {
            manifest = try ScanFolder(reading: folder).manifest
        } catch {
            throw ScanError(error)
        }
        guard let manifest, let distrusted = manifest.distrusted else {
            throw .usage(
                "the scan in \(folder) distrusts no record: there is nothing to ask again")
        }
        do {
            options = try JSONDecoder().decode(
                StoredOptions.self, from: Data(distrusted.options.utf8))
        } catch {
            throw .input(
                "\(folder)/\(StoredManifest.fileName) is damaged: distrusted.options: "
                    + decodingWords(error))
        }
        shard = manifest.shard
        indexRanges = distrusted.indexRanges
        lists = manifest.lists
    }
}
