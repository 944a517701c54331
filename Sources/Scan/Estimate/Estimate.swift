internal import ConnectionLimits
internal import Glibc
internal import MXProbe
internal import PolicyFetch
internal import Probe
internal import Resolver

/// What a scan will take, before it is begun.
///
/// # The formula
///
/// The number of domains gives, by what is assumed (`Assumptions`), the domains with a record, the
/// MX hosts and the questions. Each costs so much processor time, and so many octets (`Costs`,
/// measured). Everything is under way at once, so the scan takes as long as what takes longest
/// (`Limit`): the work that goes through it, divided by how much of it goes through in a second.
/// Few things are under way at the beginning and the end; where something is retried, the end waits
/// for that.
///
/// Pure: it is a function of the numbers and options given.
struct Estimate: Equatable, Sendable {
    /// What work has to go through.
    enum Limit: String, CaseIterable, Sendable {
        /// The processors, which stsurvey shares with a resolver on the same machine.
        case processors
        /// The threads of the event loops.
        case loops
        /// The threads of a resolver on the same machine.
        case resolver
        /// Domains under way, until DNS has answered their first questions.
        case senders
        /// Questions without an answer.
        case questions
        /// `--max-dns-rate` and `--max-dns-rate-in-all`.
        case dnsRate = "dns_rate"
        /// Fetches under way.
        case fetches
        /// SMTP sessions under way.
        case sessions
        /// Connections to the largest provider of MX hosts.
        case provider

        /// What it is, for people.
        var title: String {
            switch self {
            case .processors: "the processors"
            case .loops: "the event loops (--threads)"
            case .resolver: "the resolver's threads (scripts/resolver --threads)"
            case .senders: "domains under way (--senders)"
            case .questions: "questions under way (--dns-in-flight)"
            case .dnsRate: "the rate of questions (--max-dns-rate)"
            case .fetches: "fetches under way (--fetches-in-flight)"
            case .sessions: "SMTP sessions under way (--probes-in-flight)"
            case .provider: "the largest provider (--max-rate-per-domain)"
            }
        }
    }

    /// Names that are asked about.
    let domains: Double
    /// Records that are written: one for each entry, names or not.
    let entries: Double
    /// Domains with an MTA-STS record, each with a policy that is fetched.
    let policies: Double
    /// MX hosts that are observed.
    let hosts: Double
    /// Those of them that are connected to.
    let sessions: Double
    /// Questions to the resolver.
    let questions: Double
    /// Questions of the resolver to name servers.
    let upstream: Double
    /// Processor time of stsurvey, in seconds.
    let processorSeconds: Double
    /// Processor time of the resolver, in seconds.
    let resolverSeconds: Double
    /// What the work would take at each limit alone, in seconds.
    let seconds: [Limit: Double]
    /// What the beginning and the slowest answers take beside, in seconds.
    let waitsForSlowest: Double
    /// How long the end waits for retries, and for an address that refuses, in seconds.
    let waitsForRetries: Double
    /// Octets that are sent and received, with the headers of IP: by stsurvey and by the resolver.
    let sent, received, resolverSent, resolverReceived: Double
    /// The most descriptors that are open at once.
    let descriptors: Double
    /// The largest memory of stsurvey and of the resolver, in octets.
    let memory, resolverMemory: Double
    /// Octets of the folder.
    let disk: Double
    /// The processors that it is for.
    let cores: Double

    /// What limits it: what takes longest.
    var limit: Limit {
        Limit.allCases.max { (seconds[$0] ?? 0) < (seconds[$1] ?? 0) } ?? .processors
    }

    /// How long the scan takes, in seconds.
    var duration: Double { (seconds[limit] ?? 0) + waitsForSlowest + waitsForRetries }

    /// So many domains and entries, scanned by options that are complete.
    init(
        domains: Int, entries: Int, by options: ScanOptions, assuming assumed: Assumptions,
        cores machineCores: Int
    ) {
        let counts = Counts(Double(domains), options, assumed)
        let own = options.sharingLimits
        let loops = Double(options.threads)
        let cores = assumed.cores ?? Double(machineCores)
        let usage = Usage(of: counts, assumed)
        self.domains = counts.domains
        self.entries = Double(entries)
        self.cores = cores
        policies = counts.policies
        hosts = counts.hosts
        sessions = counts.sessions
        questions = counts.questions
        upstream = counts.upstream
        processorSeconds = usage.own
        resolverSeconds = usage.resolver
        seconds = Self.seconds(
            counts, usage, own, assumed, loops: loops, cores: cores)
        // The more domains, the surer it is that one of them is slow, or has to be retried.
        func chance(_ share: Double) -> Double { 1 - pow(1 - share, counts.domains) }
        waitsForSlowest =
            assumed.isFar ? Costs.slowestAnswers * chance(Costs.slowShare) : 0
        let retries = Double(options.retryDelays.reduce(0, +)) / 1000
        waitsForRetries =
            retries * chance(assumed.failing)
            + min(
                Double(options.limits.idleWaitMilliseconds) / 1000,
                counts.hosts * assumed.refusing / Costs.refusalsASecond)
        sent =
            counts.questions * Costs.question.sent + counts.policies * Costs.fetch.sent
            + counts.sessions * Costs.session.sent
        received =
            counts.questions * Costs.question.received + counts.policies * Costs.fetch.received
            + counts.sessions * Costs.session.received
        resolverSent = counts.upstream * Costs.upstream.sent
        resolverReceived = counts.upstream * Costs.upstream.received
        let longest = max(seconds.values.max() ?? 0, 1)
        descriptors = Self.descriptors(counts, own, assumed, loops: loops, over: longest)
        memory = Self.memory(counts, options, loops: loops, unique: Double(entries))
        // scripts/resolver keeps no answer for more than an hour.
        let kept = counts.domains * min(1, 3600 / longest)
        resolverMemory =
            counts.upstream == 0
            ? 0
            : Costs.resolverMemory + Costs.memoryOfAnswers * min(kept, Costs.sparseAnswers)
                + Costs.memoryOfMoreAnswers * max(0, kept - Costs.sparseAnswers)
        disk =
            Double(entries) * Costs.domainRecord + counts.policies * Costs.policyRecord
            + counts.hosts * Costs.hostRecord
    }

    /// What there is to be done.
    private struct Counts {
        let domains, policies, hosts, sessions, questions, upstream: Double

        init(_ domains: Double, _ options: ScanOptions, _ assumed: Assumptions) {
            self.domains = domains
            let records = assumed.recordCount(of: domains)
            policies = options.fetchScope == .none ? 0 : records
            hosts =
                switch options.probeScope {
                case .all: assumed.hostCount(of: domains)
                case .records: assumed.hostCount(of: records)
                case .none: 0
                }
            sessions = hosts * (options.shareAfter > 0 ? 1 - assumed.shared : 1)
            let first = domains * (3 + 2 * (1 - assumed.mail))
            let further = records * Costs.questionsOfRecord + hosts * Costs.questionsOfHost
            questions = (first + further) * (1 + assumed.repeated)
            // What is asked for once a domain's name servers are known is a question each.
            upstream = assumed.upstream > 0 ? domains * assumed.upstream + further : 0
        }
    }

    /// Processor time, in seconds.
    private struct Usage {
        let own, resolver: Double

        init(of counts: Counts, _ assumed: Assumptions) {
            let work = assumed.isFar ? Costs.far : Costs.near
            own =
                Costs.start + counts.domains * work.domain + counts.policies * work.policy
                + counts.sessions * work.host
            resolver = counts.upstream > 0 ? counts.questions * Costs.recursion : 0
        }
    }

    private static func seconds(
        _ counts: Counts, _ usage: Usage, _ options: ScanOptions, _ assumed: Assumptions,
        loops: Double, cores: Double
    ) -> [Limit: Double] {
        let session = Costs.roundTripsOfSession * assumed.roundTrip
        let fetch = Costs.roundTripsOfFetch * assumed.roundTrip
        // The most that a name server, or all of them, are asked in a second.
        let isNear = options.nameServers.allSatisfy(\.isLoopback)
        let perServer =
            isNear && !options.dnsRate.includesLoopback
            ? nil : options.resolver.perSecond.map { $0 * Double(options.nameServers.count) }
        let rate = [perServer, options.resolver.perSecondInAll].compactMap(\.self).min()
        let largest = (counts.sessions * assumed.largest).rounded(.up)
        let limit = options.limits.domain
        let perHost = [
            limit.perSecond > 0 ? 1 / limit.perSecond : 0,
            limit.atOnce > 0 ? session / Double(limit.atOnce) : 0,
        ]
        return [
            .processors: (usage.own + (isNear ? usage.resolver : 0)) / cores,
            .loops: usage.own / loops,
            // scripts/resolver leaves one of the cores to the scan.
            .resolver: isNear ? usage.resolver / max(1, cores - 1) : 0,
            // MX first, then both records.
            .senders: counts.domains * 2 * assumed.answerTime / (loops * Double(options.senders)),
            .questions: counts.questions * assumed.answerTime
                / (loops * Double(options.resolver.inFlightLimit)),
            .dnsRate: rate.map { counts.questions / ($0 * loops) } ?? 0,
            .fetches: counts.policies * fetch / (loops * Double(options.fetch.inFlightLimit)),
            .sessions: counts.sessions * session / (loops * Double(options.probe.inFlightLimit)),
            .provider: counts.sessions > 0 ? largest * (perHost.max() ?? 0) : 0,
        ]
    }

    /// Sessions and fetches that are under way at once, as far as the options allow, the silent
    /// ones until their time is over, and what else is open.
    private static func descriptors(
        _ counts: Counts, _ options: ScanOptions, _ assumed: Assumptions, loops: Double,
        over seconds: Double
    ) -> Double {
        let patience = Double(options.probe.connectTimeoutMilliseconds) / 1000
        let session = Costs.roundTripsOfSession * assumed.roundTrip
        let fetch = Costs.roundTripsOfFetch * assumed.roundTrip
        let sessions = counts.sessions / seconds * (session + Costs.silentShare * patience)
        let fetches = counts.policies / seconds * (fetch + Costs.silentShare * patience)
        let sessionsMax =
            loops * Double(options.probe.inFlightLimit + options.probe.slowSessionLimit)
        let fetchesMax = loops * Double(options.fetch.inFlightLimit)
        return Costs.descriptors + min(sessions, sessionsMax, counts.sessions)
            + 2 * min(fetches, fetchesMax, counts.policies)
    }

    private static func memory(
        _ counts: Counts, _ options: ScanOptions, loops: Double, unique entries: Double
    ) -> Double {
        let underWay = min(counts.domains, loops * Double(options.senders))
        let window = min(counts.domains, Double(options.shuffleWindow))
        return Costs.memory + (counts.hosts + counts.policies > 0 ? Costs.memoryOfTLS : 0)
            + underWay * Costs.memoryOfDomain + window * Costs.memoryOfEntry
            + min(counts.hosts, Double(options.hostCacheLimit)) * Costs.memoryOfHost
            + (options.unique ? entries * Costs.memoryOfName : 0)
    }
}

/// What was measured, on the machines that `Benchmarks/runs` describes.
enum Costs {
    /// Octets of something, both ways, with the headers of IP.
    struct Octets {
        let sent, received: Double
    }

    /// Processor time in seconds: to begin and end a scan.
    static let start = 0.1
    /// Where all is near, and answers come many at a time, as those of a resolver on loopback that
    /// has them.
    static let near = Work(domain: 23e-6, policy: 1.29e-3, host: 0.81e-3)
    /// Where they come some at a time, and what peers send wakes the loop each time.
    static let far = Work(domain: 48e-6, policy: 2.4e-3, host: 2.8e-3)
    /// Answers that come earlier come from near, in seconds.
    static let farTime = 0.005
    /// From far away, in seconds: the windows are full after one, and the slowest domains, whose
    /// name servers are silent, are done three seconds after the others.
    static let slowestAnswers = 4.0
    /// The share of these domains.
    static let slowShare = 0.001
    /// Of the resolver, for a question that makes it ask others: 111 to 178 were measured.
    static let recursion = 145e-6

    /// Processor time of stsurvey in seconds: of a domain's first questions, and what a policy and
    /// an MX host take beside.
    struct Work {
        let domain, policy, host: Double
    }

    /// Questions for a domain with a record beside the first three: its policy host's addresses,
    /// and for half of them TLSRPT's name of drafts.
    static let questionsOfRecord = 2.5
    /// Questions for an MX host: its addresses, and for some TLSA.
    static let questionsOfHost = 2.3

    static let question = Octets(sent: 79, received: 134)
    static let upstream = Octets(sent: 85, received: 162)
    static let fetch = Octets(sent: 1500, received: 3000)
    static let session = Octets(sent: 1100, received: 1900)

    /// How many round trips a session takes, from connect to QUIT.
    static let roundTripsOfSession = 10.0
    /// How many round trips a fetch takes.
    static let roundTripsOfFetch = 6.0
    /// How many connections are begun in a second, as retries, to an address that refuses them.
    static let refusalsASecond = 1.0
    /// The share of hosts that do not answer.
    static let silentShare = 0.03

    /// Octets of a record, compressed.
    static let domainRecord = 105.0
    /// Octets of what a record has of a policy.
    static let policyRecord = 130.0
    static let hostRecord = 135.0

    /// Descriptors that are open in any case.
    static let descriptors = 40.0
    /// Memory in octets, whatever the list.
    static let memory = 45e6
    /// Of fetches and sessions, with the authorities that they trust.
    static let memoryOfTLS = 17e6
    static let memoryOfDomain = 8e3
    /// Of an entry that waits in the shuffle window.
    static let memoryOfEntry = 250.0
    static let memoryOfHost = 1.2e3
    /// Of a name, with `--unique`.
    static let memoryOfName = 11.0
    /// Of the resolver.
    static let resolverMemory = 20e6
    /// Of what it keeps of a domain, for so many domains, and beyond.
    static let memoryOfAnswers = 3.5e3
    static let sparseAnswers = 200_000.0
    static let memoryOfMoreAnswers = 2.1e3
}
