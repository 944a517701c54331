public import ArgumentParser
import DNS
public import Logging
import MXProbe
import PolicyFetch
import Resolver
public import Scan

/// The options that `scan` and `check` share: whom to ask, who asks, and for labs.
struct NetworkOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Resolvers to ask, separated by commas; those of /etc/resolv.conf by default.",
            valueName: "host[:port],…"))
    var nameServers: String?

    @Flag(help: "Let the AD bit count although the resolver is not on loopback.")
    var trustAd = false

    @Flag(
        help: """
            Go on although health checks say that a resolver's answers are not true: that it \
            denies what others find, or has records for names that do not exist.
            """)
    var trustResolverAnswers = false

    @Option(help: "Seconds one try of a DNS question waits.")
    var dnsTimeout = 4.0

    @Option(help: "Times a DNS question is sent before it counts as unanswered.")
    var retries = 3

    @Option(
        help: ArgumentHelp(
            """
            Seconds after which what failed for a passing reason (SERVFAIL, time-outs, 4xx, a \
            policy host's 5xx …) is asked again, once each (an address that is silent after the \
            first only); or 'none'. A scan's default is 10,60.
            """, valueName: "seconds,…"))
    var retryDelays: String?

    @Option(help: "Seconds a TCP connect may take; in 10 four SYNs are sent.")
    var connectTimeout = 10.0

    @Option(help: "Seconds an SMTP reply or a TLS handshake may take.")
    var replyTimeout = 30.0

    @Option(help: "Seconds the fetch of a policy may take in all (RFC 8461 suggests 60).")
    var policyTimeout = 60.0

    @Option(
        help: ArgumentHelp(
            "The name given in EHLO; it should resolve to your address, and back.",
            valueName: "name"))
    var ehloName: String?

    @Option(
        help: ArgumentHelp(
            "A URL or mail address that says who scans and how to opt out.",
            valueName: "url-or-mail"))
    var contact: String?

    @Option(
        help: ArgumentHelp(
            "Addresses of this machine to ask and connect from, those of a family in turn.",
            valueName: "address,…"))
    var localAddr: String?

    @Option(help: "The addresses that are contacted: any (as far as there is a route), ipv4, ipv6.")
    var family = AddressFamilies.any

    @Option(
        help: ArgumentHelp(
            """
            Domains and addresses to leave alone, one a line: example.org (and all below), \
            .example.org (all below), =example.org (alone), 192.0.2.0/24, 2001:db8::1. Read again \
            on SIGHUP.
            """, valueName: "file"))
    var blocklistFile: String?

    @Option(help: ArgumentHelp("PEM file of the authorities to trust.", valueName: "file"))
    var caFile: String?

    @Option(help: "Port of policy hosts, for labs.")
    var httpsPort: UInt16 = 443

    @Option(help: "Port of MX hosts, for labs.")
    var smtpPort: UInt16 = 25

    @Flag(help: "Contact special-use addresses (RFC 6890) too, for labs.")
    var allowSpecialUseAddresses = false

    @Option(help: "The least level of log lines on standard error.")
    var logLevel = Logger.Level.notice

    func validate() throws {
        for (name, value) in [
            ("--dns-timeout", dnsTimeout), ("--connect-timeout", connectTimeout),
            ("--reply-timeout", replyTimeout), ("--policy-timeout", policyTimeout),
        ] where !(value >= 0.01 && value <= 3600) {
            throw ValidationError("\(name) takes 0.01 to 3600 seconds, not \(value)")
        }
        guard (1...20).contains(retries) else {
            throw ValidationError("--retries takes 1 to 20, not \(retries)")
        }
        _ = try parsedNameServers()
        _ = try parsedLocalAddresses()
        _ = try parsedRetryDelays()
    }

    /// Fills `options` in.
    func apply(to options: inout ScanOptions) throws {
        let level = logLevel
        options.log = Logger(label: "stsurvey") { _ in StandardErrorLog(level: level) }
        options.nameServers = try parsedNameServers()
        options.trustsAD = trustAd
        options.resolver.trustsAnswers = trustResolverAnswers
        options.allowsSpecialUseAddresses = allowSpecialUseAddresses
        options.trustFile = caFile
        options.contact = contact
        options.blocklistFile = blocklistFile
        options.families = family
        options.localAddresses = try parsedLocalAddresses()
        options.resolver.timeoutMilliseconds = milliseconds(dnsTimeout)
        options.resolver.tries = retries
        if let delays = try parsedRetryDelays() { options.retryDelays = delays }
        options.fetch.port = Int(httpsPort)
        options.fetch.timeoutMilliseconds = milliseconds(policyTimeout)
        options.fetch.connectTimeoutMilliseconds = milliseconds(connectTimeout)
        options.probe.port = smtpPort
        options.probe.connectTimeoutMilliseconds = milliseconds(connectTimeout)
        options.probe.replyTimeoutMilliseconds = milliseconds(replyTimeout)
        if let ehloName { options.probe.ehloName = ehloName }
    }

    private func parsedNameServers() throws -> [NameServer] {
        try (nameServers ?? "").split(separator: ",").map { text in
            guard let server = NameServer(String(text)) else {
                throw ValidationError(
                    "--name-servers: '\(text)' is no IP address with or without port")
            }
            return server
        }
    }

    private func parsedLocalAddresses() throws -> [IPAddress] {
        try (localAddr ?? "").split(separator: ",").map { text in
            guard let address = IPAddress(String(text)) else {
                throw ValidationError("--local-addr: '\(text)' is no IP address")
            }
            return address
        }
    }

    /// In milliseconds; nil where they are left to the command.
    private func parsedRetryDelays() throws -> [Int]? {
        guard let retryDelays else { return nil }
        guard retryDelays != "none" else { return [] }
        let delays = retryDelays.split(separator: ",", omittingEmptySubsequences: false).map {
            Double($0).flatMap { (0.1...86_400).contains($0) ? milliseconds($0) : nil }
        }
        guard delays.count <= 8, delays.allSatisfy({ $0 != nil }) else {
            throw ValidationError(
                "--retry-delays takes up to 8 numbers of 0.1 to 86400, not '\(retryDelays)'")
        }
        return delays.compactMap(\.self)
    }

    private func milliseconds(_ seconds: Double) -> Int { Int(seconds * 1000) }
}

extension AddressFamilies: ExpressibleByArgument {}

extension Logger.Level: @retroactive ExpressibleByArgument {}
