public import DNS
internal import Judgement
public import Observations
internal import RecordReading
internal import Records
internal import ScanFolder
internal import TLS

/// What an earlier scan knows of the domains that had a record: what senders that fetched then
/// would still have in their caches.
///
/// Kept in memory for the whole scan, some hundred bytes for each such domain; domains without a
/// record need none.
public struct PreviousScan: Sendable {
    /// The folder as given.
    public let folder: String
    /// SHA-256 of its manifest, lower-case hex.
    public let manifestSHA256: String
    private let tasks: [String: PriorState]

    /// What is to be known of what was read, a line each: where the scan was not read whole.
    public let cautions: [String]

    /// Reads the domain records of a scan that does not run; a damaged folder is refused unless
    /// what is there is wanted.
    public init(folder path: String, partial: Bool = false) throws(ScanError) {
        folder = path
        do throws(FolderError) {
            let folder = try ScanFolder(reading: path, partial: partial)
            guard let manifest = folder.manifest else {
                throw .damaged("\(folder.damages[0].text): without it no scan can go by this one")
            }
            guard folder.isComplete || !OutputFolder.isInUse(path) else {
                throw .refused("the scan in \(path) runs still: wait until it has ended")
            }
            manifestSHA256 = unsafe manifest.text.withUnsafeBytes { unsafe SHA256Digest.of($0) }
            let store = PriorStateStore()
            let reader = PriorStateReader()
            let result = try folder.read(.domain, partial: partial, into: { SharedHosts() }) {
                hosts, record in
                if let (domain, place, progress) = reader.progress(record, &hosts) {
                    store.keep(progress, of: domain, at: place)
                }
            }
            let hosts = try folder.check(.host, partial: partial)
            cautions = folder.cautions(found: hosts + result.damages)
            tasks = store.tasks
        } catch {
            throw ScanError(error).prefixed("--previous")
        }
    }

    /// What the scan knows of a domain.
    public subscript(domain: DomainName) -> PriorState? { tasks[domain.text] }

    /// Domains with a record.
    public var recordCount: Int { tasks.count }

    /// Domains with a policy that senders could still have.
    public var policyCount: Int { tasks.values.reduce(0) { $1.policy == nil ? $0 : $0 + 1 } }
}

extension ScanOptions {
    /// The earlier scan, for the manifest.
    var previousDocument: JSONDocument {
        guard let previous else { return .null }
        return .object([
            ("folder", .string(previous.folder)),
            ("manifest_sha256", .string(previous.manifestSHA256)),
            ("cautions", .array(previous.cautions.map { .string($0) })),
            ("records", .integer(previous.recordCount)),
            ("policies", .integer(previous.policyCount)),
            ("refetch_share", .string("\(refetchShare)")),
        ])
    }
}
