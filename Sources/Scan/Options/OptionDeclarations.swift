internal import ConnectionLimits
internal import DNS
internal import DomainList
internal import Logging
internal import MXProbe
internal import PolicyFetch
internal import Preload
internal import Records
internal import Resolver
internal import ScanFolder

/// A heading of the help, with the options below it.
public enum OptionSection: CaseIterable, Sendable {
    case common, lists, probes, limits, resources, dns, timeouts, earlier, output, estimate, lab

    /// The heading.
    public var title: String {
        switch self {
        case .common: "Common options"
        case .lists: "Lists"
        case .probes: "What is contacted"
        case .limits: "Limits (0 lifts one; without any, addresses on loopback have none)"
        case .resources: "Concurrency and memory"
        case .dns: "DNS"
        case .timeouts: "Timeouts and retries"
        case .earlier: "Earlier scans"
        case .output: "Output and status"
        case .estimate: "What it will take"
        case .lab: "Laboratories"
        }
    }

    /// The options, in the order of the help.
    public var options: [ScanOption] {
        switch self {
        case .common: ScanOption.common
        case .lists: ScanOption.lists
        case .probes: ScanOption.probes
        case .limits: ScanOption.limits
        case .resources: ScanOption.resources
        case .dns: ScanOption.dns
        case .timeouts: ScanOption.timeouts
        case .earlier: ScanOption.earlier
        case .output: ScanOption.output
        case .estimate: ScanOption.estimate
        case .lab: ScanOption.lab
        }
    }

    /// Those of a command.
    public func options(of command: OptionCommand) -> [ScanOption] {
        options.filter { $0.commands.contains(command) }
    }
}

extension ScanOption {
    /// All options, in the order of the help.
    public static let all = OptionSection.allCases.flatMap(\.options)

    /// The keys, in a manifest's `options`, of options that decide what records mean, but for the
    /// shard.
    public static var fixedManifestKeys: [String] {
        all.filter { [.fixed, .sameContents].contains($0.resume) && $0.name != "shard" }
            .compactMap { $0.setting?.key.manifest }
    }

    /// The commands that contact servers.
    private static let contacting: Set<OptionCommand> = [.scan, .check, .probe, .fetch]
    /// Those that go through a list.
    private static let listed: Set<OptionCommand> = [.scan, .probe, .fetch]
    /// Those that connect to MX hosts.
    private static let probing: Set<OptionCommand> = [.scan, .check, .probe]
    /// Those of them that go through a list.
    private static let listProbing: Set<OptionCommand> = [.scan, .probe]
    /// Those that fetch policies.
    private static let fetching: Set<OptionCommand> = [.scan, .check, .fetch]
    /// Those of them that go through a list.
    private static let listFetching: Set<OptionCommand> = [.scan, .fetch]
    /// Those that judge.
    private static let judging: Set<OptionCommand> = [.scan, .check, .judge, .rejudge]

    fileprivate static let common = [
        ScanOption(
            "output", letter: "o", \.output, .text("dir").completed(by: .folder),
            """
            The folder to write. It must be new or empty. - writes records to standard output, a \
            line each; 'scan' then needs --probe none.
            """,
            for: listed, resume: .beginsScan),
        ScanOption(
            "resume", \.resumedFolder, .folder,
            "Resume the scan, or what else was begun, in this folder, with its lists and options.",
            for: listed, resume: .perRun),
        ScanOption(
            "ehlo-name", \.probe.ehloName, .ehloName,
            "The name given in EHLO. It should resolve to your address, and back.",
            for: probing, default: "this machine's name", resume: .mayChange,
            key: OptionKey("ehlo_name", checkpoint: "ehloName")),
        ScanOption(
            "contact", \.contact, .contact,
            "A URL or mail address that says who scans and how to opt out.",
            for: contacting, resume: .mayChange, key: OptionKey("contact")),
        ScanOption(
            "blocklist-file", \.blocklistFile, .file,
            """
            Domains and addresses not to contact, one a line: example.org (and all below), \
            .example.org (all below), =example.org (alone), 192.0.2.0/24, 2001:db8::1. It is read \
            again on SIGHUP.
            """,
            for: contacting, resume: .mayChange,
            key: OptionKey("blocklist_file", checkpoint: "blocklistFile")),
        ScanOption(
            "name-servers", \.nameServers, .nameServers, "Resolvers to ask.",
            for: contacting, default: "those of /etc/resolv.conf", resume: .mayChange,
            key: .checkpoint("nameServers")),
        ScanOption(
            "senders", letter: "s", \.senders, .number(1...100_000),
            """
            The most domains (or hosts, or policies) under way at once on each event loop. Fewer \
            are while more questions wait than may be out.
            """,
            for: listed,
            resume: .mayChange,
            key: OptionKey("senders")),
        ScanOption(
            "threads", \.threads, .number(1...256), "Event loops, each on a thread of its own.",
            for: listed, resume: .mayChange, key: OptionKey("threads")),
        ScanOption(
            "preload", \.preloadFile, .file,
            "A STARTTLS Everywhere list (JSON) that each domain is compared with.",
            for: judging, resume: .sameContents,
            key: OptionKey("preload", checkpoint: "preloadName"),
            document: {
                $0.preload.map {
                    FileIdentity(name: $0.name, bytes: $0.bytes, sha256: $0.sha256).document
                } ?? .null
            }),
        ScanOption(
            "asn-file", \.networkPaths, .files("MaxMind DBs or tables of prefixes"),
            """
            Files that say where addresses are: a MaxMind DB of autonomous systems or countries, \
            a table of RouteViews (pfx2as) or of iptoasn. The option can be given several times.
            """,
            for: judging.union(listed), resume: .sameContents,
            key: OptionKey("asn_files", checkpoint: "asnFiles", isAddedLater: true),
            document: { options in
                .array(options.networkPaths.map { .string($0) })
            }),
        ScanOption(
            flag: "quiet", letter: "q", \.isQuiet, "Print no progress, only problems.",
            for: listed, resume: .perRun),
    ]

    fileprivate static let lists = [
        ScanOption(
            "format", \.listReading.kind, .listKind,
            """
            The layout of the lists: a name a line, a table (CSV, TSV and the like), JSON objects, \
            a zone file, or a hosts file.
            """,
            default: "found by looking", resume: .fixed,
            key: OptionKey("list_format", isAddedLater: true)),
        ScanOption(
            "column", \.listReading.column, .text("name-or-n"),
            "The column, or the key of JSON objects, that names the domain; columns count from 1.",
            default: "found by looking", resume: .fixed,
            key: OptionKey("column", isAddedLater: true)),
        ScanOption(
            flag: "no-header", \.listReading.hasNoHeader,
            "The first row of a table is a row like the others.", resume: .fixed,
            key: OptionKey("no_header", isAddedLater: true)),
        ScanOption(
            "origin", \.listReading.origin, .domainName,
            "The name of a zone whose file has relative names and does not say it.",
            resume: .fixed, key: OptionKey("origin", isAddedLater: true)),
        ScanOption(
            "carry", \.listReading.carried,
            .texts("name,…", "names or numbers of columns, separated by commas, or all"),
            "The columns of the lists that records keep, as texts under 'list'.", resume: .fixed,
            key: OptionKey("carry", isAddedLater: true)),
        ScanOption(
            flag: "keep-input", \.listReading.keepsLines,
            "Keep the whole line of the list in each record. Lists may have people's addresses.",
            resume: .fixed, key: OptionKey("keep_input", isAddedLater: true)),
        ScanOption(
            flag: "accept-invalid", \.acceptsInvalid,
            """
            Scan a list although more than a fifth of its first 1,000 lines name no domain, or \
            more than a half of fewer than ten.
            """,
            resume: .mayChange, key: OptionKey("accept_invalid", isAddedLater: true)),
        ScanOption(
            flag: "unique", \.unique,
            "Scan a name once, however often it is listed (about 11 bytes of memory a name).",
            resume: .fixed, key: OptionKey("unique")),
        ScanOption(
            "shard", \.shard, .shard,
            """
            Scan one of n shards of the lists: the entries whose index, divided by n, leaves i. \
            'stsurvey merge' makes one folder of all of them.
            """,
            default: "all entries", resume: .fixed, key: OptionKey("shard", isAddedLater: true)),
        ScanOption(
            "shuffle-window", \.shuffleWindow, .number(1...10_000_000),
            """
            Entries of a list that are shuffled at a time, so that one provider's customers do not \
            come in a burst. 1 keeps the list's order. A pipe always keeps its order.
            """,
            resume: .mayChange, key: OptionKey("shuffle_window", checkpoint: "shuffleWindow")),
        ScanOption(
            "seed", \.seed, .seed, "The seed of the random order.", default: "random",
            resume: .mayChange, key: OptionKey("seed")),
    ]

    fileprivate static let probes = [
        ScanOption(
            "probe", \.probeScope, .word("which"),
            "The MX hosts to probe: all, only those of domains with an MTA-STS record, or none.",
            for: [.scan, .judge], resume: .fixed,
            key: OptionKey("probe", checkpoint: "probeScope")),
        ScanOption(
            "only", \.hostExtent, .word("what"),
            """
            How far each host is observed: addresses asks DNS alone (A, AAAA, TLSA) and connects \
            to nothing.
            """,
            for: [.probe], resume: .fixed, key: OptionKey("probe_only", isAddedLater: true)),
        ScanOption(
            "fetch", \.fetchScope, .word("which"),
            "The policies to fetch: all, or none; 'fetch' and 'judge' do the rest.",
            resume: .fixed, key: OptionKey("fetch", isAddedLater: true)),
        ScanOption(
            "family", \.families, .word("family"),
            "The address family to contact: any that this machine has a route for, or one.",
            for: contacting, resume: .fixed, key: OptionKey("family", checkpoint: "families")),
        ScanOption(
            flag: "all-addresses", \.probe.probesAllAddresses,
            "Probe every address of an MX host, not only those of each family up to a good one.",
            for: listProbing, resume: .fixed,
            key: OptionKey("all_addresses", checkpoint: "probesAllAddresses")),
        ScanOption(
            "mx-limit", \.mxHostLimit, .number(1...1000), "MX hosts of one domain that are probed.",
            for: [.scan, .judge], resume: .fixed,
            key: OptionKey("mx_limit", checkpoint: "mxHostLimit")),
        ScanOption(
            "local-addr", \.localAddresses, .addresses,
            "Addresses of this machine to connect from, round-robin in each family.",
            for: contacting, default: "the system's choice", resume: .mayChange,
            key: OptionKey("local_addresses", checkpoint: "localAddresses")),
        ScanOption(
            "vantage", \.vantage, .text("name"),
            "What to call the place that the scan goes out from, in host records and manifest.",
            for: listProbing, resume: .fixed, key: OptionKey("vantage", isAddedLater: true)),
        ScanOption(
            "ca-file", \.trustFile, .file, "PEM file of the certificate authorities to trust.",
            for: contacting, default: "the system's", resume: .sameContents,
            key: OptionKey("ca_file", checkpoint: "trustFile")),
    ]

    /// A limit that is named holds for addresses of this machine, too.
    private static let holdsOnLoopback: Assignment = { $0.limits.includesLoopback = true }

    fileprivate static let limits = [
        ScanOption(
            "max-per-address", \.limits.address.atOnce, .number(0...100_000),
            "SMTP connections to one address at once.", for: listProbing, resume: .mayChange,
            key: OptionKey("limits.address.at_once", checkpoint: "limits.address.atOnce"),
            also: holdsOnLoopback),
        ScanOption(
            "max-rate-per-address", \.limits.address.perSecond, .rate,
            "SMTP connections begun to one address in a second.", for: listProbing,
            resume: .mayChange,
            key: OptionKey("limits.address.milli_per_s", checkpoint: "limits.address.perSecond"),
            also: holdsOnLoopback),
        ScanOption(
            "max-per-network", \.limits.network.atOnce, .number(0...100_000),
            "SMTP connections to one IPv4 /24 or IPv6 /48 at once.", for: listProbing,
            resume: .mayChange,
            key: OptionKey("limits.network.at_once", checkpoint: "limits.network.atOnce"),
            also: holdsOnLoopback),
        ScanOption(
            "max-rate-per-network", \.limits.network.perSecond, .rate,
            "SMTP connections begun to one such network in a second.", for: listProbing,
            resume: .mayChange,
            key: OptionKey("limits.network.milli_per_s", checkpoint: "limits.network.perSecond"),
            also: holdsOnLoopback),
        ScanOption(
            "max-per-domain", \.limits.domain.atOnce, .number(0...100_000),
            "SMTP connections to the hosts of one registrable domain at once.", for: listProbing,
            resume: .mayChange,
            key: OptionKey("limits.domain.at_once", checkpoint: "limits.domain.atOnce"),
            also: holdsOnLoopback),
        ScanOption(
            "max-rate-per-domain", \.limits.domain.perSecond, .rate,
            "SMTP connections begun to such hosts in a second.", for: listProbing,
            resume: .mayChange,
            key: OptionKey("limits.domain.milli_per_s", checkpoint: "limits.domain.perSecond"),
            also: holdsOnLoopback),
        ScanOption(
            "max-fetches-per-address", \.limits.fetchAddress.atOnce, .number(0...100_000),
            "Policy fetches from one address at once; four times as many from its /24 or /48.",
            for: listFetching, resume: .mayChange,
            key: OptionKey(
                "limits.fetch_address.at_once", checkpoint: "limits.fetchAddress.atOnce"),
            also: holdsOnLoopback),
        ScanOption(
            "max-fetch-rate-per-address", \.limits.fetchAddress.perSecond, .rate,
            "Policy fetches begun from one address in a second; from its network as above.",
            for: listFetching, resume: .mayChange,
            key: OptionKey(
                "limits.fetch_address.milli_per_s", checkpoint: "limits.fetchAddress.perSecond"),
            also: holdsOnLoopback),
        ScanOption(
            "max-dns-rate", \.dnsRate.perServer, .rate, "Questions to one name server in a second.",
            for: listed, resume: .mayChange,
            key: OptionKey("limits.dns_milli_per_s", checkpoint: "dnsRate.perServer"),
            also: { $0.dnsRate.includesLoopback = true }),
        ScanOption(
            "max-dns-rate-in-all", \.dnsRate.inAll, .rate,
            "Questions to all name servers in a second.", for: listed, resume: .mayChange,
            key: OptionKey("limits.dns_milli_per_s_in_all", checkpoint: "dnsRate.inAll")),
        ScanOption(
            "limits-share", \.limitsShare, .number(1...ListShard.countMax),
            """
            One n-th of each limit: of the connections, the questions and what is begun in a \
            second; and of the questions, fetches and sessions in flight. For one of n processes \
            that scan at once. At least one connection at a time is allowed.
            """,
            resume: .mayChange, key: OptionKey("limits_share", isAddedLater: true)),
        ScanOption(
            "max-wait", \.limits.waitMaxMilliseconds, .seconds(1...86_400),
            """
            How long a connection may wait for a limit. After that its host is not probed; nor is \
            it after ten minutes in which no connection has ended well where it waits.
            """,
            for: listed, resume: .mayChange,
            key: OptionKey("limits.wait_ms", checkpoint: "limits.waitMaxMilliseconds")),
        ScanOption(
            "share-failures-after", \.limits.sharedFailures, .number(0...100_000),
            """
            Failures of one kind in a row at an address (no answer, refused; twice as many for \
            4xx) after which no other connection is made there, but for one test every 30 \
            seconds. 0 for never.
            """,
            for: listed, resume: .mayChange,
            key: OptionKey("limits.share_failures_after", checkpoint: "limits.sharedFailures")),
        ScanOption(
            "share-handshakes-after", \.shareAfter, .number(0...100_000),
            """
            Direct probes of MX hosts at the same addresses and below the same registrable domain \
            that must agree. Then other such hosts are judged by these handshakes. 0 probes each.
            """,
            for: listProbing, resume: .fixed, key: .checkpoint("shareAfter")),
        ScanOption(
            "share-sample-every", \.shareSampleEvery, .number(1...1_000_000),
            "As a check, one in so many of the hosts that could share a handshake is probed.",
            for: listProbing, resume: .mayChange, key: .checkpoint("shareSampleEvery")),
    ]

    fileprivate static let resources = [
        ScanOption(
            "dns-in-flight", \.resolver.inFlightLimit, .number(1...60_000),
            """
            The most DNS questions waiting for an answer at once on each event loop; how many \
            follows from what is measured.
            """,
            for: listed,
            resume: .mayChange,
            key: OptionKey("dns_in_flight", checkpoint: "dnsInFlight")),
        ScanOption(
            "fetches-in-flight", \.fetch.inFlightLimit, .number(1...10_000),
            """
            The most policy fetches at once on each event loop; how many follows from what is \
            measured.
            """,
            for: listFetching, resume: .mayChange,
            key: OptionKey("fetches_in_flight", checkpoint: "fetchesInFlight")),
        ScanOption(
            "probes-in-flight", \.probe.inFlightLimit, .number(1...10_000),
            """
            The most SMTP sessions open at once on each event loop; how many follows from what is \
            measured.
            """,
            for: listProbing, resume: .mayChange,
            key: OptionKey("probes_in_flight", checkpoint: "probesInFlight")),
        ScanOption(
            "host-cache", \.hostCacheLimit, .number(1...1_000_000_000),
            "MX hosts kept in memory (1.2 KB each). Others are probed again when needed again.",
            resume: .mayChange, key: OptionKey("host_cache", checkpoint: "hostCacheLimit")),
        ScanOption(
            "deferred-limit", \.deferredLimit, .number(1...10_000_000),
            "Domains (or hosts, or policies) that may wait, for a retry or a server, on each event "
                + "loop.", for: listed, resume: .mayChange,
            key: OptionKey("deferred_limit", checkpoint: "deferredLimit")),
    ]

    fileprivate static let dns = [
        ScanOption(
            flag: "trust-ad", \.trustsAD,
            """
            Trust the AD bit of a resolver that is not on loopback; of records without a manifest, \
            that of theirs.
            """,
            for: probing.union([.judge]), resume: .fixed,
            key: OptionKey("trust_ad", checkpoint: "trustsAD")),
        ScanOption(
            flag: "trust-resolver-answers", \.resolver.trustsAnswers,
            """
            Use a resolver although health checks found its answers to be false: it denies what \
            others find, or has records for names that do not exist.
            """,
            for: contacting, resume: .mayChange,
            key: OptionKey(
                "trust_resolver_answers", checkpoint: "trustsAnswers", isAddedLater: true)),
    ]

    fileprivate static let timeouts = [
        ScanOption(
            "dns-timeout", \.resolver.timeoutMilliseconds, .seconds(0.01...3600),
            "How long one try of a DNS question may take.", for: contacting, resume: .fixed,
            key: OptionKey("dns_timeout_ms", checkpoint: "dnsTimeoutMilliseconds")),
        ScanOption(
            "retries", \.resolver.tries, .number(1...20),
            "Times a DNS question is sent before it counts as unanswered.", for: contacting,
            resume: .fixed, key: OptionKey("dns_tries", checkpoint: "dnsTries")),
        ScanOption(
            "connect-timeout", \.probe.connectTimeoutMilliseconds, .seconds(0.01...3600),
            "How long a TCP connect may take. In 10 seconds four SYNs are sent.", for: contacting,
            resume: .fixed,
            key: OptionKey("connect_timeout_ms", checkpoint: "connectTimeoutMilliseconds")),
        ScanOption(
            "reply-timeout", \.probe.replyTimeoutMilliseconds, .seconds(0.01...3600),
            "How long an SMTP reply or a TLS handshake may take.", for: contacting, resume: .fixed,
            key: OptionKey("reply_timeout_ms", checkpoint: "replyTimeoutMilliseconds")),
        ScanOption(
            "policy-timeout", \.fetch.timeoutMilliseconds, .seconds(0.01...3600),
            "How long the fetch of a policy may take in all. RFC 8461 suggests 60 seconds.",
            for: fetching, resume: .fixed,
            key: OptionKey("policy_timeout_ms", checkpoint: "policyTimeoutMilliseconds")),
        ScanOption(
            "retry-delays", \.retryDelays, .delays(atMost: 8),
            """
            The delay before each retry of a transient failure (SERVFAIL, timeout, 4xx, a policy \
            host's 5xx …). An address that does not answer is retried once only.
            """,
            for: contacting, resume: .fixed,
            key: OptionKey("retry_delays_ms", checkpoint: "retryDelays")),
        ScanOption(
            "outage-limit", \.outageMilliseconds, .seconds(0...1e9),
            "How long the scan waits while no name server answers, before it stops.",
            for: listed, resume: .mayChange,
            key: OptionKey("outage_limit_ms", checkpoint: "outageMilliseconds")),
    ]

    fileprivate static let earlier = [
        ScanOption(
            "previous", \.previousFolder, .folder,
            "An earlier scan. A policy with the same id is not fetched again within its max_age.",
            resume: .sameContents, key: OptionKey("previous", checkpoint: "previousFolder"),
            document: { $0.previousDocument }),
        ScanOption(
            flag: "partial", \.previousIsPartial,
            "If the earlier scan's folder is damaged, use what can be read of it.",
            resume: .mayChange, needs: "previous",
            key: .checkpoint("previousIsPartial", isAddedLater: true)),
        ScanOption(
            "refetch-share", \.refetchShare, .percent,
            "The share of such policies that is fetched all the same, as a random sample.",
            resume: .fixed, key: .checkpoint("refetchShare")),
        ScanOption(
            "ask-again", \.rescanFolder, .folder,
            """
            Scan the domains again whose records rest on false answers of a resolver (see \
            'distrusted' in the manifest of this scan), with its lists and options, into another \
            folder.
            """,
            resume: .beginsScan),
    ]

    fileprivate static let output = [
        ScanOption(
            "checkpoint-interval", \.checkpointMilliseconds, .seconds(0.05...3600),
            "Time between checkpoints. An interrupted scan resumes from the last one.",
            for: listed, resume: .mayChange, key: .checkpoint("checkpointMilliseconds")),
        ScanOption(
            "manifest", \.manifestFile, .file,
            "The file for the manifest of a scan to standard output.", resume: .beginsScan),
        ScanOption(
            "rotate-size", \.rotateBytes, .mebibytes(1...1_000_000),
            "The size at which a new output file is begun.", for: listed, resume: .mayChange,
            key: .checkpoint("rotateBytes")),
        ScanOption(
            "fail-on", \.failingVerdicts, .verdicts,
            """
            End a complete scan with exit code 1 where a domain has one of these verdicts; for \
            scans that nobody watches.
            """,
            resume: .perRun),
        ScanOption(
            "status-updates-file", \.statusFile, .file,
            "A file, or a pipe, that gets one JSON object each second.", for: listed,
            resume: .perRun),
        ScanOption(
            "prometheus", \.metricsAddress, .metricsAddress,
            "Serve Prometheus metrics at this address and port, by default on loopback.",
            for: listed, resume: .perRun),
        ScanOption(
            "log-level", \.logLevel, .word("level"),
            "The lowest level of log lines that are printed on standard error.", for: contacting,
            resume: .perRun),
    ]

    fileprivate static let estimate = [
        ScanOption(
            flag: "estimate", \.onlyEstimates,
            """
            Say what the scan will take: time, questions, connections, line, memory, disk, \
            machines. Only the lists are read; nothing is sent and nothing is written.
            """, resume: .beginsScan),
        ScanOption(
            "assume", \.assumptions, .assumptions,
            """
            What an estimate rests on, where you know it: from a sample, or the scan before. \
            domains=n stands for a list. The option can be given several times.
            """, resume: .beginsScan, needs: "estimate"),
        ScanOption(
            flag: "json", \.printsJSON, "Print the estimate as JSON.", resume: .beginsScan,
            needs: "estimate"),
    ]

    fileprivate static let lab = [
        ScanOption(
            "https-port", \.fetch.port, .number(1...65_535).shown(as: "port"),
            "Port of policy hosts.", for: fetching, resume: .fixed,
            key: OptionKey("https_port", checkpoint: "httpsPort")),
        ScanOption(
            "smtp-port", \.probe.port, .number(1...65_535).shown(as: "port"), "Port of MX hosts.",
            for: probing, resume: .fixed, key: OptionKey("smtp_port", checkpoint: "smtpPort")),
        ScanOption(
            flag: "allow-special-use-addresses", \.allowsSpecialUseAddresses,
            "Contact special-use addresses (RFC 6890), too.", for: contacting, resume: .fixed,
            key: OptionKey(
                "allow_special_use_addresses", checkpoint: "allowsSpecialUseAddresses")),
    ]
}

extension StoredSetting {
    /// All that checkpoint and manifest hold of the options: those with a key, and what follows
    /// from which of them were given.
    static let all =
        ScanOption.all.compactMap(\.setting) + [
            StoredSetting(
                OptionKey("limits.include_loopback", checkpoint: "limits.includesLoopback"),
                \.limits.includesLoopback, .flag),
            StoredSetting(
                .checkpoint("dnsRate.includesLoopback"), \.dnsRate.includesLoopback, .flag),
        ]
}
