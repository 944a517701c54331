internal import ConnectionLimits
internal import DNS
import Glibc
internal import InFlight
internal import Logging
internal import MXProbe
internal import PolicyFetch
internal import Records
internal import Resolver
internal import ScanFolder

extension ScanOptions {
    /// Fills in what the machine decides: resolvers, the name for EHLO, the limits that its
    /// descriptors allow.
    ///
    /// A machine whose c-ares measures wrongly is refused.
    mutating func complete() throws(ScanError) {
        if let fault = ResolverLibrary.fault { throw .system(fault) }
        if nameServers.isEmpty { nameServers = try Self.systemNameServers() }
        if probe.ehloName.isEmpty {
            probe.ehloName = Self.hostName()
            isEHLONameGiven = false
        }
        fetch.connectTimeoutMilliseconds = probe.connectTimeoutMilliseconds
        fetch.handshakeTimeoutMilliseconds = probe.replyTimeoutMilliseconds
        // Each loop has its share of the total rate.
        resolver.perSecond = dnsRate.perServer > 0 ? dnsRate.perServer / Double(threads) : nil
        resolver.perSecondInAll = dnsRate.inAll > 0 ? dnsRate.inAll / Double(threads) : nil
        resolver.loops = threads
        resolver.limitsLoopback = dnsRate.includesLoopback
        resolver.sources = [true, false].compactMap { isV4 in
            localAddresses.first { $0.isV4 == isV4 }
        }
        let client = "stsurvey/\(programVersion)"
        fetch.userAgent = contact.map { "\(client) (+\($0))" } ?? client
        fitMemory(MemoryLimit.bytes())
        try fitDescriptors(FileLimit.raise())
    }

    /// Lowers what sessions and fetches may grow to, so that they take no more than a quarter of
    /// the memory; what their windows begin with stays.
    mutating func fitMemory(_ bytes: Int) {
        let first = InFlightWindow.Bounds.connectionsAtFirst
        let most = max(first, bytes / 4 / Self.connectionBytes / threads / 2)
        fetch.inFlightLimit = min(fetch.inFlightLimit, most)
        probe.inFlightLimit = min(probe.inFlightLimit, most)
    }

    /// What a connection takes while TLS is negotiated: OpenSSL's buffers and the peer's chain.
    private static let connectionBytes = 128 << 10

    private static func systemNameServers() throws(ScanError) -> [NameServer] {
        let path = "/etc/resolv.conf"
        guard let text = readFile(path, limit: 1 << 16) else {
            throw .output(
                "no name server is given and \(path) cannot be read: name one with --name-servers")
        }
        let servers = NameServer.fromResolverConfiguration(text)
        guard !servers.isEmpty else {
            throw .output(
                "no name server is given and \(path) names none: name one with --name-servers")
        }
        return servers
    }

    private static func hostName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        unsafe gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The options with the part of each limit that this process has.
    ///
    /// What is kept of a scan has the limits whole, so that a resumed scan does not divide again.
    var sharingLimits: ScanOptions {
        guard limitsShare > 1 else { return self }
        var options = self
        for kind in [\DestinationLimits.address, \.network, \.domain, \.fetchAddress] {
            options.limits[keyPath: kind].atOnce = part(of: limits[keyPath: kind].atOnce)
            options.limits[keyPath: kind].perSecond /= Double(limitsShare)
        }
        options.resolver.perSecond = resolver.perSecond.map { $0 / Double(limitsShare) }
        options.resolver.perSecondInAll = resolver.perSecondInAll.map { $0 / Double(limitsShare) }
        options.resolver.inFlightLimit = part(of: resolver.inFlightLimit)
        options.fetch.inFlightLimit = part(of: fetch.inFlightLimit)
        options.probe.inFlightLimit = part(of: probe.inFlightLimit)
        options.probe.slowSessionLimit = part(of: probe.slowSessionLimit)
        return options
    }

    /// What a part of the limits comes to; nil where they are whole.
    var limitsNotice: String? {
        guard limitsShare > 1 else { return nil }
        let own = sharingLimits.limits.address
        let all = limitsShare * own.atOnce
        let excess =
            all > limits.address.atOnce
            ? "; \(limitsShare) such processes together may have \(all)" : ""
        return """
            --limits-share \(limitsShare): this process has one of \(limitsShare) parts of each \
            limit; at one address \(counted(own.atOnce, "SMTP connection")) at once and \
            \(own.perSecond) begun in a second\(excess)
            """
    }

    /// At least one of a limit; a limit of 0 is none.
    private func part(of limit: Int) -> Int { limit == 0 ? 0 : max(1, limit / limitsShare) }

    /// When handshakes are shared.
    var shareRule: ShareRule { ShareRule(after: shareAfter, sampleEvery: shareSampleEvery) }

    /// How many connections a loop may have.
    var loopLimits: LoopLimits {
        LoopLimits(
            sessions: probe.inFlightLimit, slowSessions: probe.slowSessionLimit,
            fetches: fetch.inFlightLimit, loops: threads,
            waitingHosts: threads * max(1, deferredLimit / 2))
    }

    /// Lowers what may be open at once to what is allowed.
    ///
    /// A fetch can hold two descriptors (happy eyeballs), a probe one; besides there are the loops,
    /// the name servers, the lists and the files that are written. Each gets what its window begins
    /// with; what is left is divided by what each may grow to, the sessions that wait for a slow
    /// peer and those that wait for the answer to QUIT among them.
    mutating func fitDescriptors(_ limit: Int) throws(ScanError) {
        let others = 24 + threads * (4 + (4 + Resolver.connectionsMax) * nameServers.count)
        let room = limit - others
        let first = InFlightWindow.Bounds.connectionsAtFirst
        let begun = (
            fetches: min(fetch.inFlightLimit, first), sessions: min(probe.inFlightLimit, first)
        )
        let wanted = threads * (2 * begun.fetches + begun.sessions)
        guard wanted > room else {
            return divide((room - wanted) / threads, beyond: begun)
        }
        probe.slowSessionLimit = 0
        guard room >= 3 * threads else {
            let loops = threads == 1 ? "an event loop needs" : "\(threads) event loops need"
            throw .system(
                "only \(limit) descriptors are allowed, and \(others + 3 * threads) are the least "
                    + "that \(loops): raise 'ulimit -n', or lower --threads")
        }
        fetch.inFlightLimit = max(1, begun.fetches * room / wanted)
        probe.inFlightLimit = max(1, begun.sessions * room / wanted)
        log.warning(
            """
            only \(limit) descriptors are allowed: \(fetch.inFlightLimit) fetches and \
            \(probe.inFlightLimit) SMTP sessions at once on each loop
            """)
    }

    /// Divides the descriptors of a loop that are left when the windows begin.
    private mutating func divide(_ left: Int, beyond begun: (fetches: Int, sessions: Int)) {
        // As many sessions may wait for the answer to QUIT as may be in progress.
        let room = max(0, left - begun.sessions)
        let (fetches, sessions) = (
            fetch.inFlightLimit - begun.fetches, probe.inFlightLimit - begun.sessions
        )
        let wanted = 2 * fetches + 2 * sessions + probe.slowSessionLimit
        guard wanted > room else { return }
        fetch.inFlightLimit = begun.fetches + fetches * room / wanted
        probe.slowSessionLimit = probe.slowSessionLimit * room / wanted
        probe.inFlightLimit = begun.sessions + sessions * room / wanted
    }
}

/// The bytes of a file of at most `limit` bytes; nil where it cannot be read or is larger.
func readBytes(_ path: String, limit: Int) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= limit {
        let count = unsafe read(descriptor, &chunk, chunk.count)
        if count == 0 { return bytes }
        guard count > 0 else { return nil }
        bytes += chunk[..<count]
    }
    return nil
}

/// The text of a file of at most `limit` bytes; nil where it cannot be read or is larger.
func readFile(_ path: String, limit: Int) -> String? {
    readBytes(path, limit: limit).map { String(decoding: $0, as: UTF8.self) }
}
