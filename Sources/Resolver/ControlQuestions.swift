internal import DNS

/// What a name server answers to questions whose answers are known beforehand.
///
/// The root's SOA must be there; a random name below the root must not (a server that cannot reach
/// others fails at it, one that invents answers gives itself away).
public struct Soundness: Hashable, Sendable {
    /// Whether the root's SOA was found.
    public var findsRoot: Bool
    /// Whether a name that does not exist was said not to exist.
    public var deniesNames: Bool

    /// Both answers as they should be.
    static let sound = Soundness(findsRoot: true, deniesNames: true)

    /// Whether both answers are as they should be.
    public var isSound: Bool { findsRoot && deniesNames }

    /// Whether everything that `expected` has is there.
    func meets(_ expected: Soundness) -> Bool {
        (findsRoot || !expected.findsRoot) && (deniesNames || !expected.deniesNames)
    }
}

/// How a name server stood the control questions.
public struct ServerCheck: Sendable {
    /// What it answered; nil where it answered nothing.
    public var soundness: Soundness?
    /// Whether the answer for the root has the AD bit; nil without that answer.
    public var setsAD: Bool?
}

/// The control questions of one server, on their way.
final class Control: Asker {
    private static let roundsMax = 2

    let server: Server
    let finish: (ServerCheck) -> Void
    private let resolver: Resolver
    private var round = 0
    private var root: Lookup?
    private var denial: Lookup?

    init(of server: Server, by resolver: Resolver, _ finish: @escaping (ServerCheck) -> Void) {
        self.server = server
        self.resolver = resolver
        self.finish = finish
    }

    /// The questions of the next round; nil after the last.
    func questions() -> [Question]? {
        guard round < Self.roundsMax else { return nil }
        round += 1
        return [Question(.root, .soa), Question(Self.randomName(), .a)]
    }

    func take(_ lookups: Lookups) {
        if lookups[0].rcode != nil { root = lookups[0] }
        if lookups[1].rcode != nil { denial = lookups[1] }
        resolver.answered(self)
    }

    /// Whether anything came back.
    var isHeard: Bool { root != nil || denial != nil }

    /// What the answers amount to.
    var check: ServerCheck {
        guard isHeard else { return ServerCheck(soundness: nil, setsAD: nil) }
        let findsRoot = root?.status == .found
        return ServerCheck(
            soundness: Soundness(findsRoot: findsRoot, deniesNames: denial?.status == .nxdomain),
            setsAD: findsRoot ? root?.isAuthenticated : nil)
    }

    /// A label that is no top-level domain but for a chance of less than 1 in 10¹⁵.
    private static func randomName() -> DomainName {
        let letters = "abcdefghijklmnopqrstuvwxyz"
        let label = (0..<16).compactMap { _ in letters.randomElement() }
        return DomainName(canonical: String(label))
    }
}
