public import ArgumentParser
import DomainList
import MXProbe
import PolicyFetch
public import Probe
import Resolver
import Scan

struct ScanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan", abstract: "Scan lists of domains, one record for each line.",
        discussion: """
            Lists hold one domain a line, or CSV such as 'rank,domain'; plain, .gz, .zst or .xz. \
            Blank lines and # comments are skipped. The output folder gets domains-*.ndjson.zst, \
            hosts-*.ndjson.zst and manifest.json. A scan that was stopped or \
            killed goes on with --resume.
            """)

    @Argument(help: "Files with domains, or - for standard input.")
    var domains: [String] = []

    @Option(name: [.short, .long], help: "The folder to write; it must be new or empty.")
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Go on with the scan in this folder, with its lists and options.", valueName: "dir"))
    var resume: String?

    @Option(
        help: ArgumentHelp(
            """
            Scan again what a scan distrusts since a resolver lied (see 'distrusted' in its \
            manifest), with its lists and options, into another folder.
            """, valueName: "dir"))
    var askAgain: String?

    @Option(help: "Seconds between checkpoints, from which a scan that was broken off goes on.")
    var checkpointInterval = 5.0

    @Option(help: "Megabytes after which an output file is followed by another.")
    var rotateSize = 1024

    @Flag(help: "Scan a name once, however often it is listed (about 11 bytes of memory a name).")
    var unique = false

    @Option(name: [.short, .long], help: "Domains under way at once on each event loop.")
    var senders = 1000

    @Option(help: "Event loops, each on a thread of its own.")
    var threads = 1

    @Option(
        help: """
            Entries of a list that are put into an order of chance at a time, so that one provider's \
            customers do not come in a burst; 1 keeps the order. Pipes keep theirs.
            """)
    var shuffleWindow = 65_536

    @Option(help: "What the order of chance comes from; chosen by chance without.")
    var seed: UInt64?

    @Option(help: "Which MX hosts are probed: all, records (of domains with a record), none.")
    var probe = ProbeScope.all

    @Option(help: "DNS questions out at once on each event loop.")
    var dnsInFlight = 1000

    @Option(help: "Policy fetches under way at once on each event loop.")
    var fetchesInFlight = 200

    @Option(help: "SMTP sessions open at once on each event loop.")
    var probesInFlight = 200

    @Option(
        help: "MX hosts kept in memory (1.2 KB each); others are probed anew when met again.")
    var hostCache = 250_000

    @Option(help: "Domains that may wait to be asked about again, on each event loop.")
    var deferredLimit = 20_000

    @Option(help: "Seconds that the scan waits while no name server answers, before it stops.")
    var outageLimit = 3600.0

    @Option(help: "MX hosts of one domain that are looked at.")
    var mxLimit = 64

    @Flag(name: [.short, .long], help: "No progress; only problems are told.")
    var quiet = false

    @OptionGroup(title: "Earlier scan")
    var earlier: PreviousOption

    @OptionGroup var preload: PreloadOption

    @Flag(help: "Probe every address of every MX host, not the first of each family that answers.")
    var allAddresses = false

    @OptionGroup(title: "Limits (0 lifts one; without any, addresses on loopback have none)")
    var limits: LimitOptions

    @OptionGroup(title: "Status")
    var status: StatusOptions

    @OptionGroup(title: "Network")
    var network: NetworkOptions

    func validate() throws {
        if resume == nil {
            guard !domains.isEmpty || askAgain != nil else {
                throw ValidationError("name a list of domains, or -")
            }
            guard output != nil else { throw ValidationError("name a folder with --output") }
        } else if askAgain != nil {
            throw ValidationError("--resume and --ask-again do not go together: --resume goes on")
        } else if output != nil {
            throw ValidationError("--resume names the folder: leave --output out")
        }
        guard checkpointInterval >= 0.05, checkpointInterval <= 3600 else {
            throw ValidationError(
                "--checkpoint-interval takes 0.05 to 3600 seconds, not \(checkpointInterval)")
        }
        guard outageLimit >= 0, outageLimit <= 1e9 else {
            throw ValidationError("--outage-limit takes 0 to 1e9 seconds, not \(outageLimit)")
        }
        for (name, value, range) in [
            ("--senders", senders, 1...100_000), ("--threads", threads, 1...256),
            ("--dns-in-flight", dnsInFlight, 1...60_000),
            ("--fetches-in-flight", fetchesInFlight, 1...10_000),
            ("--probes-in-flight", probesInFlight, 1...10_000), ("--mx-limit", mxLimit, 1...1000),
            ("--rotate-size", rotateSize, 1...1_000_000),
            ("--host-cache", hostCache, 1...1_000_000_000),
            ("--deferred-limit", deferredLimit, 1...10_000_000),
            ("--shuffle-window", shuffleWindow, 1...10_000_000),
        ] where !range.contains(value) {
            throw ValidationError(
                "\(name) takes \(range.lowerBound) to \(range.upperBound), not \(value)")
        }
    }

    func run() throws {
        var options = ScanOptions()
        try network.apply(to: &options)
        try preload.apply(to: &options)
        try earlier.apply(to: &options)
        options.lists = domains.map { ListLocation(name: $0, path: absolutePath($0)) }
        options.output = output ?? ""
        options.resumedFolder = resume
        options.rescanFolder = askAgain
        options.givenFlags = Self.givenFlags
        options.checkpointMilliseconds = Int(checkpointInterval * 1000)
        options.rotateBytes = rotateSize << 20
        options.deferredLimit = deferredLimit
        options.hostCacheLimit = hostCache
        options.outageMilliseconds = Int(outageLimit * 1000)
        options.unique = unique
        options.senders = senders
        options.threads = threads
        options.shuffleWindow = shuffleWindow
        if let seed { options.seed = seed & (1 << 48 - 1) }
        limits.apply(to: &options)
        options.probe.probesAllAddresses = allAddresses
        status.apply(to: &options)
        options.probeScope = probe
        options.resolver.inFlightLimit = dnsInFlight
        options.fetch.inFlightLimit = fetchesInFlight
        options.probe.inFlightLimit = probesInFlight
        options.mxHostLimit = mxLimit
        options.isQuiet = quiet
        var scan = Scan(options)
        let end: ScanEnd
        do {
            end = try scan.run()
        } catch {
            throw CommandFailure(error)
        }
        guard end.exitReason == .done else { throw end.exitReason.code }
    }

    /// The options on the command line by their long names.
    private static var givenFlags: Set<String> {
        Set(
            CommandLine.arguments.map { argument in
                let isSenders = argument.hasPrefix("-s")
                return isSenders ? "--senders" : String(argument.prefix { $0 != "=" })
            })
    }
}

extension ProbeScope: ExpressibleByArgument {}
