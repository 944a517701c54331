internal import DNS
internal import EventLoop

// Questions to a name server whose answers are known, to find false answers. Healthy resolvers may
// differ in the following:
//
// - The root may not be the Internet's, as in a lab: nothing is expected of a top-level domain
//   unless the root's NS records are the Internet's, another server has it, or this server had it
//   before.
// - A filter denies single names, a split view has other names, a name goes while a scan runs: a
//   server is at fault where it denies an eighth of the names that another server finds, or that
//   it has found before, and at least three.
// - A top-level domain may have a wildcard: a server is at fault where it has records for random
//   names below half of those asked about, and at least two.
// - Records differ by place and time: they are not compared, only whether there are any.

/// The answers to a health check; nil where there was none.
struct HealthFindings {
    var root: Lookup?
    var denial: Lookup?
    var rootServers: Lookup?
    /// Names that were looked up and whether they exist, with records of the queried type.
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

    /// Whether there was any answer.
    var isHeard: Bool { root != nil || denial != nil }

    /// Whether both have an answer, that of the root and that of a name that does not exist.
    var isWhole: Bool { root != nil && denial != nil }

    /// Whether the server is one that does not know EDNS.
    var deniesEDNS: Bool { [root, denial].contains { $0?.deniesEDNS == true } }

    /// Whether something has changed: then the full check is made.
    var isSuspicious: Bool {
        known.contains { $0.lookup?.isDenial == true }
            || random.contains { $0.lookup?.status == .found }
    }

    /// Whether two thirds of the names that were looked up have an answer: one that is late or lost
    /// is no sign that the others are true, and a server that denies half of all names may well
    /// find the first few.
    var isConclusive: Bool { 3 * known.count { $0.lookup != nil } >= 2 * known.count }

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

    /// Whether none of many names has records, among them that of the root's servers.
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
    /// The fault of each of several servers, by what the others find, and by what was `found`
    /// before.
    ///
    /// A server that has records is trusted: they are harder to invent than to deny, and random
    /// names show a server that invents them.
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
    /// Whether it says that there are no such records.
    var isDenial: Bool { status == .nxdomain || status == .nodata }

    /// Whether it says that there are such records; top-level domains need no records of their own
    /// in a lab.
    fileprivate func exists(for question: Question) -> Bool {
        status == .found || status == .nodata && question.name.labels.count == 1
    }
}

/// Names that are looked up in health checks.
enum HealthQuestions {
    /// Top-level domains that the Internet has, and without wildcards.
    static let topLevel = ["com", "net", "org", "de", "uk", "jp", "edu", "gov"]
        .map { DomainName(canonical: $0) }
    /// The most top-level domains below which random names are looked up.
    private static let parentsMax = 8

    /// A label that exists somewhere with a probability of less than 1 in 10¹⁵.
    static func randomLabel() -> DomainName {
        let letters = "abcdefghijklmnopqrstuvwxyz"
        let label = (0..<16).compactMap { _ in letters.randomElement() }
        return DomainName(canonical: String(label))
    }

    /// The top-level domains below which random names are looked up: some of the Internet's, and
    /// those of a list.
    static func parents(of sample: [DomainName]) -> [DomainName] {
        var parents = Array(topLevel.prefix(parentsMax / 2))
        for name in sample {
            guard let last = name.labels.last, parents.count < parentsMax else { continue }
            let parent = DomainName(canonical: last)
            if !parents.contains(parent), name != parent { parents.append(parent) }
        }
        return parents
    }

    /// A random name below each of `parents`, with a question for each of some types.
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
