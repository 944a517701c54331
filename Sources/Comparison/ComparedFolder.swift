internal import RecordReading
internal import ScanFolder

/// The folder of a scan, or those of its shards, to be read more than once.
struct ComparedFolder {
    let folder: ScanFolder
    private let manifest: StoredManifest
    private let isPartial: Bool
    /// The damage found in a folder that is read in spite of it.
    private var damages: [Damage] = []
    private let hostDamages: [Damage]

    init(_ paths: [String], partial: Bool) throws(FolderError) {
        folder = try ScanFolder(reading: paths, partial: partial)
        guard let manifest = folder.manifest else {
            throw .damaged("\(folder.damages[0].text): without it nothing can be compared")
        }
        self.manifest = manifest
        isPartial = partial
        hostDamages = try folder.check(.host, partial: partial)
    }

    /// Passes all domain records to `body`, on all cores.
    mutating func read(
        _ pass: StatePass, _ body: @escaping @Sendable (inout StatePass, StoredRecord) -> Void
    ) throws(FolderError) -> StatePass {
        let result = try folder.read(.domain, partial: isPartial, into: { pass }, body)
        damages = result.damages
        return result.reading.merged { $0.merge($1) }
    }

    /// The states of some domains, whatever they have; those not in the scan are not in the answer.
    mutating func states(
        of domains: Set<String>, _ reader: StateReader
    ) throws(FolderError) -> [String: ListedState] {
        let store = StateStore()
        if !domains.isEmpty {
            _ = try read(StatePass()) { $0.addAgain($1, reader, of: domains, to: store) }
        }
        return store.all
    }

    /// Whether every entry of the lists has its record here.
    var isWhole: Bool {
        // A shard, or some of them, have a part of the entries.
        folder.isComplete && manifest.selected == nil && folder.damages.isEmpty && damages.isEmpty
    }

    var listDigests: [String] { manifest.lists.map(\.sha256) }

    func compared(_ pass: StatePass) -> ComparedScan {
        ComparedScan(
            folder: folder.path, startedAt: manifest.startedAt, domains: pass.domains,
            records: pass.records, unknown: pass.unknown)
    }

    var cautions: [String] {
        let cautions = folder.cautions(found: hostDamages + damages)
        guard !isWhole else { return cautions }
        return cautions + ["what \(folder.path) has no record of is not compared"]
    }
}
