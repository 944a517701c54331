internal import Archive
internal import ConnectionLimits
internal import DNS
internal import DomainList
internal import MXProbe
internal import PolicyFetch
internal import Probe
internal import Resolver

/// A scan's options as the checkpoint keeps them.
struct StoredOptions: Codable, Sendable {
    /// The names of the lists.
    var lists: [String]
    /// Where they lie; scans of earlier versions have kept the names alone.
    var listPaths: [String]?
    var indexRanges: [[Int]]?
    var unique: Bool
    var senders: Int
    var threads: Int
    var shuffleWindow: Int
    var limits: DestinationLimits
    var shareAfter: Int
    var shareSampleEvery: Int
    var dnsRate: DNSRate
    var probesAllAddresses: Bool
    var seed: UInt64
    var nameServers: [String]
    var trustsAD: Bool
    var allowsSpecialUseAddresses: Bool
    var probeScope: String
    var trustFile: String?
    var trustSHA256: String
    var preloadName: String?
    var preloadSHA256: String?
    var previousFolder: String?
    var previousSHA256: String?
    /// Whether the earlier scan was damaged and read as far as it goes.
    var previousIsPartial: Bool?
    var refetchShare: Double
    var contact: String?
    var blocklistFile: String?
    var families: String
    var localAddresses: [String]
    var mxHostLimit: Int
    var checkpointMilliseconds: Int
    var rotateBytes: Int
    var outageMilliseconds: Int
    var retryDelays: [Int]
    var deferredLimit: Int
    var hostCacheLimit: Int
    var dnsTimeoutMilliseconds: Int
    var dnsTries: Int
    var dnsInFlight: Int
    var trustsAnswers: Bool?
    var httpsPort: Int
    var policyTimeoutMilliseconds: Int
    var fetchesInFlight: Int
    var smtpPort: UInt16
    var ehloName: String
    var connectTimeoutMilliseconds: Int
    var replyTimeoutMilliseconds: Int
    var probesInFlight: Int

    init(_ options: ScanOptions, trustSHA256: String) {
        lists = options.lists.map(\.name)
        listPaths = options.lists.map(\.path)
        indexRanges = options.indexRanges
        unique = options.unique
        senders = options.senders
        threads = options.threads
        shuffleWindow = options.shuffleWindow
        limits = options.limits
        shareAfter = options.shareAfter
        shareSampleEvery = options.shareSampleEvery
        dnsRate = options.dnsRate
        probesAllAddresses = options.probe.probesAllAddresses
        seed = options.seed
        nameServers = options.nameServers.map(\.description)
        trustsAD = options.trustsAD
        allowsSpecialUseAddresses = options.allowsSpecialUseAddresses
        probeScope = options.probeScope.rawValue
        trustFile = options.trustFile.map(absolutePath)
        self.trustSHA256 = trustSHA256
        preloadName = options.preload.map { absolutePath($0.name) }
        preloadSHA256 = options.preload?.sha256
        previousFolder = options.previous.map { absolutePath($0.folder) }
        previousSHA256 = options.previous?.manifestSHA256
        previousIsPartial = options.previous?.isPartial
        refetchShare = options.refetchShare
        contact = options.contact
        blocklistFile = options.blocklistFile.map(absolutePath)
        families = options.families.rawValue
        localAddresses = options.localAddresses.map(\.description)
        mxHostLimit = options.mxHostLimit
        checkpointMilliseconds = options.checkpointMilliseconds
        rotateBytes = options.rotateBytes
        outageMilliseconds = options.outageMilliseconds
        retryDelays = options.retryDelays
        deferredLimit = options.deferredLimit
        hostCacheLimit = options.hostCacheLimit
        dnsTimeoutMilliseconds = options.resolver.timeoutMilliseconds
        dnsTries = options.resolver.tries
        dnsInFlight = options.resolver.inFlightLimit
        trustsAnswers = options.resolver.trustsAnswers
        httpsPort = options.fetch.port
        policyTimeoutMilliseconds = options.fetch.timeoutMilliseconds
        fetchesInFlight = options.fetch.inFlightLimit
        smtpPort = options.probe.port
        ehloName = options.probe.ehloName
        connectTimeoutMilliseconds = options.probe.connectTimeoutMilliseconds
        replyTimeoutMilliseconds = options.probe.replyTimeoutMilliseconds
        probesInFlight = options.probe.inFlightLimit
    }

    /// The lists; a path that is not absolute is one of the working directory.
    private var locations: [ListLocation] {
        let paths = listPaths?.count == lists.count ? listPaths ?? lists : lists
        return zip(lists, paths).map { ListLocation(name: $0, path: absolutePath($1)) }
    }

    /// The options, with what is of this process alone taken from `now`.
    func options(output: String, now: ScanOptions) -> ScanOptions {
        var options = now
        options.output = output
        options.lists = locations
        options.indexRanges = indexRanges
        options.unique = unique
        options.senders = senders
        options.threads = threads
        options.shuffleWindow = shuffleWindow
        options.limits = limits
        options.shareAfter = shareAfter
        options.shareSampleEvery = shareSampleEvery
        options.dnsRate = dnsRate
        options.probe.probesAllAddresses = probesAllAddresses
        options.seed = seed
        options.nameServers = nameServers.compactMap { NameServer($0) }
        options.trustsAD = trustsAD
        options.allowsSpecialUseAddresses = allowsSpecialUseAddresses
        options.probeScope = ProbeScope(rawValue: probeScope) ?? .all
        options.trustFile = trustFile
        options.refetchShare = refetchShare
        options.contact = contact
        options.blocklistFile = blocklistFile
        options.families = AddressFamilies(rawValue: families) ?? .any
        options.localAddresses = localAddresses.compactMap { IPAddress($0) }
        options.mxHostLimit = mxHostLimit
        options.checkpointMilliseconds = checkpointMilliseconds
        options.rotateBytes = rotateBytes
        options.outageMilliseconds = outageMilliseconds
        options.retryDelays = retryDelays
        options.deferredLimit = deferredLimit
        options.hostCacheLimit = hostCacheLimit
        options.resolver.timeoutMilliseconds = dnsTimeoutMilliseconds
        options.resolver.tries = dnsTries
        options.resolver.inFlightLimit = dnsInFlight
        options.resolver.trustsAnswers = trustsAnswers ?? false
        options.fetch.port = httpsPort
        options.fetch.timeoutMilliseconds = policyTimeoutMilliseconds
        options.fetch.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        options.fetch.inFlightLimit = fetchesInFlight
        options.probe.port = smtpPort
        options.probe.ehloName = ehloName
        options.probe.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        options.probe.replyTimeoutMilliseconds = replyTimeoutMilliseconds
        options.probe.inFlightLimit = probesInFlight
        return options
    }

    /// The earlier scan that this one goes by, read again; one that is not the same is refused.
    func previous(given: PreviousScan?) throws(ScanError) -> PreviousScan? {
        guard let previousFolder else {
            guard let given else { return nil }
            throw .usage("this scan goes by no earlier one, so \(given.folder) cannot be taken up")
        }
        let previous: PreviousScan
        if let given {
            previous = given
        } else {
            previous = try PreviousScan(
                folder: previousFolder, partial: previousIsPartial ?? false)
        }
        guard previous.manifestSHA256 == previousSHA256 else {
            throw .usage(
                "the manifest of \(previous.folder) is \(previous.manifestSHA256), that of the "
                    + "earlier scan that this one goes by was \(previousSHA256 ?? "")")
        }
        return previous
    }

    /// The preload list of the scan, read again; one that is not the same is refused.
    func preload(given: PreloadFile?) throws(ScanError) -> PreloadFile? {
        guard let preloadName else {
            guard let given else { return nil }
            throw .usage("this scan has no preload list, so \(given.name) cannot be taken up")
        }
        var file = given
        if file == nil {
            let octets: [UInt8]
            do throws(ArchiveError) {
                octets = try readWhole(preloadName, limit: 1 << 28)
            } catch {
                throw .missingInput("the preload list: \(error): give its new path with --preload")
            }
            file = try PreloadFile(name: preloadName, octets: octets)
        }
        guard file?.sha256 == preloadSHA256 else {
            throw .usage(
                "the preload list was \(preloadSHA256 ?? "") in this scan and is "
                    + "\(file?.sha256 ?? "") now")
        }
        return file
    }
}
