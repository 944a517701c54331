internal import CCurl
public import ConnectionLimits
public import DNS
public import EventLoop
public import Observations
public import TLS

/// How policies are fetched.
public struct PolicyFetchOptions: Sendable {
    /// The port of policy hosts; other than 443 only in a lab.
    public var port = 443
    /// All in all, in milliseconds: RFC 8461 §3.3 suggests a minute.
    public var timeoutMilliseconds = 60_000
    /// Until TCP is established with one address, in milliseconds.
    public var connectTimeoutMilliseconds = 10_000
    /// For the TLS handshake after that, in milliseconds.
    public var handshakeTimeoutMilliseconds = 30_000
    /// How many fetches may be in progress at once at the most.
    public var inFlightLimit = 1000
    /// The User-Agent header.
    public var userAgent = "stsurvey"

    /// The defaults.
    public init() {}
}

/// Fetches policies over libcurl's multi interface, from the tasks of one loop.
public final class PolicyFetcher {
    private let options: PolicyFetchOptions
    private let verifier: ChainVerifier
    private let sources: SourceAddresses
    private let loop: EventLoop
    private let multi: Multi
    private let limits: LimiterHandle
    private var idle: [Transfer] = []
    /// How many fetches are in progress.
    public private(set) var inFlight = 0

    /// A fetcher that trusts `trust`, and whose connections come from `sources` and begin within
    /// `limits`.
    public init(
        _ options: PolicyFetchOptions, trust: TrustStore, from sources: SourceAddresses,
        limits: LimiterHandle, loop: EventLoop
    ) {
        self.sources = sources
        self.options = options
        verifier = ChainVerifier(.policyHost, trust: trust)
        self.loop = loop
        multi = Multi(loop: loop)
        self.limits = limits
    }

    /// Prepares libcurl; to be called once, before there are threads.
    public static func prepareLibrary() {
        TLSLibrary.prepare()
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    }

    /// libcurl's version and those of the libraries that fetches use.
    ///
    /// Not `curl_version`: to get OpenLDAP's version it makes OpenLDAP look up this machine's name.
    public static var libraryVersion: String {
        guard let info = unsafe ccurl_versions()?.pointee else { return "libcurl" }
        let libraries = unsafe [
            ("libcurl/", info.version), ("", info.ssl_version), ("zlib/", info.libz_version),
            ("brotli/", info.brotli_version), ("zstd/", info.zstd_version),
            ("libidn2/", info.libidn), ("nghttp2/", info.nghttp2_version),
        ]
        return unsafe libraries.compactMap { name, version in
            guard let version = unsafe version.map({ unsafe String(cString: $0) }) else {
                return nil
            }
            // From 8 on some versions begin with the name.
            return version.hasPrefix(name) ? version : name + version
        }
        .joined(separator: " ")
    }

    /// Fetches the policy from `url` at the policy host, connecting to `addresses` only, at the
    /// port of the options; as not contacted where it would have to wait too long to begin.
    public func observe(
        _ host: DomainName, url: String, lookups: AddressLookup, at addresses: [IPAddress]
    ) async -> PolicyObservation {
        let destination = Destination(https: addresses, host: host, loop: limits.loop)
        let limiter = limits.limiter
        var unmade = PolicyObservation(host: host, addresses: lookups, status: .notContacted)
        for tries in 1...LocalShortage.triesMax {
            switch await limiter.acquire(destination) {
            case .admitted: break
            case .known(let failure):
                return .notTried(
                    host, lookups, PolicyFetchStatus(rawValue: failure.status) ?? .notContacted,
                    failure.text, shared: true)
            case .overdue: return .overdue(host, lookups)
            }
            switch await fetch(host, url: url, lookups: lookups, at: addresses) {
            case .success(let seen):
                await limiter.release(destination, seen.connectionEnd)
                return seen
            case .failure(let shortage):
                unmade.error = shortage.text
                await limiter.releaseUnmade(destination, holding: .slot)
            }
            let pause = LocalShortage.pauseMilliseconds(after: tries)
            await loop.sleep(until: loop.now.advanced(milliseconds: pause))
        }
        return unmade
    }

    /// Begins to wait for a policy host at these addresses; see `ConnectionLimiter.join`.
    public func join(
        _ host: DomainName, at addresses: [IPAddress], mustWait: Bool
    ) async -> WaitResult {
        let destination = Destination(https: addresses, host: host, loop: limits.loop)
        return await limits.limiter.join(destination, mustWait: mustWait)
    }

    /// Waits for it no more.
    public func part(_ host: DomainName, at addresses: [IPAddress]) async {
        await limits.limiter.part(Destination(https: addresses, host: host, loop: limits.loop))
    }

    /// The policy; a failure where this machine had no room for a connection, which is no fact
    /// about the host.
    private func fetch(
        _ host: DomainName, url: String, lookups: AddressLookup, at addresses: [IPAddress]
    ) async -> Result<PolicyObservation, LocalShortage> {
        inFlight += 1
        defer { inFlight -= 1 }
        let transfer = idle.popLast() ?? Transfer(options, verifier, from: sources)
        defer { idle.append(transfer) }
        let start = loop.now
        let end = start.advanced(milliseconds: options.timeoutMilliseconds)
        var seen = PolicyObservation(host: host, addresses: lookups, status: .tcpTimeout)
        for addresses in pairs(addresses) where loop.now < end {
            let request = Transfer.Request(
                host: host, url: url, port: options.port, addresses: addresses, end: end)
            let result = await carryOut(request, by: transfer)
            if let shortage = shortage(of: transfer, result) { return .failure(shortage) }
            seen = observation(of: transfer, result, host, lookups)
            if result == CURLE_BAD_CONTENT_ENCODING, loop.now < end {
                await fetchCoded(request, by: transfer, into: &seen)
            }
            guard seen.status.isOfTCP else { break }
        }
        seen.durationMS = loop.now.milliseconds(since: start)
        return .success(seen)
    }

    /// Carries out one request: TCP has its own limit of time, and libcurl knows the others.
    private func carryOut(_ request: Transfer.Request, by transfer: Transfer) async -> CURLcode {
        let now = loop.now
        // libcurl begins with the second family a little later.
        let limit =
            options.connectTimeoutMilliseconds
            + (request.addresses.count > 1 ? Transfer.secondFamilyMilliseconds : 0)
        let deadline = loop.schedule(at: now.advanced(milliseconds: limit)) { [multi] in
            if !transfer.isConnected { multi.end(transfer, as: CURLE_OPERATION_TIMEDOUT) }
        }
        defer { loop.cancel(deadline) }
        return await unsafe withUnsafeContinuation { continuation in
            transfer.prepare(request, at: now) { unsafe continuation.resume(returning: $0) }
            multi.add(transfer)
        }
    }

    /// Fetches a body again whose coding libcurl could not undo, to have it as it is sent.
    ///
    /// To senders that do not look at the coding, it may be a policy.
    private func fetchCoded(
        _ request: Transfer.Request, by transfer: Transfer, into seen: inout PolicyObservation
    ) async {
        var request = request
        request.undoesCodings = false
        let result = await carryOut(request, by: transfer)
        let coded = observation(of: transfer, result, seen.host, AddressLookup?.none)
        guard coded.status == .ok, coded.httpStatus == seen.httpStatus else { return }
        seen.body = coded.body
        seen.isBodyCoded = true
    }

    private func observation(
        of transfer: Transfer, _ result: CURLcode, _ host: DomainName, _ lookups: AddressLookup?
    ) -> PolicyObservation {
        let status = fetchStatus(of: transfer, result)
        var seen = PolicyObservation(host: host, addresses: lookups, status: status)
        let code = unsafe ccurl_get_long(transfer.easy, CURLINFO_RESPONSE_CODE)
        seen.httpStatus = code == 0 ? nil : code
        seen.address = unsafe ccurl_get_string(transfer.easy, CURLINFO_PRIMARY_IP)
            .flatMap { unsafe IPAddress(String(cString: $0)) }
        seen.contentType = transfer.contentType
        seen.contentEncoding = transfer.contentEncoding
        seen.location = transfer.location
        seen.body = code == 0 ? nil : transfer.body
        if let tls = transfer.handshake?.observation, tls.version != nil || tls.alert != nil {
            seen.tls = tls
        }
        // Of a certificate, libcurl knows only that it was refused.
        let isOwn =
            transfer.handshake?.isOverLimit == true || transfer.handshake?.failure == .certificate
        if result != CURLE_OK {
            seen.error =
                isOwn ? transfer.handshake?.error : transfer.fault ?? transfer.errorText
            if status == .tcpTimeout, seen.error == nil { seen.error = "no connection in time" }
        }
        return seen
    }
}

extension PolicyObservation {
    /// A policy that was not fetched, since the wait to begin was too long.
    public static func overdue(_ host: DomainName, _ lookups: AddressLookup) -> PolicyObservation {
        .notTried(host, lookups, .notContacted, "its turn at the address did not come in time")
    }

    fileprivate static func notTried(
        _ host: DomainName, _ lookups: AddressLookup, _ status: PolicyFetchStatus, _ error: String,
        shared: Bool = false
    ) -> PolicyObservation {
        var seen = PolicyObservation(host: host, addresses: lookups, status: status)
        seen.error = error
        seen.isShared = shared
        return seen
    }

    /// What the end of the fetch says of the destination.
    fileprivate var connectionEnd: ConnectionEnd {
        switch status {
        case .tcpTimeout, .tcpUnreachable:
            .failed(ConnectionFailure(status.rawValue, .connect))
        case .tcpRefused: .pushedBack(ConnectionFailure(status.rawValue, .connect))
        case .tcpReset: .pushedBack(ConnectionFailure(status.rawValue, .pushback))
        case .tlsTimeout, .httpTimeout: .failed(ConnectionFailure(status.rawValue, .afterName))
        // RFC 6585 §4, RFC 9110 §15.6.4: too many requests, and no service for now.
        default: httpStatus == 429 || httpStatus == 503 ? .pushedBack(nil) : .good
        }
    }
}

/// The addresses, one of each family at a time, in their order.
///
/// libcurl tries two families at once (RFC 8305 §5). Several addresses of one family would share
/// its one limit of time for connections; each is tried on its own.
private func pairs(_ addresses: [IPAddress]) -> [[IPAddress]] {
    let families = [addresses.filter(\.isV4), addresses.filter { !$0.isV4 }]
    let count = families.map(\.count).max() ?? 0
    return (0..<count).map { place in families.flatMap { $0.dropFirst(place).prefix(1) } }
}

extension PolicyFetchStatus {
    /// Whether TCP was not established, so that another address may do.
    fileprivate var isOfTCP: Bool {
        self == .tcpRefused || self == .tcpTimeout || self == .tcpReset || self == .tcpUnreachable
    }
}
