internal import ConnectionLimits
internal import Glibc
internal import Records

/// An estimate and what it rests on, for people and for programs.
public struct EstimatePage: Sendable {
    let estimate: Estimate
    let assumed: Assumptions
    let options: ScanOptions

    private static let day = 86_400.0

    /// How many machines like this one do it in a day, as far as it is theirs: no machine makes a
    /// limit for the servers of others shorter.
    private var machines: Double {
        max(1, ((estimate.seconds[.processors] ?? 0) / Self.day).rounded(.up))
    }

    private var seconds: Double { max(1, estimate.duration) }

    // MARK: Text

    /// The page for people.
    public var text: String {
        (head + [""] + parts + [""] + limits + [""] + assumptions + [""] + error)
            .joined(separator: "\n") + "\n"
    }

    private var head: [String] {
        let isMostlyEnd = estimate.waitsForRetries > estimate.duration / 2
        return [
            "\(grouped(estimate.domains)) domains: \(Self.time(estimate.duration)), "
                + (isMostlyEnd
                    ? "most of it at the end, for what is retried"
                    : "limited by \(estimate.limit.title)"),
            "An estimate: nothing was sent.",
        ]
    }

    private var parts: [String] {
        let estimate = estimate
        let rates = (
            asked: estimate.questions / seconds, upstream: estimate.upstream / seconds,
            begun: estimate.sessions / seconds
        )
        return [
            Self.row(
                "questions",
                "\(grouped(estimate.questions)) to the resolver, \(grouped(rates.asked)) a second"),
            Self.row(
                "",
                "\(grouped(estimate.upstream)) from it to name servers, "
                    + "\(grouped(rates.upstream)) a second"),
            Self.row(
                "connections",
                "\(grouped(estimate.policies)) to policy hosts, "
                    + "\(grouped(estimate.sessions)) to MX hosts, "
                    + "\(grouped(rates.begun)) of these a second"),
            Self.row(
                "line",
                "\(bits(estimate.sent + estimate.resolverSent)) out, "
                    + "\(bits(estimate.received + estimate.resolverReceived)) in, "
                    + "\(Self.octets(octets)) in all"),
            Self.row(
                "processors",
                "\(Self.time(estimate.processorSeconds)) of one for stsurvey, "
                    + "\(Self.time(estimate.resolverSeconds)) for the resolver"),
            Self.row(
                "memory",
                "\(Self.octets(estimate.memory)) for stsurvey, "
                    + "\(Self.octets(estimate.resolverMemory)) for the resolver"),
            Self.row("descriptors", "\(grouped(estimate.descriptors)) at once"),
            Self.row("disk", Self.octets(estimate.disk)),
        ] + othersLoad + advice
    }

    private var octets: Double {
        estimate.sent + estimate.received + estimate.resolverSent + estimate.resolverReceived
    }

    private var othersLoad: [String] {
        let limits = options.sharingLimits.limits
        return [
            Self.row(
                "others' load",
                "at most \(limits.address.atOnce) connections at once to an address, "
                    + "\(limits.domain.atOnce) to a provider"),
            Self.row(
                "", "the largest has \(Self.percent(assumed.largest)) of them, by what is assumed"),
        ]
    }

    /// Whether more machines help, and how many do it in a day.
    private var advice: [String] {
        guard seconds > Self.day else { return [Self.row("machines", "one")] }
        let processors = Self.time(estimate.seconds[.processors] ?? 0)
        let change =
            switch estimate.limit {
            case .provider: "no machine makes it shorter: a provider is the limit"
            case .dnsRate: "another resolver, without such a rate"
            case .processors, .loops: "more machines, or more processors and --threads"
            case .resolver: "more machines, or more processors and threads of the resolver"
            case .senders, .questions, .fetches, .sessions:
                "raise the option named: the processors would do it in \(processors)"
            }
        let count = grouped(machines)
        let shards =
            "\(count) by their processors, each with a resolver of its own, "
            + "--shard i/\(count) and --limits-share \(count)"
        return [Self.row("to be faster", change)]
            + (machines > 1 ? [Self.row("in a day", shards)] : [])
    }

    private var limits: [String] {
        let order = Estimate.Limit.allCases.sorted {
            (estimate.seconds[$0] ?? 0) > (estimate.seconds[$1] ?? 0)
        }
        return ["What it would take by each limit alone; the longest decides:"]
            + order.map { Self.row(Self.time(estimate.seconds[$0] ?? 0), $0.title) }
            + [
                Self.row(
                    Self.time(estimate.waitsForSlowest),
                    "beside, to begin and for the slowest answers"),
                Self.row(Self.time(estimate.waitsForRetries), "at the end, for what is retried"),
            ]
    }

    private var assumptions: [String] {
        ["Assumed; --assume NAME=VALUE sets one to what you know:"]
            + Assumptions.items.compactMap { item in
                value(of: item).map { Self.row("\(item.name)=\($0)", item.meaning) }
            }
    }

    private func value(of item: Assumptions.Item) -> String? {
        switch item.name {
        case "domains": nil
        case "records": Self.plain(assumed.recordCount(of: estimate.domains).rounded())
        case "hosts": Self.plain(estimate.hosts.rounded())
        case "cores": Self.plain(estimate.cores)
        default: item.value(assumed).map(Self.plain)
        }
    }

    private var error: [String] {
        [
            "By what was measured, the counts of a scan are within a quarter of this where the",
            "assumptions hold. Beyond a million domains nobody has counted MX hosts: their number",
            "is then too high rather than too low. Scan a sample, and set what it has shown.",
        ]
    }

    private static func row(_ title: String, _ text: String) -> String {
        let title =
            title.count < 18 ? title + String(repeating: " ", count: 18 - title.count) : title + " "
        return "  \(title)\(text)"
    }

    // MARK: JSON

    /// The same for programs, whose numbers are whole but for assumptions.
    public var json: String {
        let estimate = estimate
        func whole(_ number: Double) -> JSONDocument { .integer(Int(number.rounded())) }
        let limits = Estimate.Limit.allCases.map {
            (key: $0.rawValue, value: whole(estimate.seconds[$0] ?? 0))
        }
        let assumptions = Assumptions.items.compactMap { item in
            value(of: item).map { (key: item.name, value: JSONDocument.number($0)) }
        }
        return JSONDocument.object([
            ("domains", whole(estimate.domains)), ("entries", whole(estimate.entries)),
            ("seconds", whole(estimate.duration)), ("limit", .string(estimate.limit.rawValue)),
            ("seconds_by_limit", .object(limits)),
            ("seconds_for_slowest", whole(estimate.waitsForSlowest)),
            ("seconds_for_retries", whole(estimate.waitsForRetries)),
            ("policies", whole(estimate.policies)), ("hosts", whole(estimate.hosts)),
            ("sessions", whole(estimate.sessions)),
            ("questions", whole(estimate.questions)),
            ("questions_upstream", whole(estimate.upstream)),
            ("octets_sent", whole(estimate.sent)), ("octets_received", whole(estimate.received)),
            ("resolver_octets_sent", whole(estimate.resolverSent)),
            ("resolver_octets_received", whole(estimate.resolverReceived)),
            ("cpu_seconds", whole(estimate.processorSeconds)),
            ("resolver_cpu_seconds", whole(estimate.resolverSeconds)),
            ("memory_octets", whole(estimate.memory)),
            ("resolver_memory_octets", whole(estimate.resolverMemory)),
            ("descriptors", whole(estimate.descriptors)), ("disk_octets", whole(estimate.disk)),
            ("machines_for_a_day", whole(machines)), ("assumed", .object(assumptions)),
        ]).text
    }

    // MARK: Numbers

    private func grouped(_ number: Double) -> String {
        Records.grouped(Int(number.rounded()))
    }

    /// A rate on the line, of octets over the whole time.
    private func bits(_ octets: Double) -> String {
        Self.scaled(8 * octets / seconds, ["bit/s", "kbit/s", "Mbit/s", "Gbit/s"])
    }

    static func octets(_ number: Double) -> String {
        scaled(number, ["B", "KB", "MB", "GB", "TB", "PB"])
    }

    private static func scaled(_ number: Double, _ units: [String]) -> String {
        var (number, unit) = (number, 0)
        while number >= 1000, unit < units.count - 1 { (number, unit) = (number / 1000, unit + 1) }
        return "\(plain(rounded(number))) \(units[unit])"
    }

    /// A time in the unit in which it is easily read.
    static func time(_ seconds: Double) -> String {
        switch seconds {
        case ..<120: "\(plain(rounded(seconds))) s"
        case ..<7200: "\(plain(rounded(seconds / 60))) min"
        case ..<172_800: "\(plain(rounded(seconds / 3600))) h"
        default: "\(plain(rounded(seconds / 86_400))) days"
        }
    }

    /// Two digits, since an estimate has no more that count.
    private static func rounded(_ number: Double) -> Double {
        guard number > 0 else { return 0 }
        let unit = pow(10, floor(log10(number)) - 1)
        return unit < 1
            ? (number / unit).rounded() / (1 / unit).rounded() : (number / unit).rounded() * unit
    }

    private static func percent(_ share: Double) -> String { "\(plain(rounded(100 * share))) %" }

    private static func plain(_ number: Double) -> String {
        Int(exactly: number).map { "\($0)" } ?? "\(number)"
    }
}
