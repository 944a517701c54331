public import DNS
public import EventLoop
internal import InFlight

/// When servers are sent health checks, and what becomes of it.
extension Resolver {
    /// How often a server in use is checked, in milliseconds, and after how many answers.
    private static let checkMilliseconds = 60_000
    static let answersPerCheck = 1000
    /// How many names that a server has found are looked up in each check.
    private static let recalledPerCheck = 16
    /// How often a server that refuses or fails is checked again before it is marked down, and
    /// after how many milliseconds; nothing else is sent to it meanwhile.
    private static let (repeatedChecks, repeatMilliseconds) = (2, 300)
    /// How often a server is checked at the end, as long as that says too little.
    private static let lastChecksMax = 3
    /// How long is waited for names that others' servers answer for, in milliseconds.
    private static let patienceMilliseconds = 2000
    /// The same for names that the server has found before.
    private static let recallMilliseconds = 500
    /// For how long a server that is being checked is sent questions: for one of the check that is
    /// lost on the way, and what is recalled after it, in milliseconds.
    private var checkMaxMilliseconds: Int {
        options.timeoutMilliseconds + 2 * Self.recallMilliseconds
    }

    // MARK: At the start

    /// Checks each server, with a sample of the names that will be looked up, and questions that
    /// were `found` to have records in the scan so far; the checks come in the servers' order.
    public func check(
        sample: [DomainName] = [], found: [Question] = []
    ) async -> [ServerCheck] {
        let findings = await unsafe withUnsafeContinuation { continuation in
            examineAll(HealthQuestions.sample(sample), HealthQuestions.parents(of: sample), found) {
                unsafe continuation.resume(returning: Box($0))
            }
        }.content
        let faults = HealthFindings.faults(findings, found)
        // Of one that is not healthy nothing is believed: it must find what the others find.
        let healthy = zip(findings, faults).first { $1 == nil }?.0.references
        return zip(findings, faults).map { findings, fault in
            let root = findings.root?.status == .found ? findings.root : nil
            let references = fault == nil ? findings.references : healthy ?? findings.references
            return ServerCheck(
                fault: fault, setsAD: root?.isAuthenticated, takesEDNS: findings.takesEDNS,
                denied: findings.denied(of: sample), references: references)
        }
    }

    /// Passes a value from the loop's code to the loop's code.
    private struct Box: @unchecked Sendable {
        let content: [HealthFindings]
        init(_ content: [HealthFindings]) { self.content = content }
    }

    private func examineAll(
        _ sample: [Question], _ parents: [DomainName], _ found: [Question],
        _ finish: @escaping ([HealthFindings]) -> Void
    ) {
        var all = servers.map { _ in HealthFindings() }
        var left = servers.count
        for server in servers {
            examine(server, sample + found, parents) { findings in
                all[server.place] = findings
                left -= 1
                if left == 0 { finish(all) }
            }
        }
    }

    private func examine(
        _ server: Server, _ sample: [Question], _ parents: [DomainName],
        _ finish: @escaping (HealthFindings) -> Void
    ) {
        askBasics(of: server) { [self] findings in
            guard findings.root?.status.isAnswer == true || findings.denial?.status.isAnswer == true
            else { return finish(findings) }
            let random = HealthQuestions.random(below: parents, [.a, .mx, .txt])
            var known = HealthQuestions.topLevel.map { Question($0, .ns) }
            if let name = findings.rootServerName { known.append(Question(name, .a)) }
            ask(known, random, of: server, findings) { [self] findings in
                ask(sample, [], of: server, findings, finish)
            }
        }
    }

    // MARK: In the course of a scan

    /// Checks every server in use from time to time, as long as the loop runs.
    public func watchServers() {
        let next = loop.now.advanced(milliseconds: Self.checkMilliseconds)
        _ = loop.schedule(at: next) { [self] in
            for server in servers where server.health.state == .up { askHealthCheck(server) }
            watchServers()
        }
    }

    /// Checks a server that has given enough answers since the last time.
    ///
    /// As long as a check is in progress, what the server answers may not be true, and would have
    /// to be asked again: nothing more is sent to it where that takes too long.
    func checkByCount(_ server: Server, at now: Instant) {
        guard let begun = server.checkedSince else { return askHealthCheck(server) }
        guard now.milliseconds(since: begun) > checkMaxMilliseconds else { return }
        _ = server.health.suspect(untilChecked: true)
    }

    /// Checks every server in use that has answered since its last check, before the end; several
    /// times where that says too little.
    public func checkOnceMore() async {
        for server in servers
        where server.health.state == .up && (server.answersSinceCheck > 0 || server.isBeingChecked)
        {
            let before = server.healthySince
            for _ in 0..<Self.lastChecksMax
            where server.health.state == .up && server.healthySince == before {
                await unsafe withUnsafeContinuation { continuation in
                    askHealthCheck(server) { unsafe continuation.resume() }
                }
            }
        }
    }

    /// Checks a server, unless a check is in progress; `then` is called when the check has ended.
    func askHealthCheck(_ server: Server, _ then: (() -> Void)? = nil) {
        if let then { server.afterCheck.append(then) }
        guard !server.isBeingChecked else { return }
        server.checkedSince = loop.now
        server.report.healthChecks += 1
        server.answersSinceCheck = 0
        let isDown = server.health.state == .down
        askBasics(of: server) { [self] findings in
            recall(
                isDown ? .max : Self.recalledPerCheck, parents: isDown ? .max : 1, of: server,
                findings
            ) { [self] findings in
                guard findings.isSuspicious else {
                    return conclude(findings, findings.fault, on: server)
                }
                recall(.max, parents: .max, of: server, findings) { [self] all in
                    conclude(all, all.fault ?? all.denial { _ in true }, on: server)
                }
            }
        }
    }

    /// Asks a server again about names that it has found before.
    private func recall(
        _ count: Int, parents: Int, of server: Server, _ findings: HealthFindings,
        _ then: @escaping (HealthFindings) -> Void
    ) {
        var basics = findings
        (basics.known, basics.random) = ([], [])
        guard basics.root?.status.isAnswer == true || basics.denial?.status.isAnswer == true else {
            return then(basics)
        }
        let chosen = Array(server.references.parents.shuffled().prefix(parents))
        ask(
            server.references.sample(count),
            HealthQuestions.random(below: chosen, [.a, .mx, .txt]), of: server, basics,
            patience: Self.recallMilliseconds, then)
    }

    /// Marks the server healthy, so that its timeouts count; or marks it down, and retries the
    /// questions.
    private func conclude(
        _ findings: HealthFindings, _ fault: HealthFault?, on server: Server
    ) {
        guard let begun = server.checkedSince else { preconditionFailure("no check is made") }
        server.checkedSince = nil
        if findings.isHeard { server.usesEDNS = findings.takesEDNS }
        if let fault, fault.mayBeLoad, !server.bears(fault, trustsAnswers: false),
            server.health.state != .down, server.failedChecks < Self.repeatedChecks
        {
            return checkAgain(server, mayBeLoss: !findings.isWhole)
        }
        server.failedChecks = 0
        let (held, waiting) = (server.held, server.afterCheck)
        (server.held, server.afterCheck) = ([], [])
        defer { for then in waiting { then() } }
        guard let fault, !server.bears(fault, trustsAnswers: options.trustsAnswers) else {
            server.health.passedCheck(at: loop.now)
            server.passedCheckAt = begun
            if findings.isConclusive { server.healthySince = begun }
            for (question, lookup) in findings.known where lookup?.isDenial == true {
                server.references.forget(question)
            }
            for query in held { count(query) }
            return sendWaiting(at: loop.turnTime)
        }
        let wasUp = server.health.state != .down
        markDown(server, fault)
        if fault.isLie, wasUp { onLie?(server.place, fault, (server.healthySince, loop.now)) }
        for query in held { reset(query) }
    }

    /// Checks a server again that may have been overloaded, after a delay.
    ///
    /// Nothing else is sent to it meanwhile, but where one of the check's own questions may have
    /// been lost on the way, once.
    private func checkAgain(_ server: Server, mayBeLoss: Bool) {
        if !mayBeLoss || server.failedChecks > 0 {
            _ = server.health.suspect(untilChecked: true)
            if window.pushBack(at: loop.now) { server.report.pushbacks += 1 }
        }
        server.failedChecks += 1
        server.checkedSince = loop.now
        let pause = Self.repeatMilliseconds * server.failedChecks
        _ = loop.schedule(at: loop.now.advanced(milliseconds: pause)) { [self] in
            server.checkedSince = nil
            askHealthCheck(server)
        }
    }

    /// Sends nothing more to the server until it passes a health check.
    func markDown(_ server: Server, _ fault: HealthFault) {
        if server.health.state != .down { server.report.outages += 1 }
        let pause = server.health.markDown(fault, at: loop.now)
        _ = loop.schedule(at: loop.now.advanced(milliseconds: pause)) { [self] in
            askHealthCheck(server)
        }
    }

    /// Since when every server in use is known to have answered as it should.
    public var healthySince: Instant {
        servers.lazy.filter { $0.health.state != .down }.map(\.healthySince).min() ?? loop.now
    }

    /// What servers have found, to be checked again when the scan is resumed.
    public var references: [Question] {
        servers.first { $0.health.state == .up }?.references.found ?? []
    }

    /// Excludes names from health checks.
    public func forgetReferences(to isExcluded: (DomainName) -> Bool) {
        for server in servers {
            for question in server.references.found where isExcluded(question.name) {
                server.references.forget(question)
            }
        }
    }

    // MARK: Asking

    /// Looks up the root and a name that does not exist, and once more without an answer.
    ///
    /// There are two such names, since a resolver that asks others loses some of its questions.
    /// A server that rejects EDNS, or does not answer it, is asked without it.
    private func askBasics(of server: Server, _ then: @escaping (HealthFindings) -> Void) {
        askBasics(of: server, usesEDNS: server.usesEDNS) { [self] first in
            if first.isHeard, !first.deniesEDNS { return then(first) }
            askBasics(of: server, usesEDNS: false) { [self] second in
                guard second.isHeard, !first.deniesEDNS, server.usesEDNS else {
                    return then(second)
                }
                // The answer without EDNS may not have been due to that: tries once more with it.
                askBasics(of: server, usesEDNS: true) { third in
                    then(third.isHeard && !third.deniesEDNS ? third : second)
                }
            }
        }
    }

    private func askBasics(
        of server: Server, usesEDNS: Bool, _ then: @escaping (HealthFindings) -> Void
    ) {
        let questions = [
            Question(.root, .soa), Question(HealthQuestions.randomLabel(), .a),
            Question(.root, .ns), Question(HealthQuestions.randomLabel(), .a),
        ]
        ask(questions, of: server, usesEDNS: usesEDNS, nil) { answers in
            let denials = [answers[1], answers[3]].compactMap(\.self)
            var findings = HealthFindings()
            (findings.root, findings.rootServers) = (answers[0], answers[2])
            findings.denial = denials.first(where: \.status.isAnswer) ?? denials.first
            findings.takesEDNS = usesEDNS
            then(findings)
        }
    }

    private func ask(
        _ known: [Question], _ random: [(parent: DomainName, question: Question)],
        of server: Server, _ findings: HealthFindings,
        patience: Int = Resolver.patienceMilliseconds,
        _ then: @escaping (HealthFindings) -> Void
    ) {
        server.usesEDNS = findings.takesEDNS
        let questions = known + random.map(\.question)
        ask(questions, of: server, usesEDNS: server.usesEDNS, patience) { answers in
            var findings = findings
            findings.known += zip(known, answers).map { ($0, $1) }
            findings.random += zip(random, answers.dropFirst(known.count)).map {
                ($0.parent, $0.question, $1)
            }
            then(findings)
        }
    }

    /// Asks one server all of `questions`; `then` is called outside of c-ares, when all have ended
    /// or `patience` milliseconds are over.
    private func ask(
        _ questions: [Question], of server: Server, usesEDNS: Bool, _ patience: Int?,
        _ then: @escaping ([Lookup?]) -> Void
    ) {
        let answers = HealthAnswers(count: questions.count, on: loop, then)
        guard !questions.isEmpty else { return answers.end(afterMilliseconds: 0) }
        send(questions, from: 0, to: server, usesEDNS: usesEDNS, for: answers, patience)
    }

    /// Sends questions from `start` on, no more in a second than the server is to get; `patience`
    /// begins when all are sent.
    private func send(
        _ questions: [Question], from start: Int, to server: Server, usesEDNS: Bool,
        for answers: HealthAnswers, _ patience: Int?
    ) {
        var start = start
        while start < questions.count {
            if let wait = waitForBudget(of: server, at: loop.now) {
                _ = loop.schedule(at: loop.now.advanced(milliseconds: wait)) { [self] in
                    send(
                        questions, from: start, to: server, usesEDNS: usesEDNS, for: answers,
                        patience)
                }
                return
            }
            let part = Array(questions[start..<min(start + 3, questions.count)])
            let batch = Batch(
                part, for: HealthAnswers.Part(of: answers, from: start), by: self,
                isHealthCheck: true)
            for slot in part.indices {
                let query = Query(batch: batch, slot: slot)
                send(query, to: server, usesEDNS: usesEDNS, at: loop.turnTime)
            }
            start += part.count
        }
        if let patience { answers.end(afterMilliseconds: patience) }
    }
}

/// The answers of one server to a part of a health check, until all have arrived or time is over.
private final class HealthAnswers {
    /// Up to three of the questions.
    final class Part: LookupReceiver {
        private let all: HealthAnswers
        private let start: Int

        init(of all: HealthAnswers, from start: Int) {
            (self.all, self.start) = (all, start)
        }

        func take(_ lookups: Lookups) { all.take(lookups, from: start) }
    }

    private let loop: EventLoop
    private var answers: [Lookup?]
    private var left: Int
    private var then: (([Lookup?]) -> Void)?

    init(count: Int, on loop: EventLoop, _ then: @escaping ([Lookup?]) -> Void) {
        self.loop = loop
        self.then = then
        answers = Array(repeating: nil, count: count)
        left = count
    }

    private func take(_ lookups: Lookups, from start: Int) {
        for (place, lookup) in lookups.enumerated() where lookup.rcode != nil {
            answers[start + place] = lookup
        }
        left -= lookups.count
        // Not from within the callback: c-ares is about to close a socket that failed.
        if left == 0 { end(afterMilliseconds: 1) }
    }

    func end(afterMilliseconds milliseconds: Int) {
        _ = loop.schedule(at: loop.now.advanced(milliseconds: milliseconds)) { [self] in
            then.take()?(answers)
        }
    }
}

extension HealthFindings {
    /// A name of the root's own servers.
    fileprivate var rootServerName: DomainName? {
        rootServers?.records.lazy.compactMap { record -> DomainName? in
            if case .ns(let name) = record { name } else { nil }
        }.first
    }
}
