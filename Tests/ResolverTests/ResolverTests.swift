import DNS
import EventLoop
import Resolver
import ScriptedServers
import Synchronization
import Testing

private let name = DomainName(canonical: "a.example")
private let address = RecordData.a(.v4(0xC000_0201))

/// Asks the servers one question, with so much patience for each try, in milliseconds.
private func lookup(
    _ type: RecordType, at servers: DNSServer..., timeout: Int = 5000
) throws -> Lookup {
    let addresses = servers.map { NameServer(.v4(0x7F00_0001), port: $0.port) }
    return try onLoop { loop in
        var options = ResolverOptions()
        options.timeoutMilliseconds = timeout
        let resolver = try Resolver(servers: addresses, options: options, loop: loop)
        return await resolver.lookup(Question(name, type))
    }
}

/// A resolver that asks so often, with so many milliseconds for each try.
private func resolver(
    of server: DNSServer, timeout: Int, tries: Int = 3, on loop: EventLoop
) throws -> Resolver {
    var options = ResolverOptions()
    options.timeoutMilliseconds = timeout
    options.tries = tries
    return try Resolver(
        servers: [NameServer(.v4(0x7F00_0001), port: server.port)], options: options, loop: loop)
}

@Suite struct `questions that are asked in order` {
    private static let further = DomainName(canonical: "b.a.example")
    private static let all = [
        Question(name, .mx), Question(further, .txt), Question(further, .a),
    ]

    /// The lookups of three questions, and how often the server was asked for each type.
    private func ask(
        _ server: DNSServer, in order: QuestionOrder
    ) throws -> (lookups: [LookupStatus], types: [String]) {
        let address = NameServer(.v4(0x7F00_0001), port: server.port)
        let statuses = try onLoop { loop in
            let resolver = try Resolver(
                servers: [address], options: ResolverOptions(), loop: loop)
            return await resolver.lookups(Self.all, in: order).map(\.status)
        }
        let asked = server.questions.filter { $0.contains(name.text) }
        return (statuses, asked.compactMap { $0.split(separator: " ").last.map(String.init) })
    }

    @Test func `begin with the first, and end with all`() throws {
        let server = try DNSServer([
            name.text: [.mx: .records([])],
            Self.further.text: [.txt: .records([]), .a: .records([address])],
        ])
        let found = try ask(server, in: .firstUnlessDenied)
        #expect(found.lookups == [.nodata, .nodata, .found])
        #expect(found.types.first == "15" && found.types.count == 3)
    }

    @Test func `end with the first where its answer proves that nothing is below`() throws {
        let server = try DNSServer([:])
        let found = try ask(server, in: .firstUnlessDenied)
        #expect(found.lookups == [.nxdomain] && found.types == ["15"])
        #expect(try ask(server, in: .first).lookups.count == 3)
        #expect(try ask(server, in: .together).lookups.count == 3)
    }

    @Test func `go on where the first fails`() throws {
        let server = try DNSServer([name.text: [.mx: .rcode(2)]])
        let found = try ask(server, in: .firstUnlessDenied)
        #expect(found.lookups == [.servfail, .nxdomain, .nxdomain])
    }
}

@Suite struct `a resolver's question` {
    @Test func `is answered with the records of its type`() throws {
        let mx = RecordData.mx(preference: 5, exchange: DomainName(canonical: "mx.example"))
        let server = try DNSServer([
            name.text: [.a: .records([address]), .mx: .records([mx]), .txt: .records([])]
        ])
        let found = try lookup(.a, at: server)
        #expect(found.status == .found && found.records == [address] && found.ttl == 300)
        #expect(found.isAuthenticated)
        #expect(try lookup(.mx, at: server).records == [mx])
        #expect(try lookup(.txt, at: server).status == .nodata)
        #expect(server.questions.filter { $0.contains(name.text) }.count == 3)
        #expect(try lookup(.a, at: DNSServer([:])).status == .nxdomain)
    }

    @Test func `goes to the next server where one fails, and ends as all do`() throws {
        let good = try DNSServer([name.text: [.a: .records([address])]])
        for code in [2, 5] as [UInt16] {
            let bad = try DNSServer([name.text: [.a: .rcode(code)]])
            for _ in 0..<2 { #expect(try lookup(.a, at: bad, good).status == .found) }
            #expect(bad.questions.contains("udp a.example 1"))
        }
        let servfail = try DNSServer([name.text: [.a: .rcode(2)]])
        let failed = try lookup(.a, at: servfail)
        #expect(failed.status == .servfail && failed.rcode == 2)
    }

    @Test func `goes to the next server where one is silent, or answers another query`() throws {
        let good = try DNSServer([name.text: [.a: .records([address])]])
        for reply in [DNSReply.silence, .wrongID([.a(.v4(1))])] {
            let bad = try DNSServer([name.text: [.a: reply]])
            let found = try lookup(.a, at: bad, good, timeout: 600)
            #expect(found.status == .found && found.records == [address])
            #expect(bad.questions.contains("udp a.example 1"))
        }
    }

    @Test func `is unanswered where the server is silent to it and answers others`() throws {
        let server = try DNSServer([name.text: [.a: .silence, .mx: .records([])]])
        try onLoop { loop in
            // The tasks run on the loop that the resolver lives on.
            nonisolated(unsafe) let resolver = try resolver(
                of: server, timeout: 300, tries: 2, on: loop)
            let silent = Task(executorPreference: loop) {
                await resolver.lookup(Question(name, .a)).status
            }
            while resolver.load > 0 || resolver.ended == 0 {
                #expect(await resolver.lookup(Question(name, .mx)).status == .nodata)
                await loop.sleep(until: loop.now.advanced(milliseconds: 10))
            }
            #expect(await silent.value == .timeout)
        }
        #expect(server.questions.filter { $0 == "udp a.example 1" }.count == 2)
    }

    @Test func `ends as it was answered, where silence followed`() throws {
        let servfail = try DNSServer([name.text: [.a: .rcode(2)]])
        let silent = try DNSServer([name.text: [.a: .silence]])
        for servers in [[servfail, silent], [silent, servfail]] {
            let status = try onLoop { loop in
                var options = ResolverOptions()
                options.timeoutMilliseconds = 300
                options.tries = 2
                let addresses = servers.map { NameServer(.v4(0x7F00_0001), port: $0.port) }
                let resolver = try Resolver(servers: addresses, options: options, loop: loop)
                return await resolver.lookup(Question(name, .a)).status
            }
            #expect(status == .servfail)
        }
        #expect(silent.questions.contains("udp a.example 1"))
    }

    @Test func `waits where the only server answers nobody`() throws {
        let server = try DNSServer([:], otherwise: .silence)
        try onLoop { loop in
            nonisolated(unsafe) let resolver = try resolver(
                of: server, timeout: 300, tries: 2, on: loop)
            _ = Task(executorPreference: loop) { await resolver.lookup(Question(name, .a)) }
            #expect(await loop.wait { resolver.reports[0].fault == .silent })
            #expect(resolver.reports[0].timeouts == 1, "it is not asked until it is healthy")
            #expect(resolver.ended == 0 && resolver.load == 1)
        }
    }

    @Test func `is asked again over TCP where the answer is truncated`() throws {
        let server = try DNSServer([name.text: [.a: .truncated([address])]])
        let found = try lookup(.a, at: server)
        #expect(found.status == .found && found.records == [address])
        let asked = server.questions.filter { $0.contains(name.text) }
        #expect(asked == ["udp a.example 1", "tcp a.example 1"])
    }
}

@Suite struct `answers to many questions` {
    @Test func `are taken together, none lost and none timed out`() throws {
        let server = try DNSServer([
            name.text: [.a: .delayed(milliseconds: 30, [address]), .mx: .records([])]
        ])
        try onLoop { loop in
            // The tasks run on the loop that the resolver lives on.
            nonisolated(unsafe) let resolver = try resolver(
                of: server, timeout: 60_000, on: loop)
            for _ in 0..<5 {
                let types = [RecordType.a, .mx, .mx, .mx]
                let tasks = (0..<100).map { place in
                    Task(executorPreference: loop) {
                        await resolver.lookup(Question(name, types[place % types.count])).status
                    }
                }
                for (place, task) in tasks.enumerated() {
                    #expect(await task.value == (place % types.count == 0 ? .found : .nodata))
                }
                // One question alone is answered when its answer comes.
                #expect(await resolver.lookup(Question(name, .mx)).status == .nodata)
            }
            #expect(resolver.load == 0 && resolver.ended == 505)
            #expect(resolver.reports[0].timeouts == 0 && resolver.reports[0].retries == 0)
        }
    }
}

@Suite struct `a server that is checked in the course of a scan` {
    /// Asks so many questions, a hundred at a time, as long as the server is sent any.
    private func ask(_ count: Int, of resolver: Resolver, on loop: EventLoop) async {
        // The tasks run on the loop that the resolver lives on.
        nonisolated(unsafe) let resolver = resolver
        let end = resolver.ended + count
        while resolver.ended < end, resolver.reports[0].state == .up {
            let tasks = (0..<100).map { _ in
                Task(executorPreference: loop) { await resolver.lookup(Question(name, .mx)).status }
            }
            while resolver.load > 0, resolver.reports[0].state == .up {
                // So that the loop answers meanwhile; the number asked for ends it, or the state.
                await loop.sleep(until: loop.now.advanced(milliseconds: 1))
            }
            guard resolver.load == 0 else { return }
            for task in tasks { #expect(await task.value == .nodata) }
        }
    }

    @Test func `is asked on where a question of the check is lost`() throws {
        let server = try DNSServer([name.text: [.mx: .records([])], ".": [.ns: .silence]])
        try onLoop { loop in
            let resolver = try resolver(of: server, timeout: 60_000, on: loop)
            await ask(3000, of: resolver, on: loop)
            let report = resolver.reports[0]
            #expect(report.state == .up && report.healthChecks == 1 && resolver.ended >= 3000)
        }
    }

    @Test func `is asked nothing more where the check takes too long`() throws {
        let server = try DNSServer([name.text: [.mx: .records([])]], otherwise: .silence)
        try onLoop { loop in
            let resolver = try resolver(of: server, timeout: 2000, on: loop)
            await ask(.max / 2, of: resolver, on: loop)
            #expect(resolver.reports[0].state == .suspect && resolver.ended > 1000)
        }
    }

    @Test(arguments: [1, 2])
    func `is held back only where more than one answer about the root is lost`(
        count: Int
    ) throws {
        let lost = Atomic(0)
        let server = try DNSServer([
            name.text: [.mx: .records([])],
            ".": [
                .soa: .messages { query in
                    let isLost = lost.add(1, ordering: .relaxed).newValue <= count
                    return isLost ? [] : [Self.found(query)]
                }
            ],
        ])
        try onLoop { loop in
            let resolver = try resolver(of: server, timeout: 300, on: loop)
            #expect(await resolver.lookup(Question(name, .mx)).status == .nodata)
            await resolver.checkOnceMore()
            let report = resolver.reports[0]
            #expect(report.state == .up && report.healthChecks == count + 1)
            #expect(report.pushbacks == count - 1)
        }
    }

    @Test func `is trusted for nothing where what it has found before is not answered`() throws {
        let isSilent = Atomic(false)
        let other = DomainName(canonical: "b.example")
        let server = try DNSServer([
            name.text: [.mx: .records([])], ".": [.soa: .messages { [Self.found($0)] }],
            other.text: [
                .mx: .messages { query in
                    isSilent.load(ordering: .relaxed) ? [] : [Self.found(query)]
                }
            ],
        ])
        try onLoop { loop in
            let resolver = try resolver(of: server, timeout: 60_000, on: loop)
            #expect(await resolver.lookup(Question(other, .mx)).status == .found)
            let start = resolver.healthySince
            await resolver.checkOnceMore()
            let known = resolver.healthySince
            #expect(known > start)
            isSilent.store(true, ordering: .relaxed)
            #expect(await resolver.lookup(Question(name, .mx)).status == .nodata)
            await resolver.checkOnceMore()
            let report = resolver.reports[0]
            #expect(resolver.healthySince == known && report.state == .up)
            #expect(report.healthChecks == 4, "it is asked three times whether they are true")
        }
    }

    /// An answer by a record of the type that a query asks for, with the data of an MX record.
    private static func found(_ query: [UInt8]) -> [UInt8] {
        var answer = Array(query.prefix(2)) + [0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]
        let end = query[12...].firstIndex(of: 0).map { $0 + 5 } ?? query.count
        answer += query[12..<end] + [0xC0, 12] + query[end - 4..<end] + [0, 0, 0, 60]
        answer += [0, 6, 0, 10, 1, 109, 0xC0, 12]
        return answer
    }
}
