public import Changes
internal import PublicSuffix
internal import RecordReading
public import ScanFolder

/// What has changed between two scans.
///
/// Memory grows with the domains that have an MTA-STS record in one of the two, with those that
/// have changed, and, by some 30 octets each, with those that have DANE, TLSRPT or a bad
/// certificate without a record; not with the length of the lists, and whatever the order of the
/// records. A third reading finds the earlier state of those that have a record, or differ, in the
/// later scan alone.
public struct ScanComparison: Sendable {
    /// The earlier scan.
    public let old: ComparedScan
    /// The later scan.
    public let new: ComparedScan
    /// The domains that have changed, by name.
    public let changes: [ChangeRecord]
    /// What a reader of the result should know besides.
    public let cautions: [String]

    /// Compares two scans, each in a folder or in those of its shards; damaged ones are refused
    /// unless what is there is wanted.
    public init(
        old: [String], new: [String], partial: Bool = false
    ) throws(ComparisonError) {
        guard let suffixes = PublicSuffixList() else { throw .noPublicSuffixList }
        do throws(FolderError) {
            try self.init(
                ComparedFolder(old, partial: partial), ComparedFolder(new, partial: partial),
                StateReader(suffixes))
        } catch {
            throw .folder(error)
        }
    }

    private init(
        _ old: ComparedFolder, _ new: ComparedFolder, _ reader: StateReader
    ) throws(FolderError) {
        var (before, after) = (old, new)
        let first = StateStore()
        let earlierPass = try before.read(StatePass()) { $0.addEarlier($1, reader, to: first) }
        let known = first.all
        let earlier = EarlierStates(states: known, codes: earlierPass.codes)
        let second = StateStore()
        let later = try after.read(StatePass(knowing: known.count)) {
            $0.addLater($1, reader, than: earlier, to: second)
        }
        let seen = second.all
        let beforeAdoption = try before.states(
            of: Set(seen.keys.filter { known[$0] == nil }), reader)
        var changes: [ChangeRecord] = []
        for (domain, listed) in seen {
            let earlier = known[domain] ?? beforeAdoption[domain]
            let state = earlier?.state
            // What a scan has no record of it may have had.
            guard state != nil || before.isWhole else { continue }
            guard
                let record = ChangeRecord(
                    of: domain, from: state, to: listed.state,
                    columns: listed.columns ?? earlier?.columns)
            else { continue }
            changes.append(record)
        }
        for (domain, listed) in known where after.isWhole && !later.met[listed.ordinal] {
            guard
                let record = ChangeRecord(
                    of: domain, from: listed.state, to: nil, columns: listed.columns)
            else { continue }
            changes.append(record)
        }
        self.changes = changes.sorted { $0.domain < $1.domain }
        self.old = before.compared(earlierPass)
        self.new = after.compared(later)
        cautions = before.cautions + after.cautions + Self.cautions(before, after)
    }

    private static func cautions(_ old: ComparedFolder, _ new: ComparedFolder) -> [String] {
        guard old.listDigests != new.listDigests else { return [] }
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
    /// A folder holds no scan, or cannot be read.
    case folder(FolderError)
    /// libpsl has no list.
    case noPublicSuffixList

    /// What is wrong, as text.
    public var description: String {
        switch self {
        case .folder(let error): error.description
        case .noPublicSuffixList: "libpsl has no Public Suffix List"
        }
    }
}
