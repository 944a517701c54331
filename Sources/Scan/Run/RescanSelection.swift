import FoundationEssentials
internal import ScanFolder

/// The records of a scan whose domains are to be scanned again: which, of which lists, and how.
struct RescanSelection: Sendable {
    /// Pairs of the first and the last of the records' indexes in a row.
    let indexRanges: [[Int]]
    /// The lists as far as they were read.
    let lists: [FileIdentity]
    /// The options of that scan.
    let options: StoredOptions

    private struct StoredScan: Decodable {
        struct Distrusted: Decodable {
            var index_ranges: [[Int]]
            var options: String
        }
        var lists: [FileIdentity]
        var distrusted: Distrusted?
    }

    /// What the manifest of the scan in `folder` says; an error where it distrusts no record.
    init(of folder: String) throws(ScanError) {
        let path = "\(folder)/\(StoredManifest.fileName)"
        guard let octets = readBytes(path, limit: 1 << 28) else {
            throw .missingInput(
                "\(path) cannot be read: --ask-again names the folder of a scan")
        }
        let scan: StoredScan
        do {
            scan = try JSONDecoder().decode(StoredScan.self, from: Data(octets))
        } catch {
            throw .input("\(path) is damaged: \(error)")
        }
        guard let distrusted = scan.distrusted else {
            throw .usage(
                "the scan in \(folder) distrusts no record: there is nothing to ask again")
        }
        do {
            options = try JSONDecoder().decode(
                StoredOptions.self, from: Data(distrusted.options.utf8))
        } catch {
            throw .input("\(path) is damaged: distrusted.options: \(error)")
        }
        indexRanges = distrusted.index_ranges
        lists = scan.lists
    }
}
