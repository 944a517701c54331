internal import Archive
public import DNS
internal import RecordReading
public import Survey
internal import TLS

/// What an earlier scan knows of the domains that had a record: all of it that senders which asked
/// then would still have.
///
/// Kept in memory for the whole scan, some hundred bytes for each such domain; domains without a
/// record take none.
public struct PreviousScan: Sendable {
    /// The folder as given.
    public let folder: String
    /// SHA-256 of its manifest, lower-case hex.
    public let manifestSHA256: String
    private let sights: [String: PreviousSight]

    /// Reads the domain records of a scan that has ended.
    public init(folder: String) throws(ScanError) {
        self.folder = folder
        manifestSHA256 = try Self.manifestDigest(folder)
        let store = SightStore()
        let reader = SightReader()
        let reading = try Self.files(folder).read(into: { SharedHosts() }) { hosts, record in
            if let (domain, place, sight) = reader.sight(record, &hosts) {
                store.keep(sight, of: domain, at: place)
            }
        }
        guard reading.faults.count == 0 else {
            throw .usage(
                "\(folder) cannot be read whole: 'stsurvey verify \(folder)' tells what is wrong")
        }
        sights = store.sights
    }

    /// What the scan knows of a domain.
    public subscript(domain: DomainName) -> PreviousSight? { sights[domain.text] }

    /// Domains with a record.
    public var recordCount: Int { sights.count }

    /// Domains with a policy that senders could still have.
    public var policyCount: Int { sights.values.reduce(0) { $1.policy == nil ? $0 : $0 + 1 } }

    private static func manifestDigest(_ folder: String) throws(ScanError) -> String {
        let path = "\(folder)/manifest.json"
        let state: String
        do throws(ManifestError) {
            state = try StoredManifest(directory: folder).state
        } catch {
            let message = "the earlier scan (--previous): \(error)"
            throw error.isMissing ? .missingInput(message) : .input(message)
        }
        guard state != ScanState.running.rawValue else {
            throw .usage("--previous: the scan in \(folder) has not ended")
        }
        guard let octets = readBytes(path, limit: 1 << 28) else {
            throw .usage("\(path) cannot be read")
        }
        return octets.withUnsafeBytes { SHA256Digest.of($0) }
    }

    private static func files(_ folder: String) throws(ScanError) -> RecordFiles {
        do throws(ArchiveError) {
            return try RecordFiles(directory: folder, kind: .domain)
        } catch {
            throw .usage("--previous: \(error)")
        }
    }
}

/// Which policies are spared the fetch.
struct CarryOver: Sendable {
    let previous: PreviousScan
    /// Which of them are fetched all the same.
    let sample: RefetchSample

    /// What senders would have of a domain's policy; nil where it is to be fetched.
    func policy(
        of domain: DomainName, _ record: Lookup, on policyHost: DomainName, at now: Int64
    ) -> PolicyObservation? {
        guard let sight = previous[domain], !sample.includes(domain) else { return nil }
        return sight.carriedOver(to: record, of: policyHost, at: now)
    }
}
