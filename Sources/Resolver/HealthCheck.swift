internal import DNS
internal import EventLoop

// What a name server is asked whose answers are known, so that it is noticed when it does not
// answer as the DNS is. What may differ between resolvers that are all right:
//
// - The root may be another than the Internet's, as in a lab: nothing is expected of a top-level
//   domain unless the root's NS records are the Internet's, another server has it, or this server
//   had it before.
// - A filter denies single names, a split view has other names, a name goes while a scan runs: a
//   server is at fault where it denies an eighth of the names that another server finds, or that
//   it has found before, and at least three.
// - A top-level domain may have a wildcard: a server is at fault where it has records for random
//   names below half of those asked about, and at least two.
// - Records differ by place and time: they are not compared, only whether there are any.

/// What a health check has brought; nil where nothing came back.
struct HealthFindings {
    var root: Lookup?
    var denial: Lookup?
    var rootServers: Lookup?
    /// Names that were asked about and whether they exist, with records of the type asked for.
    var known: [(question: Question, lookup: Lookup?)] = []
    /// Random names below others.
    var random: [(parent: DomainName, question: Question, lookup: Lookup?)] = []
    var takesEDNS = true

    /// Whether the root is that of the Internet.
    private var hasInternetRoot: Bool {
        rootServers?.records.contains {
            if case .ns(let name) = $0 { name.text.hasSuffix(".root-servers.net") } else { false }
        } == true
    }

    /// Whether anything came back.
    var isHeard: Bool { root != nil || denial != nil }

    /// Whether the server is one that does not know EDNS.
    var deniesEDNS: Bool { [root, denial].contains { $0?.deniesEDNS == true } }

    /// Whether something is not as it was: then all of it is asked.
    var isSuspicious: Bool {
        known.contains { $0.lookup?.isDenial == true }
            || random.contains { $0.lookup?.status == .found }
    }

    /// What is wrong by these answers alone.
    var fault: HealthFault? {
        guard isHeard else { return .silent }
        let basics = [root, denial].compactMap(\.self)
        if basics.allSatisfy({ $0.status == .refused }) { return .refuses }
        if basics.allSatisfy({ !$0.status.isAnswer }) { return .fails }
        if denial?.status == .found { return .invents("a random top-level domain") }
        if let name = inventedName { return .invents(name) }
        if findsNothing { return .findsNothing }
        if hasInternetRoot, let fault = denial(of: Self.isTopLevel) { return fault }
        if root?.status != .found { return .lacksRoot }
        return denial?.status == .nxdomain ? nil : .deniesNothing
    }

    private static func isTopLevel(_ question: Question) -> Bool {
        question.name.labels.count == 1
    }

    /// A random name with records, where there are too many for wildcards.
    private var inventedName: String? {
        var parents: [DomainName: Bool] = [:]
        var example: String?
        for (parent, question, lookup) in random {
            guard let lookup, lookup.status.isAnswer else { continue }
            let isFound = lookup.status == .found
            if isFound { example = question.name.text }
            parents[parent] = parents[parent] == true || isFound
        }
        let count = parents.values.count { $0 }
        return count >= 2 && 2 * count >= parents.count ? example : nil
    }

    /// Whether not one of many names has records, that of the root's own servers among them.
    private var findsNothing: Bool {
        let answered = known.compactMap(\.lookup).filter(\.status.isAnswer)
        guard answered.count >= 8 else { return false }
        return answered.allSatisfy { $0.status != .found }
            && known.contains {
                isRootServer($0.question.name) && $0.lookup?.status.isAnswer == true
            }
    }

    private func isRootServer(_ name: DomainName) -> Bool {
        rootServers?.records.contains { $0 == .ns(name) } == true
    }

    /// The fault of denying too many of the names that ought to be there.
    func denial(of isExpected: (Question) -> Bool) -> HealthFault? {
        var isDenied: [DomainName: Bool] = [:]
        for (question, lookup) in known {
            guard let lookup, lookup.status.isAnswer, isExpected(question) else { continue }
            let base = question.listed
            isDenied[base] = isDenied[base] == true || !lookup.exists(for: question)
        }
        let denied = isDenied.filter(\.value).keys
        guard denied.count >= min(3, isDenied.count), denied.count >= 2,
            8 * denied.count >= isDenied.count, let example = denied.first
        else { return nil }
        return .denies(denied.count, of: isDenied.count, example: example.text)
    }

    /// Of how many of the names the server says that they do not exist, and how many it knows.
    func denied(of names: [DomainName]) -> (count: Int, of: Int) {
        let wanted = Set(names)
        let lookups = known.filter { $0.question.type == .mx && wanted.contains($0.question.name) }
            .compactMap(\.lookup).filter(\.status.isAnswer)
        return (lookups.count { $0.status == .nxdomain }, lookups.count)
    }

    /// What can be checked again during a scan.
    var references: ReferenceAnswers {
        var references = ReferenceAnswers()
        for (question, lookup) in known where lookup?.status == .found {
            references.learn(question)
        }
        var parents: [DomainName: Bool] = [:]
        for (parent, _, lookup) in random {
            parents[parent] = parents[parent] != false && lookup?.status == .nxdomain
        }
        for (parent, denies) in parents where denies { references.learn(parent: parent) }
        return references
    }
}

extension HealthFindings {
    /// What is wrong with each of several servers by what the others find, and by what they have
    /// `found` before.
    ///
    /// Who has records is believed: they are harder to invent than to deny, and who invents them
    /// is found by random names.
    static func faults(_ all: [HealthFindings], _ found: [Question]) -> [HealthFault?] {
        let alone = all.map(\.fault)
        return all.indices.map { place in
            if let fault = alone[place] { return fault }
            var expected = Set(found.map(\.key))
            for other in all.indices where other != place && alone[other]?.isLie != true {
                for (question, lookup) in all[other].known
                where lookup?.exists(for: question) == true { expected.insert(question.key) }
            }
            return all[place].denial { expected.contains($0.key) }
        }
    }
}

extension Question {
    /// The name as in a list, without labels such as `_mta-sts`.
    fileprivate var listed: DomainName {
        guard let first = name.labels.first, first.hasPrefix("_") else { return name }
        return name.parent ?? name
    }

    fileprivate var key: [String] { [name.text, "\(type.rawValue)"] }
}

extension Lookup {
    /// Whether it says that what was asked for is not there.
    var isDenial: Bool { status == .nxdomain || status == .nodata }

    /// Whether it says that what was asked for is there; top-level domains need no records of their
    /// own in a lab.
    fileprivate func exists(for question: Question) -> Bool {
        status == .found || status == .nodata && question.name.labels.count == 1
    }
}

/// Names that are asked about in health checks.
enum HealthQuestions {
    /// Top-level domains that the Internet has, and without wildcards.
    static let topLevel = ["com", "net", "org", "de", "uk", "jp", "edu", "gov"]
        .map { DomainName(canonical: $0) }
    /// How many top-level domains are asked about random names.
    private static let parentsMax = 8

    /// A label that exists somewhere with a probability of less than 1 in 10¹⁵.
    static func randomLabel() -> DomainName {
        let letters = "abcdefghijklmnopqrstuvwxyz"
        let label = (0..<16).compactMap { _ in letters.randomElement() }
        return DomainName(canonical: String(label))
    }

    /// The names below which random ones are asked about: those of the Internet's, and of a list's.
    static func parents(of sample: [DomainName]) -> [DomainName] {
        var parents = Array(topLevel.prefix(parentsMax / 2))
        for name in sample {
            guard let last = name.labels.last, parents.count < parentsMax else { continue }
            let parent = DomainName(canonical: last)
            if !parents.contains(parent), name != parent { parents.append(parent) }
        }
        return parents
    }

    /// A random name below each of `parents`, asked for by each of some types.
    static func random(below parents: [DomainName], _ types: [RecordType]) -> [(
        parent: DomainName, question: Question
    )] {
        parents.flatMap { parent -> [(parent: DomainName, question: Question)] in
            guard let name = parent.prefixed(by: randomLabel()) else { return [] }
            return types.map { (parent, Question(name, $0)) }
        }
    }

    /// The questions that a scan will ask about a name, and others that most names answer.
    static func sample(_ names: [DomainName]) -> [Question] {
        names.flatMap { name in
            [Question(name, .mx), Question(name, .txt)]
                + [Question(.mtaSTS, of: name, .txt)].compactMap(\.self)
        }
    }
}
