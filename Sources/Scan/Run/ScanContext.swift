internal import Blocklist
internal import DNS
internal import DomainList
internal import EventLoop
internal import Glibc
internal import MXProbe
internal import PublicSuffix
internal import Resolver
internal import TLS

/// What all loops of a scan share and do not change.
struct ScanContext: Sendable {
    let trust: TrustStore
    let contacts: TargetRules
    /// How each name server did in the health check at the start.
    let checks: [ServerCheck]
    /// Whether the resolvers set AD bits; nil where none answered the question for the root.
    let setsAD: Bool?
    /// Whether AD bits count: the resolver is trusted, and the health check showed that it sets
    /// them.
    let trustsAD: Bool
    /// Which names belong to one registrant; nil where the machine has no list.
    let suffixes = PublicSuffixList()
    /// What is excluded when the scan starts.
    let blocklistFile: BlocklistFile?
    /// What DNS says of the addresses that the scan goes out from.
    let identities: [SourceIdentity]

    var blocklist: Blocklist { blocklistFile?.list ?? Blocklist() }

    /// `found` are questions that name servers have found records for before the scan was resumed.
    static func prepare(
        _ options: ScanOptions, sampling lists: [OpenedList] = [], found: [Question] = []
    ) throws(ScanError) -> ScanContext {
        var blocklistFile: BlocklistFile?
        if let name = options.blocklistFile { blocklistFile = try BlocklistFile(name) }
        let trust: TrustStore
        do {
            trust = try TrustStore(file: options.trustFile)
        } catch {
            guard unsafe access(error.file, R_OK) == 0 else {
                throw .missingInput(
                    unsafe "cannot open the certificates \(error.file): "
                        + String(cString: strerror(errno))
                )
            }
            throw .usage("\(error)")
        }
        try options.checkLocalAddresses()
        let checks = try ServerSelfTest.checks(
            options, sampling: lists, found: found,
            without: blocklistFile?.list ?? Blocklist())
        let flags = checks.compactMap(\.setsAD)
        let setsAD = flags.isEmpty ? nil : flags.allSatisfy(\.self)
        let routes = [true, false].map { options.route(isV4: $0) }
        let isTrusted = options.trustsAD || options.nameServers.allSatisfy(\.isLoopback)
        let identities: [SourceIdentity]
        do throws(SystemShortage) {
            identities = try IdentityCheck.run(options, routes.compactMap { $0?.source })
        } catch {
            throw .system("\(error)")
        }
        return ScanContext(
            trust: trust,
            contacts: TargetRules(
                allowsSpecialUse: options.allowsSpecialUseAddresses, families: options.families,
                hasIPv4: routes[0] != nil, hasIPv6: routes[1] != nil),
            checks: checks, setsAD: setsAD, trustsAD: isTrusted && setsAD == true,
            blocklistFile: blocklistFile,
            identities: identities)
    }

    /// Warnings for the user at the start of a scan.
    func warnings(_ options: ScanOptions) -> [String] {
        var warnings: [String] = []
        // There are other operators on a real network only.
        if !options.allowsSpecialUseAddresses { warnings += identityWarnings(options) }
        warnings += ServerSelfTest.warnings(options.nameServers, checks)
        if !trustsAD {
            let reason = setsAD == true ? "it is not on loopback (see --trust-ad)" : "none is set"
            warnings.append(
                "DANE will be 'unknown': the resolver's AD bits do not count, \(reason)")
        }
        return warnings
    }
}

/// The queues between the loops and the blocking threads, and the board of their status.
struct ScanChannels: Sendable {
    let entries = BoundedQueue<[NumberedEntry]>(capacity: 16)
    let records = BoundedQueue<RecordBatch>(capacity: 32)
    let board: StatusBoard
    let distrusted: DistrustedRecords
}
