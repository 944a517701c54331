internal import CMaxMindDB
public import DNS
public import Records

/// The files of `--asn-file`: where addresses are, without a packet.
///
/// # The whole story
///
/// A file is a MaxMind DB (`MaxMindFile`, by libmaxminddb) or a table of prefixes or ranges
/// (`PrefixTable`, read by `PrefixTableReader`), plain or compressed. Each is opened once and checked
/// whole before anything is asked of it; a damaged one is refused with its name, the position and
/// what stands there. After that nothing is written to them, so that every thread reads them without
/// a lock: a MaxMind DB through the kernel's page cache (mmap), a table as sorted arrays.
///
/// `NetworkFinder` is what a thread asks. It keeps the last answers, at most `cachedMax` of them.
/// Where several files know an address, the first that has an AS says AS and prefix, and the first
/// that has a country says the country; a name comes from a file that names the same AS.
public final class NetworkFiles: Sendable {
    private let sources: [any NetworkSource]
    /// What each file is, in the order given.
    public let identities: [NetworkFileIdentity]

    /// Opens files and checks them whole.
    public init(_ paths: [String]) throws(NetworkFileError) {
        var sources: [any NetworkSource] = []
        for path in paths { sources.append(try Self.open(path)) }
        self.sources = sources
        identities = sources.map(\.identity)
    }

    private static func open(_ path: String) throws(NetworkFileError) -> any NetworkSource {
        let content = try FileContent(path)
        return content.isMaxMindDB
            ? try MaxMindFile(path, content) : try PrefixTableReader.table(path, content)
    }

    /// What the files say of an address.
    func network(of address: IPAddress) -> AddressNetwork {
        var network = AddressNetwork(address: address)
        for source in sources {
            guard let found = source.find(address) else { continue }
            if network.systems.isEmpty, !found.systems.isEmpty {
                network.systems = found.systems
                network.prefix = found.prefix(of: address)
            }
            if network.name == nil, network.systems.first == found.systems.first {
                network.name = found.name
            }
            network.country = network.country ?? found.country
            network.prefix = network.prefix ?? found.prefix(of: address)
        }
        return network
    }

    /// Name and version of the library, such as `libmaxminddb/1.7.1`.
    public static var libraryVersion: String {
        unsafe "libmaxminddb/" + String(cString: MMDB_lib_version())
    }
}

/// Asks the files for one thread.
public struct NetworkFinder: Sendable {
    /// The most answers that are kept.
    static let cachedMax = 8192

    private let files: NetworkFiles
    private var cached: [IPAddress: AddressNetwork] = [:]

    /// A finder that has asked nothing yet.
    public init(_ files: NetworkFiles) { self.files = files }

    /// What the files say of addresses, in the same order.
    public mutating func networks(of addresses: [IPAddress]) -> [AddressNetwork] {
        addresses.map { network(of: $0) }
    }

    private mutating func network(of address: IPAddress) -> AddressNetwork {
        if let known = cached[address] { return known }
        if cached.count >= Self.cachedMax { cached.removeAll(keepingCapacity: true) }
        let found = files.network(of: address)
        cached[address] = found
        return found
    }
}

/// A file that knows where addresses are.
protocol NetworkSource: Sendable {
    var identity: NetworkFileIdentity { get }
    /// What it says of an address; nil where it says nothing.
    func find(_ address: IPAddress) -> NetworkFacts?
}

/// What a file says of the longest prefix of an address.
struct NetworkFacts: Hashable, Sendable {
    var systems: [UInt32] = []
    var name: String?
    var country: String?
    /// The length of the prefix.
    var length = 0

    /// The prefix that an address is in.
    func prefix(of address: IPAddress) -> String {
        "\(address.masked(to: length))/\(length)"
    }
}

extension IPAddress {
    /// The address with zeros after its first bits.
    func masked(to length: Int) -> IPAddress {
        switch self {
        case .v4(let value): .v4(length == 0 ? 0 : value & (.max << UInt32(32 - length)))
        case .v6(let high, let low):
            .v6(
                high: length == 0 ? 0 : high & (.max << UInt64(max(0, 64 - length))),
                low: length <= 64 ? 0 : low & (.max << UInt64(128 - length)))
        }
    }
}

/// A file as the manifest names it.
public struct NetworkFileIdentity: Hashable, Sendable {
    /// Where the date of a file comes from.
    public enum DateSource: String, Sendable {
        /// The file says when it was built.
        case build = "build_epoch"
        /// The file system says when it was written.
        case modification = "modification_time"
    }

    /// Its base name.
    public var name: String
    /// What it is, such as `MMDB GeoLite2-ASN` or `table of prefixes`.
    public var kind: String
    /// When it was made, seconds since 1970.
    public var date: Int64
    /// What says so.
    public var dateSource: DateSource
    /// Its size as stored.
    public var bytes: Int
    /// SHA-256 of the file as stored, lower-case hex.
    public var sha256: String
    /// How many prefixes or ranges a table has, and how many nodes a MaxMind DB.
    public var entries: Int
    /// The keys that are read of a MaxMind DB; empty for a table.
    public var keys: [String] = []

    /// What the manifest says of it.
    public var document: JSONDocument {
        .object([
            ("name", .string(name)), ("kind", .string(kind)),
            ("date", .string(Timestamp(epochSeconds: date).text)),
            ("date_source", .string(dateSource.rawValue)), ("bytes", .integer(bytes)),
            ("sha256", .string(sha256)), ("entries", .integer(entries)),
            ("keys", .array(keys.map { .string($0) })),
        ])
    }
}

/// Why a file of `--asn-file` cannot be used; the message names the file.
public enum NetworkFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It is not there, or cannot be read.
    case missing(String)
    /// It is damaged, or nothing that is understood.
    case refused(String)

    /// The message.
    public var description: String {
        switch self {
        case .missing(let text), .refused(let text): text
        }
    }
}
