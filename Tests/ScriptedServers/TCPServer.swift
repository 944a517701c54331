package import DNS
internal import EventLoop
import Glibc
import Synchronization

/// A server on loopback that plays one script with each connection, on a thread of its own.
///
/// It ends with its last reference, and its connections with it.
package final class TCPServer: Sendable {
    /// Where it listens.
    package let address: IPAddress
    /// At which port.
    package let port: UInt16
    private let listener: Int32
    private let log: ServerLog
    private let thread: ThreadHandle

    /// A server at an address of 127.0.0.0/8, at a port that is free where `port` is 0.
    package init(
        _ script: [Step], at address: IPAddress = .v4(0x7F00_0001), port: UInt16 = 0
    ) throws {
        signal(SIGPIPE, SIG_IGN)
        let (listener, log) = (try listeningSocket(at: address, port), ServerLog())
        self.address = address
        self.port = try boundPort(of: listener)
        self.listener = listener
        self.log = log
        thread = try startThread("server") { log.accept(at: listener, script) }
    }

    deinit {
        log.stop()
        // Wakes the thread that accepts.
        shutdown(listener, Int32(SHUT_RDWR))
        thread.join()
        close(listener)
    }

    /// Two servers at one port of 127.0.0.1 and 127.0.0.2, each with its script.
    package static func pair(_ first: [Step], _ second: [Step]) throws -> (TCPServer, TCPServer) {
        for _ in 0..<20 {
            let one = try TCPServer(first)
            let other = try? TCPServer(second, at: .v4(0x7F00_0002), port: one.port)
            if let other { return (one, other) }
        }
        throw ServerFailure(step: "a port that is free at both addresses")
    }

    /// The lines that came, of all connections.
    package var lines: [String] { log.state.withLock { $0.lines } }
    /// How many connections were accepted.
    package var connections: Int { log.state.withLock { $0.accepted } }
    /// Where a peer has not done as the script expects.
    package var faults: [String] { log.state.withLock { $0.faults } }

    /// Ends all connections that stand, as a server that is killed.
    package func endConnections() { log.endConnections() }
}

/// The system did not give what a server needs.
package struct ServerFailure: Error {
    let step: String
    let code = errno
}

/// A port of loopback that refuses every connection, and that no other server can have.
package final class ClosedPort: Sendable {
    /// The port.
    package let port: UInt16
    private let descriptor: Int32

    /// A port of 127.0.0.1.
    package init() throws {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = try boundSocket(kind, at: .v4(0x7F00_0001), 0)
        port = try boundPort(of: descriptor)
    }

    deinit { close(descriptor) }
}

/// A port of loopback that takes no connection and refuses none: its queue is full.
package final class FullPort: Sendable {
    /// The port.
    package let port: UInt16
    private let descriptors: [Int32]

    /// A port of an address, one that is free where it is 0.
    package init(at address: IPAddress = .v4(0x7F00_0001), port wanted: UInt16 = 0) throws {
        let listener = try listeningSocket(at: address, wanted, backlog: 0)
        port = try boundPort(of: listener)
        var descriptors = [listener]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        // The system takes one connection more than it is asked to.
        for _ in 0..<4 {
            let client = socket(AF_INET, kind, 0)
            _ = SocketAddress(bytes: address.bytes, port: port)?.connects(client)
            descriptors.append(client)
        }
        self.descriptors = descriptors
    }

    deinit { for descriptor in descriptors { close(descriptor) } }
}

/// Holds scripts back until a test has seen what it waits for.
package final class Gate: Sendable {
    private let queue = BoundedQueue<Never>(capacity: 1)

    /// A gate that is closed.
    package init() {}

    /// Opens the gate for good.
    package func open() { queue.finish() }

    func wait() { _ = queue.takeBlocking(milliseconds: waitMaxMilliseconds) }
}

/// What a server has seen, and the connections that it has.
final class ServerLog: Sendable {
    struct State {
        var lines: [String] = []
        var faults: [String] = []
        var accepted = 0
        var standing: Set<Int32> = []
        var isStopped = false
    }

    /// How many connections a server has at once.
    private static let connectionsMax = 64

    let state = Mutex(State())

    func accept(at listener: Int32, _ script: [Step]) {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            if descriptor >= 0 {
                begin(descriptor, script)
            } else if state.withLock({ $0.isStopped }) || errno != EAGAIN && errno != EINTR {
                return
            }
        }
    }

    private func begin(_ descriptor: Int32, _ script: [Step]) {
        let isTaken = state.withLock { state in
            state.accepted += 1
            guard !state.isStopped, state.standing.count < Self.connectionsMax else { return false }
            state.standing.insert(descriptor)
            return true
        }
        guard isTaken else {
            close(descriptor)
            return
        }
        let thread = try? startThread("connection") { [self] in
            play(script, over: Connection(descriptor))
            end(descriptor)
        }
        guard let thread else { return end(descriptor) }
        thread.detach()
    }

    private func end(_ descriptor: Int32) {
        state.withLock { state in
            state.standing.remove(descriptor)
            close(descriptor)
        }
    }

    func endConnections() {
        state.withLock { state in
            for descriptor in state.standing { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        endConnections()
    }

    // MARK: Playing

    private func play(_ script: [Step], over connection: Connection) {
        for step in script where !play(step, over: connection) { return }
        connection.endTLS()
    }

    /// Does a step; false where the script ends.
    private func play(_ step: Step, over connection: Connection) -> Bool {
        switch step {
        case .sendOctets(let octets): return connection.send(octets)
        case .expect(let beginning): return expect(beginning, over: connection)
        case .startTLS(let tls): return connection.startTLS(tls)
        case .alert(let description): connection.sendAlert(description)
        case .hello(let minor): connection.sendHello(minor: minor)
        case .serve(let responses): return serve(responses, over: connection)
        case .hold(let gate): gate.wait()
        case .silence: connection.waitForEnd()
        case .drop: return false
        case .reset:
            connection.resetOnClose()
            return false
        }
        return true
    }

    private func expect(_ beginning: String, over connection: Connection) -> Bool {
        guard let line = note(connection.readLine()) else { return false }
        guard line.hasPrefix(beginning) else {
            state.withLock { $0.faults.append("'\(line)' in place of '\(beginning)'") }
            return false
        }
        return true
    }

    private func serve(
        _ responses: [String: HTTPResponse], over connection: Connection
    ) -> Bool {
        guard let request = note(connection.readLine()) else { return false }
        while let line = connection.readLine(), !line.isEmpty { note(line) }
        let words = request.split(separator: " ")
        guard words.count == 3, let response = responses[String(words[1])] else {
            state.withLock { $0.faults.append("nothing is served for '\(request)'") }
            return false
        }
        return connection.send(response.octets)
    }

    @discardableResult
    private func note(_ line: String?) -> String? {
        if let line { state.withLock { $0.lines.append(line) } }
        return line
    }
}

/// A socket that listens on loopback.
func listeningSocket(
    at address: IPAddress, _ port: UInt16, backlog: Int32 = 64
) throws -> Int32 {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = try boundSocket(kind, at: address, port)
    guard listen(descriptor, backlog) == 0 else {
        defer { close(descriptor) }
        throw ServerFailure(step: "listen")
    }
    return descriptor
}

/// A socket of this kind at an address of loopback.
func boundSocket(_ kind: Int32, at address: IPAddress, _ port: UInt16) throws -> Int32 {
    let descriptor = socket(address.isV4 ? AF_INET : AF_INET6, kind, 0)
    guard descriptor >= 0 else { throw ServerFailure(step: "socket") }
    guard SocketAddress(bytes: address.bytes, port: port)?.binds(descriptor) == true else {
        defer { close(descriptor) }
        throw ServerFailure(step: "bind to \(address) port \(port)")
    }
    limitWaits(of: descriptor)
    return descriptor
}

/// The port that a socket is bound to.
func boundPort(of descriptor: Int32) throws -> UInt16 {
    guard let port = SocketAddress.localPort(of: descriptor) else {
        throw ServerFailure(step: "getsockname")
    }
    return port
}
