internal import Archive
internal import PublicSuffix
internal import RecordReading
public import Survey

/// What has changed between two scans.
///
/// Memory grows with the domains that have an MTA-STS record in one of the two, whatever the
/// length of the lists and the order of the records: of the others it is enough to know that they
/// are there, which a third reading tells for those in question.
public struct ScanComparison: Sendable {
    /// The earlier scan.
    public let old: ComparedScan
    /// The later scan.
    public let new: ComparedScan
    /// The domains that have changed, by name.
    public let changes: [ChangeRecord]
    /// What could not be read, in words.
    public let problems: [String]
    /// What a reader of the result should know besides.
    public let cautions: [String]

    /// Compares the scans of two folders.
    public init(old: String, new: String) throws(ComparisonError) {
        guard let suffixes = PublicSuffixList() else { throw .noPublicSuffixList }
        let (before, after) = (try ScanFolder(old), try ScanFolder(new))
        let reader = StateReader(suffixes)
        let first = StateStore()
        let earlier = before.read(StatePass()) { $0.addEarlier($1, reader, to: first) }
        let known = first.all
        let second = StateStore()
        let later = after.read(StatePass(knowing: known.count)) {
            $0.addLater($1, reader, than: known, to: second)
        }
        let seen = second.all
        let beforeAdoption = before.states(of: Set(seen.keys.filter { known[$0] == nil }), reader)
        var changes = seen.compactMap { domain, sighting in
            ChangeRecord(
                of: domain, from: (known[domain] ?? beforeAdoption[domain])?.state,
                to: sighting.state)
        }
        for (domain, sighting) in known where !later.pass.met[sighting.ordinal] {
            guard let record = ChangeRecord(of: domain, from: sighting.state, to: nil) else {
                continue
            }
            changes.append(record)
        }
        self.changes = changes.sorted { $0.domain < $1.domain }
        self.old = before.compared(earlier.pass)
        self.new = after.compared(later.pass)
        problems = earlier.problems + later.problems
        cautions = before.cautions + after.cautions + Self.cautions(before, after)
    }

    private static func cautions(_ old: ScanFolder, _ new: ScanFolder) -> [String] {
        let digests = { (folder: ScanFolder) in folder.manifest.lists.map(\.sha256) }
        guard digests(old) != digests(new) else { return [] }
        return ["the two scans have read different lists"]
    }
}

/// One of two scans that are compared.
public struct ComparedScan: Sendable, Encodable {
    /// The folder as given.
    public let folder: String
    /// When the scan began, RFC 3339.
    public let startedAt: String
    /// Records of domains.
    public let domains: Int
    /// Domains with an MTA-STS record.
    public let records: Int
    /// Domains of which it is not known if they have one.
    public let unknown: Int
}

/// Why two scans cannot be compared.
public enum ComparisonError: Error, Sendable, CustomStringConvertible {
    /// The folder holds no scan.
    case noScan(String)
    /// The folder cannot be read.
    case unreadable(String)
    /// libpsl has no list.
    case noPublicSuffixList

    /// What is wrong, in words.
    public var description: String {
        switch self {
        case .noScan(let reason), .unreadable(let reason): reason
        case .noPublicSuffixList: "libpsl has no Public Suffix List"
        }
    }
}
