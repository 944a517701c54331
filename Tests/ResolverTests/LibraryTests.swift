import DNS
import EventLoop
import ScriptedServers
import Synchronization
import Testing

@testable import Resolver

private let loopback = IPAddress.v4(0x7F00_0001)

private func name(_ kind: String, _ number: Int) -> DomainName {
    DomainName(canonical: "\(kind)\(number).example")
}

/// The questions of names such as `slow7.example`.
private func questions(_ kind: String, _ count: Int) -> [Question] {
    (0..<count).map { Question(name(kind, $0), .a) }
}

/// What is true of every version of c-ares that the program runs with.
@Suite struct `whatever the version of c-ares` {
    /// Asks the questions of a batch at once, and the batches one after the other.
    ///
    /// A silence is a question's own only where the server answers others: `asksOthers`.
    private func statuses(
        of batches: [[Question]], at server: DNSServer, timeout: Int = 4000,
        asksOthers: Bool = false
    ) throws -> (statuses: [[LookupStatus]], report: ServerReport) {
        try onLoop { loop in
            var options = ResolverOptions()
            options.timeoutMilliseconds = timeout
            nonisolated(unsafe) let resolver = try Resolver(
                servers: [NameServer(loopback, port: server.port)], options: options, loop: loop)
            let others = Task(executorPreference: loop) {
                while asksOthers, !Task.isCancelled {
                    _ = await resolver.lookup(questions("other", 1)[0])
                    await loop.sleep(until: loop.now.advanced(milliseconds: 20))
                }
            }
            defer { others.cancel() }
            var statuses: [[LookupStatus]] = []
            for questions in batches {
                let tasks = questions.map { question in
                    Task(executorPreference: loop) { await resolver.lookup(question).status }
                }
                var ended: [LookupStatus] = []
                for task in tasks { ended.append(await task.value) }
                statuses.append(ended)
            }
            return (statuses, resolver.reports[0])
        }
    }

    @Test func `slow answers behind fast ones are waited for`() throws {
        var replies: [String: [RecordType: DNSReply]] = [:]
        for number in 0..<100 {
            replies[name("fast", number).text] = [.a: .records([.a(loopback)])]
            replies[name("slow", number).text] = [
                .a: .delayed(milliseconds: 600, [.a(loopback)])
            ]
        }
        let server = try DNSServer(replies)
        let (statuses, report) = try statuses(
            of: [questions("fast", 100), questions("slow", 100)], at: server)
        for batch in statuses {
            #expect(batch == Array(repeating: LookupStatus.found, count: 100))
        }
        #expect(report.timeouts == 0 && report.retries == 0 && report.questions == 200)
        #expect(server.questions.count == 200, "each is sent once")
    }

    @Test func `a question is asked again when its own time is up`() throws {
        var replies: [String: [RecordType: DNSReply]] = [
            "fast0.example": [.a: .records([.a(loopback)])]
        ]
        for number in 0..<20 {
            replies[name("slow", number).text] = [
                .a: .delayed(milliseconds: 900, [.a(loopback)])
            ]
        }
        let server = try DNSServer(replies)
        let asked = questions("slow", 20)
        let (statuses, report) = try statuses(
            of: [questions("fast", 1), asked, questions("fast", 1)], at: server, timeout: 500,
            asksOthers: true)
        #expect(statuses[1] == Array(repeating: LookupStatus.timeout, count: 20))
        #expect(statuses[2] == [.found], "what comes too late harms nothing")
        #expect(report.timeouts == 60 && report.retries == 40)
    }

    /// Datagrams that answer no question, made of the query for one of them.
    private static let strays: [String: @Sendable ([UInt8]) -> [[UInt8]]] = [
        "one octet": { [[$0[0]]] },
        "half a header": { [Array($0[..<7])] },
        "a header alone": { query in
            var header = Array(query[..<12])
            header[2] |= 0x80
            return [header]
        },
        "noise": { [$0[..<2] + [UInt8](repeating: 0xC3, count: 200)] },
        "the query itself": { [$0] },
        "a name that never ends": { query in
            var message = response(to: query)
            message[12] = 0xC0
            message[13] = 12
            return [message]
        },
        "another opcode": { query in
            var message = response(to: query)
            message[2] |= 0x28
            return [message]
        },
        "two questions": { query in
            var message = response(to: query)
            message[5] = 2
            return [message + message[12...]]
        },
        "another name": { query in
            var message = response(to: query)
            message[13] ^= 1
            return [message]
        },
        "another type": { query in
            var message = response(to: query)
            message[message.count - 3] ^= 1
            return [message]
        },
        "another class": { query in
            var message = response(to: query)
            message[message.count - 1] = 3
            return [message]
        },
        "every other id": { query in
            (1..<UInt16(300)).map { guess in
                var message = response(to: query)
                message[0] &+= UInt8(guess >> 8) &+ 1
                message[1] = UInt8(guess & 0xFF)
                return message
            }
        },
    ]

    /// A response without records: header and question of the query.
    private static func response(to query: [UInt8]) -> [UInt8] {
        // The OPT record is the last 11 octets.
        var message = Array(query.dropLast(11))
        message[2] |= 0x80
        message[11] = 0
        return message
    }

    @Test(arguments: strays.keys.sorted())
    func `a datagram that answers no question harms none`(_ kind: String) throws {
        let make = try #require(Self.strays[kind])
        var replies: [String: [RecordType: DNSReply]] = [:]
        for number in 0..<100 {
            replies[name("open", number).text] = [
                .a: .delayed(milliseconds: 300, [.a(loopback)])
            ]
        }
        replies[name("open", 50).text] = [.a: .messages(make)]
        let server = try DNSServer(replies)
        let (statuses, report) = try statuses(
            of: [questions("open", 100)], at: server, timeout: 1000, asksOthers: true)
        for (number, status) in statuses[0].enumerated() {
            #expect(status == (number == 50 ? .timeout : .found), "open\(number)")
        }
        #expect(report.failures == 0 && report.timeouts == 3, "only the one question is retried")
    }

    @Test func `the answer behind strays is taken`() throws {
        let server = try DNSServer([
            "open0.example": [
                .a: .messages { query in
                    Self.strays.values.flatMap { $0(query) } + [Self.response(to: query)]
                }
            ]
        ])
        let (statuses, report) = try statuses(of: [questions("open", 1)], at: server)
        #expect(statuses == [[.nodata]] && report.questions == 1)
    }

    @Test func `questions of one name and type have an answer each`() throws {
        let server = try DNSServer([
            "open0.example": [.a: .delayed(milliseconds: 100, [.a(loopback)])]
        ])
        let same = Array(repeating: questions("open", 1)[0], count: 50)
        let (statuses, report) = try statuses(of: [same], at: server)
        #expect(statuses == [Array(repeating: LookupStatus.found, count: 50)])
        #expect(report.questions == 50 && report.timeouts == 0)
        #expect(server.questions.count == 50, "the answer of one ends no other")
    }

    @Test func `an answer that cannot be read harms its own question alone`() throws {
        var replies: [String: [RecordType: DNSReply]] = [:]
        for number in 0..<100 {
            replies[name("open", number).text] = [
                .a: .delayed(milliseconds: 300, [.a(loopback)])
            ]
        }
        // One record is announced, and none is there.
        replies[name("open", 50).text] = [
            .a: .messages { query in
                var message = Self.response(to: query)
                message[7] = 1
                return [message]
            }
        ]
        let server = try DNSServer(replies)
        let (statuses, report) = try statuses(of: [questions("open", 100)], at: server)
        for (number, status) in statuses[0].enumerated() {
            #expect(status == (number == 50 ? .malformed : .found))
        }
        #expect(report.timeouts == 0 && report.failures == 3 && report.questions == 102)
    }

    @Test func `what is sent is the message as it is made, each time with another id`() throws {
        let received = Received()
        let server = try DNSServer([
            "open0.example": [
                .a: .messages { query in
                    received.add(query)
                    return received.count < 3 ? [] : [Self.response(to: query)]
                }
            ]
        ])
        let (statuses, _) = try statuses(
            of: [questions("open", 1)], at: server, timeout: 300, asksOthers: true)
        #expect(statuses == [[.nodata]])
        let question = questions("open", 1)[0]
        for query in received.all {
            question.withMessage(id: UInt16(query[0]) << 8 | UInt16(query[1])) { message in
                #expect(message.indices.map { message[$0] } == query, "no cookie, nothing added")
            }
        }
        #expect(Set(received.all.map { $0[..<2] }).count == 3)
    }

    @Test func `records come as they are, whatever their type and length`() throws {
        // Of more than 512 octets, and with names that a library might write otherwise.
        let texts = (0..<40).map { RecordData.txt([Array("text \($0) of a long answer".utf8)]) }
        let exchange = try DomainName("MX\\\\.odd.ExAmple")
        let server = try DNSServer([
            "long.example": [
                .txt: .records(texts),
                .mx: .records([.mx(preference: 1, exchange: exchange)]),
            ]
        ])
        try onLoop { loop in
            let resolver = try Resolver(
                servers: [NameServer(loopback, port: server.port)], options: ResolverOptions(),
                loop: loop)
            let long = DomainName(canonical: "long.example")
            let lookups = await resolver.lookups([Question(long, .txt), Question(long, .mx)])
            #expect(lookups[0].records == texts)
            #expect(lookups[1].records == [.mx(preference: 1, exchange: exchange)])
        }
    }
}

@Suite struct `the version of c-ares` {
    private func fault(
        _ running: LibraryVersion, built: LibraryVersion, setsLimit: Bool, later: Bool = false
    ) -> String? {
        ResolverLibrary.fault(
            of: running, builtWith: built, setsLongestLimit: setsLimit, needsLaterSockets: later)
    }

    @Test func `is read from the library`() {
        #expect(ResolverLibrary.version.hasPrefix("c-ares/1."))
        #expect(LibraryVersion(number: 0x011201).description == "1.18.1")
        #expect(LibraryVersion(1, 9, 9) < LibraryVersion(1, 18, 0))
        #expect(ResolverLibrary.fault == nil, "the tests run with one that is of use")
    }

    @Test func `is refused where it is too old, with what to install`() throws {
        let (first, last) = (LibraryVersion(1, 18, 1), LibraryVersion(1, 34, 9))
        #expect(fault(first, built: first, setsLimit: false) == nil)
        #expect(fault(last, built: last, setsLimit: true, later: true) == nil)
        let old = LibraryVersion(1, 17, 2)
        #expect(fault(old, built: old, setsLimit: false)?.contains("install 1.18.1") == true)
        let mixed = fault(first, built: last, setsLimit: true, later: true)
        #expect(mixed?.contains("c-ares 1.18.1") == true)
        #expect(mixed?.contains("install c-ares 1.34.9") == true)
    }

    @Test func `is refused where the program cannot set its time limit`() throws {
        let first = LibraryVersion(1, 18, 1)
        #expect(fault(LibraryVersion(1, 30, 0), built: first, setsLimit: false) == nil)
        let text = fault(LibraryVersion(1, 31, 0), built: first, setsLimit: false)
        #expect(text?.contains("build stsurvey on this machine") == true)
    }
}

/// What a server on another thread has received.
private final class Received: Sendable {
    private let queries = Mutex<[[UInt8]]>([])

    var all: [[UInt8]] { queries.withLock { $0 } }
    var count: Int { all.count }

    func add(_ query: [UInt8]) { queries.withLock { $0.append(query) } }
}
