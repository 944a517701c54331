/// What a health check finds wrong with a name server.
public enum HealthFault: Hashable, Sendable, CustomStringConvertible {
    /// It answers nothing.
    case silent
    /// It answers REFUSED to the root and to everything else.
    case refuses
    /// It answers by a failure to the root and to everything else.
    case fails
    /// It does not find the root's SOA.
    case lacksRoot
    /// It does not say of a name that it does not exist.
    case deniesNothing
    /// It has records for names that do not exist; one of them.
    case invents(String)
    /// It finds nothing below the root.
    case findsNothing
    /// It denies so many names of all that another server finds, or that it has found before; one
    /// of them.
    case denies(Int, of: Int, example: String)

    /// Whether it answers, and what it says is not so: its answers would be believed.
    public var isLie: Bool {
        switch self {
        case .invents, .findsNothing, .denies: true
        case .silent, .refuses, .fails, .lacksRoot, .deniesNothing: false
        }
    }

    /// Whether an overloaded server shows the same fault for a short time.
    var mayBeLoad: Bool {
        switch self {
        case .refuses, .fails, .lacksRoot, .deniesNothing: true
        case .silent, .invents, .findsNothing, .denies: false
        }
    }

    /// What the server does, as the end of a sentence that begins with its address.
    public var description: String {
        switch self {
        case .silent: "does not answer"
        case .refuses:
            """
            refuses to answer this machine: allow it \
            (unbound: access-control: ADDRESS allow; BIND: allow-recursion)
            """
        case .fails: "answers every question by a failure (SERVFAIL or such)"
        case .lacksRoot: "does not find the root's SOA"
        case .deniesNothing: "does not say of a name that it does not exist"
        case .invents(let name): "has records for names that do not exist, such as \(name)"
        case .findsNothing: "finds nothing below the root"
        case .denies(let count, let all, let example):
            "denies \(count) of \(all) names that are known to exist, such as \(example)"
        }
    }
}

/// How a name server did in the health check at the start.
public struct ServerCheck: Sendable {
    /// What is wrong with it; nil for nothing.
    public internal(set) var fault: HealthFault?
    /// Whether the answer for the root has the AD bit; nil without that answer.
    public internal(set) var setsAD: Bool?
    /// Whether it answers questions with an OPT record (RFC 6891).
    public internal(set) var takesEDNS = true
    /// Of how many names of a list it says that they do not exist, and of how many in all.
    public internal(set) var denied = (count: 0, of: 0)
    /// What it has found and denied, to be checked again during the scan.
    public internal(set) var references = ReferenceAnswers()
}
