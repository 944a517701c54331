import ArgumentParser
import ConnectionLimits
import Resolver
import Scan

/// The options of `scan` that say how gentle it is; 0 lifts a limit.
struct LimitOptions: ParsableArguments {
    @Option(help: "SMTP connections to one address at once (4).")
    var maxPerAddress: Int?

    @Option(help: "SMTP connections begun to one address in a second (5).")
    var maxRatePerAddress: Double?

    @Option(help: "SMTP connections to one IPv4 /24 or IPv6 /48 at once (16).")
    var maxPerNetwork: Int?

    @Option(help: "SMTP connections begun to one such network in a second (20).")
    var maxRatePerNetwork: Double?

    @Option(help: "SMTP connections to the hosts of one registrable domain at once (16).")
    var maxPerDomain: Int?

    @Option(help: "SMTP connections begun to such hosts in a second (20).")
    var maxRatePerDomain: Double?

    @Option(help: "Policy fetches from one address at once (8).")
    var maxFetchesPerAddress: Int?

    @Option(help: "Policy fetches begun from one address in a second (20).")
    var maxFetchRatePerAddress: Double?

    @Option(help: "Questions to one name server in a second (1000; on loopback any number).")
    var maxDnsRate: Double?

    @Option(help: "Questions to all name servers in a second (0).")
    var maxDnsRateInAll = 0.0

    @Option(
        help: """
            Direct probes of MX hosts at the same addresses and below the same registrable domain \
            that must agree before others are judged on their handshakes; 0 to probe each.
            """)
    var shareHandshakesAfter = 3

    @Option(help: "One in so many hosts that could share is probed all the same.")
    var shareSampleEvery = 100

    @Option(
        help: """
            Connections in a row that fail alike at an address (no answer, refused; of 4xx twice as \
            many) before others take that for granted; one in half a minute tries again. 0 for never.
            """)
    var shareFailuresAfter = 3

    @Option(help: "Seconds a connection waits for its turn before its host counts as not probed.")
    var maxWait = 600.0

    private var counts: [(String, Int?)] {
        [
            ("--max-per-address", maxPerAddress), ("--max-per-network", maxPerNetwork),
            ("--max-per-domain", maxPerDomain),
            ("--max-fetches-per-address", maxFetchesPerAddress),
            ("--share-failures-after", shareFailuresAfter),
            ("--share-handshakes-after", shareHandshakesAfter),
        ]
    }

    private var rates: [(String, Double?)] {
        [
            ("--max-rate-per-address", maxRatePerAddress),
            ("--max-rate-per-network", maxRatePerNetwork),
            ("--max-rate-per-domain", maxRatePerDomain),
            ("--max-fetch-rate-per-address", maxFetchRatePerAddress),
            ("--max-dns-rate", maxDnsRate), ("--max-dns-rate-in-all", maxDnsRateInAll),
        ]
    }

    func validate() throws {
        for case (let name, let value?) in counts where !(0...100_000).contains(value) {
            throw ValidationError("\(name) takes 0 to 100000, not \(value)")
        }
        for case (let name, let value?) in rates where !(value == 0 || (0.01...1e6 ~= value)) {
            throw ValidationError("\(name) takes 0, or 0.01 to 1000000, not \(value)")
        }
        guard (1...1_000_000).contains(shareSampleEvery) else {
            throw ValidationError(
                "--share-sample-every takes 1 to 1000000, not \(shareSampleEvery)")
        }
        guard maxWait >= 1, maxWait <= 86_400 else {
            throw ValidationError("--max-wait takes 1 to 86400 seconds, not \(maxWait)")
        }
    }

    /// Fills `options` in; limits that are named hold on loopback, too.
    func apply(to options: inout ScanOptions) {
        var limits = DestinationLimits()
        func set(_ limit: inout Limit, _ atOnce: Int?, _ perSecond: Double?) {
            if let atOnce { limit.atOnce = atOnce }
            if let perSecond { limit.perSecond = perSecond }
            if atOnce != nil || perSecond != nil { limits.includesLoopback = true }
        }
        var (address, network) = (limits.address, limits.network)
        var (domain, fetchAddress) = (limits.domain, limits.fetchAddress)
        set(&address, maxPerAddress, maxRatePerAddress)
        set(&network, maxPerNetwork, maxRatePerNetwork)
        set(&domain, maxPerDomain, maxRatePerDomain)
        set(&fetchAddress, maxFetchesPerAddress, maxFetchRatePerAddress)
        (limits.address, limits.network) = (address, network)
        (limits.domain, limits.fetchAddress) = (domain, fetchAddress)
        limits.sharedFailures = shareFailuresAfter
        limits.waitMaxMilliseconds = Int(maxWait * 1000)
        options.limits = limits
        options.shareAfter = shareHandshakesAfter
        options.shareSampleEvery = shareSampleEvery
        options.dnsRate = DNSRate(
            perServer: maxDnsRate ?? DNSRate().perServer, inAll: maxDnsRateInAll,
            includesLoopback: maxDnsRate != nil)
    }
}
