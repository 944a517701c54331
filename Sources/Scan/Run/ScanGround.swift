internal import DNS
internal import EventLoop
import Glibc
internal import MXProbe
internal import Resolver
internal import TLS

/// What all loops of a scan stand on and do not change.
struct ScanGround: Sendable {
    let trust: TrustStore
    let context: TLSContext
    let contacts: ContactRule
    /// How each name server stood the control questions.
    let checks: [ServerCheck]
    /// Whether the resolvers set AD bits; nil where none answered the question for the root.
    let setsAD: Bool?
    /// Whether AD bits count: the resolver is trusted, and has shown that it sets them.
    let trustsAD: Bool

    static func prepare(_ options: ScanOptions) throws(ScanError) -> ScanGround {
        let trust: TrustStore
        do {
            trust = try TrustStore(file: options.trustFile)
        } catch {
            throw .usage("\(error)")
        }
        let checks = try ServerSelfTest.checks(options)
        let flags = checks.compactMap(\.setsAD)
        let setsAD = flags.isEmpty ? nil : flags.allSatisfy(\.self)
        let isTrusted = options.trustsAD || options.nameServers.allSatisfy(\.isLoopback)
        return ScanGround(
            trust: trust, context: TLSContext(trust: trust),
            contacts: ContactRule(
                allowsSpecialUse: options.allowsSpecialUseAddresses, hasIPv6: IPv6Route.exists),
            checks: checks, setsAD: setsAD, trustsAD: isTrusted && setsAD == true)
    }

    /// What a person who starts a scan should know before it goes on.
    func warnings(_ options: ScanOptions) -> [String] {
        var warnings: [String] = []
        if options.contact == nil {
            warnings.append(
                "no --contact: say who scans and how to opt out, in User-Agent and by your own page"
            )
        }
        if !options.probe.ehloName.contains(".") {
            warnings.append(
                "EHLO name '\(options.probe.ehloName)' is not fully qualified; see --ehlo-name")
        }
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
    let entries = Handoff<[NumberedEntry]>(capacity: 16)
    let records = Handoff<RecordBatch>(capacity: 64)
    let board: StatusBoard
}

/// Whether this machine has a route to IPv6 addresses.
enum IPv6Route {
    /// Connecting a datagram socket sends nothing; it only looks for a route.
    static var exists: Bool {
        let descriptor = socket(AF_INET6, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // 2001:500:2::c is c.root-servers.net.
        let bytes: [UInt8] = [0x20, 1, 5, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0C]
        guard let address = SocketAddress(bytes: bytes, port: 53) else { return false }
        return address.connects(descriptor)
    }
}
