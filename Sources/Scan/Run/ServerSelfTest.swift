internal import Blocklist
internal import DNS
internal import DomainList
internal import EventLoop
internal import Resolver

/// Sends every name server a health check before the scan begins.
enum ServerSelfTest {
    /// How many names of the list the servers are compared by.
    private static let sampleNames = 32
    /// The number of lines at the beginning of a list from which these come.
    private static let sampleLines = 4096

    /// More questions than a server is sent.
    private static let questionsMax = 200

    /// The result for each; an error where none can be used, since all records would be false.
    ///
    /// `found` are questions that the servers have found records for before the scan was resumed.
    /// No name that `blocklist` excludes is looked up.
    static func checks(
        _ options: ScanOptions, sampling lists: [OpenedList] = [], found: [Question] = [],
        without blocklist: Blocklist
    ) throws(ScanError) -> [ServerCheck] {
        let checks: [ServerCheck]
        do throws(SystemShortage) {
            checks = try ask(
                options, sample(of: lists, without: blocklist, most: sampleSize(options)),
                found.filter { !blocklist.excludes($0.name) })
        } catch {
            throw .system("\(error)")
        }
        guard !checks.contains(where: { isUsable($0.fault, options) }) else { return checks }
        throw .output(complaint(options.nameServers, checks))
    }

    /// A server without the Internet's root may do for the names of a list.
    private static func isUsable(_ fault: HealthFault?, _ options: ScanOptions) -> Bool {
        switch fault {
        case nil, .lacksRoot, .deniesNothing: true
        case .invents, .findsNothing, .denies: options.resolver.trustsAnswers
        case .silent, .refuses, .fails: false
        }
    }

    private static func complaint(_ servers: [NameServer], _ checks: [ServerCheck]) -> String {
        let faults = checks.compactMap(\.fault)
        guard !faults.allSatisfy({ $0 == .silent }) else {
            let names = servers.map(\.description).joined(separator: ", ")
            return "no name server answers: \(names)"
        }
        let found = zip(servers, checks).compactMap { server, check in
            check.fault.map { "\(server) \($0)" }
        }
        let wayOn =
            faults.contains(where: \.isLie)
            ? "; name another resolver, or scan all the same with --trust-resolver-answers" : ""
        return "no name server can be used: " + found.joined(separator: "; ") + wayOn
    }

    private static func ask(
        _ options: ScanOptions, _ sample: [DomainName], _ found: [Question]
    ) throws(SystemShortage) -> [ServerCheck] {
        let loop = try EventLoop()
        guard
            let resolver = try? Resolver(
                servers: options.nameServers, options: options.resolver, loop: loop)
        else { return [] }
        let selfTest = SelfTest(loop: loop, resolver: resolver)
        // The root twice, perhaps once more without EDNS, and the patience for other names.
        let longest =
            3 * options.resolver.timeoutMilliseconds + 10_000
            + Int(1000 * Double(questionsMax) / questionRate(options))
        return try loop.answer(within: longest, on: "self-test") {
            await selfTest.check(sample: sample, found: found)
        } ?? []
    }

    /// How many questions a server may be sent in a second.
    private static func questionRate(_ options: ScanOptions) -> Double {
        let rates = [options.resolver.perSecond, options.resolver.perSecondInAll]
        return max(0.1, rates.compactMap(\.self).min() ?? 1000)
    }

    /// Fewer names where a server may be sent few questions: the scan should begin soon.
    private static func sampleSize(_ options: ScanOptions) -> Int {
        min(sampleNames, Int(questionRate(options)))
    }

    /// Names from the beginning of the first list that is a file, evenly spread.
    private static func sample(
        of lists: [OpenedList], without blocklist: Blocklist, most: Int
    ) -> [DomainName] {
        for list in lists where list.canBeReadAgain {
            let reader = ListReader([list])
            var names: [DomainName] = []
            var lines = 0
            while lines < sampleLines, let entry = try? reader.next() {
                lines += 1
                if case .success(let name) = entry.name, !name.isRoot, !blocklist.excludes(name) {
                    names.append(name)
                }
            }
            guard !names.isEmpty else { continue }
            let count = min(most, names.count)
            return (0..<count).map { names[$0 * names.count / count] }
        }
        return []
    }

    /// What a person should know of servers that did not do as they should.
    static func warnings(_ servers: [NameServer], _ checks: [ServerCheck]) -> [String] {
        let hasHealthy = checks.contains { $0.fault == nil }
        return zip(servers, checks).flatMap { server, check in
            var warnings: [String] = []
            if let fault = check.fault {
                warnings.append(
                    "\(server) \(fault)"
                        + (hasHealthy ? ": it is left out until it does better" : ""))
            } else if servers.count == 1, isSuspicious(check.denied) {
                warnings.append(
                    """
                    \(server) says of \(check.denied.count) of \(check.denied.of) names of the \
                    list that they do not exist: where that is not so, name a second resolver by \
                    --name-servers, with which it can be compared
                    """)
            }
            if check.fault == nil, !check.takesEDNS {
                warnings.append(
                    """
                    \(server) does not take EDNS (RFC 6891): it is asked without, and large \
                    answers come over TCP
                    """)
            }
            return warnings
        }
    }

    /// Whether more names do not exist than lists have, which are 2 to 5 % of dead names.
    private static func isSuspicious(_ denied: (count: Int, of: Int)) -> Bool {
        denied.of >= 8 && 4 * denied.count >= denied.of
    }

    private actor SelfTest {
        nonisolated let loop: EventLoop
        private let resolver: Resolver
        nonisolated var unownedExecutor: UnownedSerialExecutor {
            unsafe loop.asUnownedSerialExecutor()
        }

        init(loop: EventLoop, resolver: sending Resolver) {
            self.loop = loop
            self.resolver = resolver
        }

        func check(sample: [DomainName], found: [Question]) async -> [ServerCheck] {
            await resolver.check(sample: sample, found: found)
        }
    }
}
