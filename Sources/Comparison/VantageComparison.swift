internal import Judgement
internal import RecordReading
internal import Records
public import ScanFolder

/// What two vantages have seen of one list: the hosts and the verdicts that differ, and how often.
///
/// Hosts are matched by name, domains by their index in the list. Memory grows with the hosts of
/// both (some 300 bytes each), with a byte for each domain, and with the domains whose verdict
/// differs.
public struct VantageComparison: Sendable {
    /// The keys of host records that are compared, in their order.
    public static let keys = [
        "address_status", "status", "starttls", "tls_version", "certificate_status", "dane_status",
    ]

    /// A value at one vantage and at the other.
    public struct Difference: Hashable, Sendable {
        /// The key of the record.
        public let key: String
        /// The value at the first vantage; nil for null.
        public let first: String?
        /// The value at the second.
        public let second: String?
    }

    /// A domain whose verdict differs.
    public struct Domain: Sendable {
        /// Its name; nil for an entry that names none.
        public let name: String?
        /// Its index in the list.
        public let index: Int
        /// The verdicts; nil where nothing was judged.
        public let verdicts: (first: String?, second: String?)
    }

    /// The folders as given.
    public let folders: (first: String, second: String)
    /// Domains that both have a record of.
    public let domains: Int
    /// Domains that one alone has a record of.
    public let domainsOfOne: (first: Int, second: Int)
    /// Those of both whose verdict differs, in the order of the list.
    public let differing: [Domain]
    /// Hosts that both have a record of.
    public let hosts: Int
    /// Hosts that one alone has a record of.
    public let hostsOfOne: (first: Int, second: Int)
    /// Hosts of both that differ in some key.
    public let hostsDiffering: Int
    /// How many hosts differ so, the most frequent first within each key.
    public let differences: [(difference: Difference, hosts: Int)]
    /// What a reader of the result should know besides.
    public let cautions: [String]

    /// Compares two folders; damaged ones are refused unless what is there is wanted.
    ///
    /// Each of the two is a folder, or those of the shards of a scan.
    public init(
        _ first: [String], _ second: [String], partial: Bool = false
    ) throws(FolderError) {
        let one = try Vantage(first, partial: partial)
        let other = try Vantage(second, partial: partial)
        folders = (one.folder.path, other.folder.path)
        var counts: [Difference: Int] = [:]
        var (common, differing) = (0, 0)
        for (name, values) in one.hosts {
            guard let others = other.hosts[name]?.values else { continue }
            common += 1
            guard values.values != others else { continue }
            differing += 1
            for (key, (a, b)) in zip(Self.keys, zip(values.values, others)) where a != b {
                counts[Difference(key: key, first: a, second: b), default: 0] += 1
            }
        }
        hosts = common
        hostsDiffering = differing
        hostsOfOne = (one.hosts.count - common, other.hosts.count - common)
        differences = counts.map { ($0.key, $0.value) }.sorted { a, b in
            let (place, otherPlace) = (Self.place(of: a.0), Self.place(of: b.0))
            return (place, b.1, a.0.text) < (otherPlace, a.1, b.0.text)
        }
        let pass = try other.domainsDiffering(from: one)
        domains = pass.common
        domainsOfOne = (one.domainCount - pass.common, other.domainCount - pass.common)
        self.differing = pass.domains.sorted { $0.index < $1.index }
        cautions =
            one.cautions + other.cautions
            + (one.listDigests == other.listDigests
                ? [] : ["the two have read different lists: domains are matched by their index"])
    }

    private static func place(of difference: Difference) -> Int {
        keys.firstIndex(of: difference.key) ?? keys.count
    }
}

extension VantageComparison.Difference {
    fileprivate var text: String { "\(first ?? "none") \(second ?? "none")" }
}

/// What one of the two has.
private struct Vantage {
    /// The compared values of a host, and when they were seen.
    struct Host: Sendable {
        let observedAt: String
        let values: [String?]
    }

    let folder: ScanFolder
    private let isPartial: Bool
    let hosts: [String: Host]
    /// The verdict of each domain by its index: its place in `Verdict.allCases` and 2, 1 for none;
    /// 0 where there is no record.
    private let verdicts: [UInt8]
    let domainCount: Int

    init(_ paths: [String], partial: Bool) throws(FolderError) {
        folder = try ScanFolder(reading: paths, partial: partial)
        isPartial = partial
        let hosts = try folder.read(.host, partial: partial, into: { [String: Host]() }) {
            known, record in
            var members = record.object
            guard let name = members["host"]?.string else { return }
            let host = Host(&members)
            if let before = known[name], before.observedAt > host.observedAt { return }
            known[name] = host
        }
        self.hosts = hosts.reading.merged { one, other in
            one.merge(other) { $0.observedAt > $1.observedAt ? $0 : $1 }
        }
        let places = try folder.read(.domain, partial: partial, into: { [(Int, UInt8)]() }) {
            $0.append((Self.index(of: $1), Self.code(of: $1)))
        }
        var verdicts: [UInt8] = []
        var count = 0
        for state in places.reading.states {
            for (index, code) in state where index >= 0 && index < Self.indexEnd {
                if index >= verdicts.count {
                    verdicts += Array(repeating: 0, count: index + 1 - verdicts.count)
                }
                count += verdicts[index] == 0 ? 1 : 0
                verdicts[index] = code
            }
        }
        self.verdicts = verdicts
        domainCount = count
    }

    /// Beyond any list.
    private static let indexEnd = 1 << 32

    private static func index(of record: StoredRecord) -> Int { record.value["index"]?.int ?? -1 }

    private static func code(of record: StoredRecord) -> UInt8 {
        let word = record.value["verdict"]?.string
        let place = word.flatMap { word in
            Verdict.allCases.firstIndex { $0.rawValue == word }
        }
        return place.map { UInt8($0 + 2) } ?? 1
    }

    private static func word(_ code: UInt8) -> String? {
        code < 2 ? nil : Verdict.allCases[Int(code) - 2].rawValue
    }

    /// The domains that both have.
    struct Pass: Sendable {
        var common = 0
        var domains: [VantageComparison.Domain] = []
    }

    /// Reads the domains again for those whose verdict is another than that of `other`.
    func domainsDiffering(from other: Vantage) throws(FolderError) -> Pass {
        let before = other.verdicts
        let result = try folder.read(.domain, partial: isPartial, into: { Pass() }) {
            pass, record in
            let (index, code) = (Self.index(of: record), Self.code(of: record))
            guard before.indices.contains(index), before[index] != 0 else { return }
            pass.common += 1
            guard before[index] != code else { return }
            pass.domains.append(
                VantageComparison.Domain(
                    name: record.value["domain"]?.string, index: index,
                    verdicts: (Self.word(before[index]), Self.word(code))))
        }
        return result.reading.merged {
            $0.common += $1.common
            $0.domains += $1.domains
        }
    }

    var listDigests: [String] { folder.manifest?.lists.map(\.sha256) ?? [] }

    var cautions: [String] { folder.cautions() }
}

extension Vantage.Host {
    init(_ members: inout JSONObject) {
        // In the order of the keys of a record.
        let status = members["status"].text
        let address = members["address_status"].text
        let dane = members["dane_status"].text
        let starttls = members["starttls"].text
        let version = members["tls_version"].text
        let certificate = members["certificate_status"].text
        observedAt = members["observed_at"]?.string ?? ""
        values = [address, status, starttls, version, certificate, dane]
    }
}

extension JSONValue? {
    /// The value of a status as text; nil for null.
    fileprivate var text: String? {
        switch self?.kind {
        case .true: "true"
        case .false: "false"
        default: self?.string
        }
    }
}
