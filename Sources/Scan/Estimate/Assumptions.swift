internal import Glibc

/// What an estimate assumes of domains, of peers and of the machine.
///
/// Nothing of it is known before a scan. Each has a name, by which `--assume` sets it to what a
/// scan of a sample, or of the same list before, has shown.
public struct Assumptions: Equatable, Sendable {
    /// How many domains there are, without a list that says it.
    var domains: Double?
    /// The share of domains with MX records.
    ///
    /// Of those of the lab's lists; no survey of all registered domains has published it.
    var mail = 0.88
    /// How many domains have an MTA-STS record; nil for what surveys have found.
    var records: Double?
    /// How many MX hosts they name; nil for what surveys have found.
    var hosts: Double?
    /// The share of these hosts that are judged by the handshake of others at the same provider.
    ///
    /// Of the lab's mix of providers, in the shares that surveys have found.
    var shared = 0.36
    /// The share of the hosts that are probed at the provider that has most of them.
    var largest = 0.03
    /// The share of the hosts at one address that refuses connections.
    var refusing = 0.01
    /// Until a question is answered by the resolver, on average, in seconds.
    var answerTime = 0.3
    /// The share of questions that are asked again.
    var repeated = 0.1
    /// The round trip to a policy host or an MX host, in seconds.
    var roundTrip = 0.15
    /// The share of domains of which something fails transiently, so that it is retried.
    var failing = 0.01
    /// Questions that the resolver sends to name servers for the first questions of a domain; 0 for
    /// a resolver that forwards, or has the answers.
    var upstream = 4.9
    /// The processors of the machine; nil for this one's.
    var cores: Double?

    /// What is assumed where nothing else is said.
    public init() {}

    /// Whether answers come from far away.
    var isFar: Bool { answerTime >= Costs.farTime }

    /// One of them: its name, what it is, and where it is kept.
    struct Item: Sendable {
        /// Sets a value; false where it is out of range.
        let set: @Sendable (Double, inout Assumptions) -> Bool
        /// The value in use; nil where it follows from the number of domains.
        let value: @Sendable (Assumptions) -> Double?
        let name: String
        /// What it is, with its unit.
        let meaning: String

        init(
            _ name: String, _ path: any WritableKeyPath<Assumptions, Double> & Sendable,
            _ range: ClosedRange<Double>, _ meaning: String
        ) {
            self.init(name, range, meaning, value: { $0[keyPath: path] }) {
                $1[keyPath: path] = $0
            }
        }

        init(
            _ name: String, _ path: any WritableKeyPath<Assumptions, Double?> & Sendable,
            _ range: ClosedRange<Double>, _ meaning: String
        ) {
            self.init(name, range, meaning, value: { $0[keyPath: path] }) {
                $1[keyPath: path] = $0
            }
        }

        private init(
            _ name: String, _ range: ClosedRange<Double>, _ meaning: String,
            value: @escaping @Sendable (Assumptions) -> Double?,
            assign: @escaping @Sendable (Double, inout Assumptions) -> Void
        ) {
            self.name = name
            self.meaning = meaning
            self.value = value
            set = { number, assumptions in
                guard range.contains(number) else { return false }
                assign(number, &assumptions)
                return true
            }
        }
    }

    private static let anyNumber = 0...1e12
    private static let anyShare = 0.0...1.0

    /// All of them, in the order of the page.
    static let items = [
        Item("domains", \.domains, anyNumber, "domains, in place of a list"),
        Item("mail", \.mail, anyShare, "share of domains with MX records"),
        Item("records", \.records, anyNumber, "domains with an MTA-STS record"),
        Item("hosts", \.hosts, anyNumber, "MX hosts that they name"),
        Item("shared", \.shared, anyShare, "share of the hosts that share a handshake"),
        Item("largest", \.largest, anyShare, "share of the probed hosts at one provider"),
        Item("refusing", \.refusing, anyShare, "share of the hosts at one address that refuses"),
        Item("answer-time", \.answerTime, 0...60, "seconds until the resolver answers"),
        Item("repeated", \.repeated, 0...10, "questions asked again, for each that is asked"),
        Item("round-trip", \.roundTrip, 0...60, "seconds there and back to hosts"),
        Item("failing", \.failing, anyShare, "share of domains that are retried"),
        Item(
            "upstream", \.upstream, 0...1000,
            "questions of the resolver to name servers, for a domain's first"),
        Item("cores", \.cores, 1...100_000, "processors of the machine"),
    ]

    /// Sets one by its text, such as `hosts=50000`; false where that is not understood.
    mutating func set(_ text: Substring) -> Bool {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, let item = Self.items.first(where: { $0.name == parts[0] }),
            let number = Double(parts[1])
        else { return false }
        return item.set(number, &self)
    }

    /// How many of so many domains have an MTA-STS record, where they are those with most visitors.
    ///
    /// 2.2 % of Tranco's first 10,000 (vadimivanov on dev.to, 2026), 0.7 % of the first million
    /// (suped.com, 2026), of what is beyond 0.1 % (0.07 to 0.13 % of .com, .net, .org and .se:
    /// Ashiq, Fiebig and Chung, IMC 2025).
    func recordCount(of domains: Double) -> Double {
        if let records { return min(records, domains) }
        let first = min(domains, 10_000)
        let million = min(max(0, domains - 10_000), 990_000)
        let rest = max(0, domains - 1_000_000)
        return 0.022 * first + 0.00685 * million + 0.001 * rest
    }

    /// How many MX hosts so many domains name.
    ///
    /// 421 of the first 1,000 of a list (EFF, 2018) and 367,190 of the first million (Schaumann,
    /// 2026) give the exponent. Beyond a million nobody has published a number: what is more rarely
    /// visited is more often at a large provider, so that it is then too high.
    func hostCount(of domains: Double) -> Double {
        if let hosts { return hosts }
        return domains < 1 ? 0 : min(domains, 421 * pow(domains / 1000, 0.98))
    }
}
