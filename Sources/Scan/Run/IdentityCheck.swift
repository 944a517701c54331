internal import DNS
internal import EventLoop
internal import MXProbe
internal import Observations
internal import Probe
internal import Records
internal import Resolver

/// Looks up, before a scan begins, the scanner's own names in DNS.
enum IdentityCheck {
    /// What DNS says of the scan's source addresses; nothing is asked in a lab, where no server of
    /// others is contacted.
    static func run(
        _ options: ScanOptions, _ sources: [IPAddress]
    ) throws(SystemShortage) -> [SourceIdentity] {
        guard !options.allowsSpecialUseAddresses, !sources.isEmpty else { return [] }
        let loop = try EventLoop()
        guard
            let resolver = try? Resolver(
                servers: options.nameServers, options: options.resolver, loop: loop)
        else { return [] }
        let lookups = IdentityLookups(loop: loop, resolver: resolver)
        let ehloName = try? DomainName(options.probe.ehloName)
        // For each of two sources its name, the addresses of three names, and those of EHLO's.
        let longest = 10 * options.resolver.timeoutMilliseconds * options.resolver.tries + 1000
        return try loop.answer(within: longest, on: "identity") {
            await lookups.check(sources, ehloName: ehloName)
        } ?? []
    }

    private actor IdentityLookups {
        nonisolated let loop: EventLoop
        private let resolver: Resolver
        nonisolated var unownedExecutor: UnownedSerialExecutor {
            unsafe loop.asUnownedSerialExecutor()
        }

        init(loop: EventLoop, resolver: sending Resolver) {
            self.loop = loop
            self.resolver = resolver
        }

        func check(_ sources: [IPAddress], ehloName: DomainName?) async -> [SourceIdentity] {
            var identities: [SourceIdentity] = []
            for source in sources { identities.append(await identity(of: source, ehloName)) }
            return identities
        }

        private func identity(
            of address: IPAddress, _ ehloName: DomainName?
        ) async -> SourceIdentity {
            guard !address.isSpecialUse else {
                return SourceIdentity(
                    address: address, reverseStatus: .nodata, names: [], ehloAddresses: [])
            }
            let reverse = await resolver.lookup(Question(address.reverseName, .ptr))
            var names: [(DomainName, [IPAddress])] = []
            // One name is the rule; a server can list any number.
            for case .ptr(let name) in reverse.records.prefix(3) {
                names.append((name, await resolver.addresses(of: name).addresses))
            }
            var ehloAddresses: [IPAddress] = []
            if let ehloName {
                ehloAddresses = await resolver.addresses(of: ehloName).addresses
            }
            return SourceIdentity(
                address: address, reverseStatus: reverse.status, names: names,
                ehloAddresses: ehloAddresses)
        }
    }
}

extension Resolver {
    /// Looks up A and AAAA at once.
    fileprivate func addresses(of name: DomainName) async -> AddressLookup {
        AddressLookup(await lookups(.addresses(of: name)))
    }
}
