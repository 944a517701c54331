public import ConnectionLimits
internal import Console
public import DNS
public import DomainList
internal import Judgement
public import Logging
public import MXProbe
public import Networks
internal import Observations
public import PolicyFetch
public import Preload
public import Probe
public import Resolver
public import ScanFolder

/// The families of addresses that are contacted.
public enum AddressFamilies: String, Sendable, CaseIterable {
    /// Both, as far as there is a route.
    case any
    case ipv4
    case ipv6
}

/// How many questions a second are sent; 0 for any number.
public struct DNSRate: Sendable {
    /// To each name server.
    public var perServer: Double
    /// To all of them.
    public var inAll: Double
    /// Whether name servers on this machine are limited too.
    public var includesLoopback: Bool

    /// A rate of these parts.
    public init(perServer: Double = 1000, inAll: Double = 0, includesLoopback: Bool = false) {
        self.perServer = perServer
        self.inAll = inAll
        self.includesLoopback = includesLoopback
    }
}

/// Everything that decides how a scan goes.
public struct ScanOptions: Sendable {
    /// The lists, in order.
    public var lists: [ListLocation] = []
    /// What is said of the layout of the lists.
    public var listReading = ListReading()
    /// Whether a list is scanned although many of its lines name no domain.
    public var acceptsInvalid = false
    /// Whether the beginning of each list is checked: of a new scan, unless any list is accepted.
    var checksLists = false
    /// How the lists were laid out when the scan began; empty where that is found now, nil for a
    /// pipe that had brought nothing then.
    var listFormats: [ListFormat?] = []
    /// The folder of the output; `-` is standard output.
    public var output = ""
    /// The file for the manifest of a scan to standard output.
    public var manifestFile: String?
    /// Whether a name is skipped after its first entry.
    public var unique = false
    /// What the place is called that the scan goes out from; nil where it has no name.
    public var vantage: String?
    /// Which of the entries are scanned; nil for all.
    public var shard: ListShard?
    /// How many entries of a list are shuffled at a time; 1 for the order of the list.
    public var shuffleWindow = 65_536
    /// The seed of the random order.
    public var seed = UInt64.random(in: 0..<1 << 48)
    /// The file that gets a line of JSON with the status each second.
    public var statusFile: String?
    /// Where metrics can be read.
    public var metricsAddress: MetricsAddress?
    /// How gentle the scan is with each destination.
    public var limits = DestinationLimits()
    /// How many processes share the limits: each has one such part of them.
    public var limitsShare = 1
    /// After so many direct probes that agree, MX hosts at the same addresses share handshakes; 0
    /// for never.
    public var shareAfter = 3
    /// One in so many hosts that could share is probed as a check.
    public var shareSampleEvery = 100
    /// How many questions name servers are sent in a second.
    public var dnsRate = DNSRate()
    /// How many domains are in progress at once on each loop at the most.
    public var senders = 10_000
    /// How many event loops there are.
    public var threads = 1
    /// The resolvers.
    public var nameServers: [NameServer] = []
    /// Whether the AD bit counts although the path to the resolver is not loopback.
    public var trustsAD = false
    /// Whether special-use addresses (RFC 6890) may be contacted: for labs.
    public var allowsSpecialUseAddresses = false
    /// Which MX hosts are probed.
    public var probeScope = ProbeScope.all
    /// Which policies are fetched.
    public var fetchScope = FetchScope.all
    /// How far MX hosts are observed by a command that is given these alone.
    public var hostExtent = HostExtent.all
    /// A PEM file of the authorities to trust; nil for the system's.
    public var trustFile: String?
    /// The families of addresses that policies and MX hosts are contacted at.
    public var families = AddressFamilies.any
    /// The source addresses of questions and connections, round-robin in each family; without any,
    /// the system chooses.
    public var localAddresses: [IPAddress] = []
    /// A file of domains and addresses not to contact.
    public var blocklistFile: String?
    /// The path of a list of preloaded policies that domains are compared with.
    public var preloadFile: String?
    /// That list, once it is read.
    public private(set) var preload: PreloadFile?
    /// The paths of files that say where addresses are.
    public var networkPaths: [String] = []
    /// Those files, once they are read; nil without any.
    public private(set) var networks: NetworkFiles?
    /// The folder of an earlier scan, whose policies senders would still have.
    public var previousFolder: String?
    /// Whether it is read as far as it goes where it is damaged.
    public var previousIsPartial = false
    /// That scan, once it is read.
    public private(set) var previous: PreviousScan?
    /// The share of such policies that are fetched again as a sample, from 0 to 1.
    public var refetchShare = 0.05
    /// The contact for the scan: a URL or a mail address.
    public var contact: String?
    /// Whether the name for EHLO was chosen, and is not the machine's own.
    var isEHLONameGiven = true
    /// The most MX hosts of one domain that are observed.
    public var mxHostLimit = 64
    /// How often frames end and the state is reported, in milliseconds.
    public var flushMilliseconds = 2000
    /// The folder of a scan to resume; nil to begin one.
    public var resumedFolder: String?
    /// The folder of a scan whose distrusted records are to be scanned again.
    public var rescanFolder: String?
    /// Pairs of the first and the last index of the entries that are scanned; nil for all.
    public var indexRanges: [[Int]]?
    /// What the lists must be; empty for anything.
    var expectedLists: [FileIdentity] = []
    /// How often what is finished is brought to the disk and written down, in milliseconds.
    public var checkpointMilliseconds = 5000
    /// The size at which an output file is followed by another, in bytes.
    public var rotateBytes = 1 << 30
    /// How many MX hosts are kept in memory, about 1.2 KB each; those beyond are probed again when
    /// they are needed again.
    public var hostCacheLimit = 250_000
    /// The delay in milliseconds before each retry of what failed transiently.
    public var retryDelays = [10_000, 60_000]
    /// How many domains of a loop may wait for that.
    public var deferredLimit = 20_000
    /// How long the scan waits while no name server answers, in milliseconds.
    public var outageMilliseconds = 3_600_000
    /// The verdicts with which a complete scan has failed.
    var failingVerdicts: [Verdict] = []
    /// Whether only problems are printed.
    public var isQuiet = false
    /// Where problems are logged.
    public var log = Logger(label: "stsurvey") { _ in StandardErrorLog(level: .notice) }
    /// The least level of the problems that are logged.
    public var logLevel: Logger.Level {
        get { log.logLevel }
        set { log.logLevel = newValue }
    }
    /// The options of name resolution.
    public var resolver = ResolverOptions()
    /// How policies are fetched.
    public var fetch = PolicyFetchOptions()
    /// How MX hosts are probed.
    public var probe = ProbeOptions()

    /// The defaults.
    public init() {}

    /// The defaults of a check of one domain: who waits for the answer can run it again.
    public static var ofCheck: ScanOptions {
        var options = ScanOptions()
        options.retryDelays = []
        return options
    }

    /// Whether the records go to standard output.
    public var isFilter: Bool { output == "-" && resumedFolder == nil }

    /// Reads the files that the options name, the preload list, those that say where addresses are,
    /// and the earlier scan, but for those that others have read.
    public mutating func readFiles(otherThanOf others: ScanOptions? = nil) throws(ScanError) {
        preload = others?.preload
        if preload == nil, let preloadFile {
            do throws(PreloadError) {
                preload = try PreloadFile(preloadFile)
            } catch {
                throw ScanError(error)
            }
        }
        networks = others?.networks
        if networks == nil, !networkPaths.isEmpty {
            do throws(NetworkFileError) {
                networks = try NetworkFiles(networkPaths)
            } catch {
                throw ScanError(error)
            }
        }
        previous = others?.previous
        if previous == nil, let previousFolder {
            previous = try PreviousScan(folder: previousFolder, partial: previousIsPartial)
        }
    }
}
