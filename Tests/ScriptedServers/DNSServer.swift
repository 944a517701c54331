package import DNS
internal import EventLoop
import Glibc
import Synchronization

/// How a DNS server answers a question.
package enum DNSReply: Sendable {
    /// By these records of the name, NOERROR without any.
    case records([RecordData])
    /// By this RCODE alone.
    case rcode(UInt16)
    /// Not at all.
    case silence
    /// Over UDP by a message that is truncated and empty, over TCP by these records.
    case truncated([RecordData])
    /// By a message whose id is another than that of the query.
    case wrongID([RecordData])
    /// By these records, so many milliseconds later; other queries are answered meanwhile.
    case delayed(milliseconds: Int, [RecordData])
    /// Over UDP by each of the messages that are made of the query, over TCP by them in order.
    case messages(@Sendable (_ query: [UInt8]) -> [[UInt8]])
}

/// A recursive resolver on loopback, over UDP and TCP at one port, that answers by a table.
///
/// It answers one question after the other, and ends with its last reference.
package final class DNSServer: Sendable {
    /// Its port of 127.0.0.1.
    package let port: UInt16
    private let sockets: [Int32]
    private let table: DNSTable
    private let threads: [ThreadHandle]

    /// A server that answers the questions by name and type, and all others by `otherwise`, which
    /// is NXDOMAIN.
    package init(
        _ replies: [String: [RecordType: DNSReply]], otherwise: DNSReply = .rcode(3)
    ) throws {
        let (datagrams, listener) = try Self.sockets()
        port = try boundPort(of: datagrams)
        sockets = [datagrams, listener]
        let table = DNSTable(replies, otherwise)
        self.table = table
        threads = [
            try startThread("dns/udp") { table.answerDatagrams(at: datagrams) },
            try startThread("dns/tcp") { table.answerConnections(at: listener) },
        ]
    }

    deinit {
        table.stop()
        for descriptor in sockets { shutdown(descriptor, Int32(SHUT_RDWR)) }
        for thread in threads { thread.join() }
        for descriptor in sockets { close(descriptor) }
    }

    /// The questions that came, such as `udp example.com 15`, in their order.
    package var questions: [String] { table.questions }

    /// Sockets of both kinds at one port.
    private static func sockets() throws -> (datagrams: Int32, listener: Int32) {
        let loopback = IPAddress.v4(0x7F00_0001)
        let kind = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
        for _ in 0..<20 {
            let datagrams = try boundSocket(kind, at: loopback, 0)
            let port = try boundPort(of: datagrams)
            if let listener = try? listeningSocket(at: loopback, port) {
                return (datagrams, listener)
            }
            close(datagrams)
        }
        throw ServerFailure(step: "a port that is free for UDP and TCP")
    }
}

/// What a DNS server answers, and what it was asked.
private final class DNSTable: Sendable {
    private struct State {
        var questions: [String] = []
        var connection: Int32?
        var isStopped = false
    }

    private let replies: [String: [RecordType: DNSReply]]
    private let otherwise: DNSReply
    private let state = Mutex(State())

    init(_ replies: [String: [RecordType: DNSReply]], _ otherwise: DNSReply) {
        self.replies = replies
        self.otherwise = otherwise
    }

    var questions: [String] { state.withLock { $0.questions } }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    func stop() {
        state.withLock { state in
            state.isStopped = true
            if let connection = state.connection { shutdown(connection, Int32(SHUT_RDWR)) }
        }
    }

    func answerDatagrams(at descriptor: Int32) {
        var room = [UInt8](repeating: 0, count: 4096)
        var peer = sockaddr_storage()
        var delayed = DelayedAnswers()
        while !isStopped {
            for (answer, peer) in delayed.takeDue() { send(answer, to: peer, from: descriptor) }
            guard delayed.waitForReadiness(of: descriptor) else { continue }
            var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withSocketAddress(&peer) {
                recvfrom(descriptor, &room, room.count, 0, $0, &size)
            }
            guard count > 0 else { continue }
            let (answers, delay) = answers(to: Array(room[..<count]), "udp")
            for answer in answers {
                if delay > 0 {
                    delayed.add(answer, to: peer, afterMilliseconds: delay)
                } else {
                    send(answer, to: peer, from: descriptor)
                }
            }
        }
    }

    private func send(_ answer: [UInt8], to peer: sockaddr_storage, from descriptor: Int32) {
        var peer = peer
        _ = withSocketAddress(&peer) {
            sendto(
                descriptor, answer, answer.count, 0, $0,
                socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }

    func answerConnections(at listener: Int32) {
        while !isStopped {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else { continue }
            state.withLock { $0.connection = descriptor }
            limitWaits(of: descriptor)
            while !isStopped, answerOne(over: descriptor) {}
            state.withLock { state in
                state.connection = nil
                close(descriptor)
            }
        }
    }

    /// Answers a query over TCP (RFC 7766 §8); false where no more come.
    private func answerOne(over descriptor: Int32) -> Bool {
        guard let length = read(2, from: descriptor),
            let query = read(Int(length[0]) << 8 | Int(length[1]), from: descriptor)
        else { return false }
        let (answers, delay) = answers(to: query, "tcp")
        if delay > 0 { usleep(UInt32(delay) * 1000) }
        let octets = answers.flatMap { pair(UInt16($0.count)) + $0 }
        return octets.isEmpty
            || Glibc.send(descriptor, octets, octets.count, Int32(MSG_NOSIGNAL)) == octets.count
    }

    private func read(_ count: Int, from descriptor: Int32) -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: count)
        let got = recv(descriptor, &octets, count, Int32(MSG_WAITALL))
        return got == count ? octets : nil
    }

    // MARK: Answering

    /// The answers to a query, none for silence, and how many milliseconds later.
    private func answers(
        to query: [UInt8], _ transport: String
    ) -> (messages: [[UInt8]], delay: Int) {
        guard let (name, type) = question(of: query) else { return ([], 0) }
        state.withLock { $0.questions.append("\(transport) \(name) \(type)") }
        let recordType = RecordType(rawValue: type)
        let reply = recordType.flatMap { replies[name]?[$0] } ?? otherwise
        guard var builder = try? MessageBuilder(name, recordType ?? .a) else { return ([], 0) }
        var delay = 0
        builder.id = UInt16(query[0]) << 8 | UInt16(query[1])
        switch reply {
        case .records(let records): builder.add(records)
        case .rcode(let code): builder.flags |= code
        case .silence: return ([], 0)
        case .truncated(let records):
            if transport == "udp" { builder.flags |= 0x0200 } else { builder.add(records) }
        case .wrongID(let records):
            builder.id ^= 0x5555
            builder.add(records)
        case .delayed(let milliseconds, let records):
            delay = milliseconds
            builder.add(records)
        case .messages(let make): return (make(query), 0)
        }
        return ([builder.message], delay)
    }

    /// The name and the type that a query asks for; nil where it is none.
    private func question(of query: [UInt8]) -> (name: String, type: UInt16)? {
        guard query.count > 12 else { return nil }
        var labels: [String] = []
        var position = 12
        while position < query.count, query[position] > 0 {
            let end = position + 1 + Int(query[position])
            guard end < query.count else { return nil }
            labels.append(String(decoding: query[position + 1..<end], as: UTF8.self))
            position = end
        }
        guard position + 4 < query.count else { return nil }
        let name = labels.isEmpty ? "." : labels.joined(separator: ".").lowercased()
        return (name, UInt16(query[position + 1]) << 8 | UInt16(query[position + 2]))
    }
}

/// Answers over UDP that are sent later.
private struct DelayedAnswers {
    private var answers: [(due: UInt64, octets: [UInt8], peer: sockaddr_storage)] = []

    private var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    mutating func add(
        _ octets: [UInt8], to peer: sockaddr_storage, afterMilliseconds delay: Int
    ) {
        answers.append((now + UInt64(delay) * 1_000_000, octets, peer))
    }

    /// Those whose time has come.
    mutating func takeDue() -> [([UInt8], sockaddr_storage)] {
        let now = now
        defer { answers.removeAll { $0.due <= now } }
        return answers.filter { $0.due <= now }.map { ($0.octets, $0.peer) }
    }

    /// Waits until a datagram is there, or an answer is due; whether it is a datagram.
    func waitForReadiness(of descriptor: Int32) -> Bool {
        guard let next = answers.map(\.due).min() else { return true }
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let now = now
        let wait = next > now ? (next - now) / 1_000_000 + 1 : 0
        return poll(&watched, 1, Int32(clamping: wait)) > 0
    }
}

private func withSocketAddress<Value>(
    _ storage: inout sockaddr_storage, _ body: (UnsafeMutablePointer<sockaddr>) -> Value
) -> Value {
    withUnsafeMutablePointer(to: &storage) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
    }
}

extension MessageBuilder {
    /// Adds records of the question's name.
    fileprivate mutating func add(_ records: [RecordData]) {
        for data in records {
            guard let made = try? record(nil, data.type, data.octets) else { continue }
            answers.append(made)
        }
    }
}

extension RecordData {
    fileprivate var type: UInt16 {
        switch self {
        case .a: 1
        case .ns: 2
        case .cname: 5
        case .ptr: 12
        case .mx: 15
        case .txt: 16
        case .aaaa: 28
        case .tlsa: 52
        }
    }

    fileprivate var octets: [UInt8] {
        switch self {
        case .a(let address), .aaaa(let address): address.bytes
        case .ns(let name), .cname(let name), .ptr(let name): name.wire
        case .mx(let preference, let exchange): pair(preference) + exchange.wire
        case .txt(let strings): strings.flatMap { [UInt8($0.count)] + $0 }
        case .tlsa(let record):
            [record.usage, record.selector, record.matchingType] + record.data
        }
    }
}
