internal import DNS
internal import EventLoop
import Glibc
internal import Synchronization

/// Where metrics can be read: an address of this machine and a port.
public struct MetricsAddress: Hashable, Sendable, CustomStringConvertible {
    let address: IPAddress
    let port: UInt16

    /// From `9100` (on loopback), `192.0.2.1:9100` or `[2001:db8::1]:9100`; nil for anything else.
    public init?(_ text: String) {
        let colon = text.lastIndex(of: ":")
        guard let port = UInt16(colon.map { text[text.index(after: $0)...] } ?? text[...]) else {
            return nil
        }
        var host = colon.map { text[..<$0] } ?? ""
        if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(host.isEmpty ? "127.0.0.1" : String(host)) else { return nil }
        self.init(address, port)
    }

    init(_ address: IPAddress, _ port: UInt16) {
        self.address = address
        self.port = port
    }

    /// The address with its port.
    public var description: String { address.isV4 ? "\(address):\(port)" : "[\(address)]:\(port)" }
}

/// Answers `GET /metrics` of HTTP/1.1 on a thread of its own, many clients at a time.
///
/// Each connection has a time limit for its request and its answer, and their number is bounded:
/// where all are in use the oldest is closed for a new one. So a client that holds connections
/// without a request, or reads slowly, does not keep others from being served.
final class MetricsServer: Sendable {
    private static let connectionsMax = 32
    private static let connectionMilliseconds = 2000
    private static let waitMilliseconds = 100
    private let listener: Int32
    private let isStopping = Atomic(false)
    /// Where it listens; the actual port where 0 was requested.
    let place: MetricsAddress

    /// Listens at the address.
    init(at place: MetricsAddress) throws(ScanError) {
        func refused() -> ScanError {
            .usage(unsafe "--prometheus \(place): \(String(cString: strerror(errno)))")
        }
        let family = place.address.isV4 ? AF_INET : AF_INET6
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        listener = socket(family, kind, 0)
        guard listener >= 0 else { throw refused() }
        var on: Int32 = 1
        unsafe setsockopt(
            listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard SocketAddress(bytes: place.address.bytes, port: place.port)?.binds(listener) == true,
            listen(listener, 128) == 0, let port = SocketAddress.localPort(of: listener)
        else {
            let error = refused()
            close(listener)
            throw error
        }
        self.place = MetricsAddress(place.address, port)
    }

    deinit { close(listener) }

    /// Answers until `stop`.
    func run(_ page: () -> String) {
        var connections: [MetricsConnection] = []
        while !isStopping.load(ordering: .acquiring) {
            var states = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
            states += connections.map {
                let events = $0.isAnswering ? POLLOUT : POLLIN
                return pollfd(fd: $0.descriptor, events: Int16(events), revents: 0)
            }
            let ready = unsafe poll(&states, nfds_t(states.count), Int32(Self.waitMilliseconds))
            let now = MonotonicClock.milliseconds()
            if ready > 0 {
                for (connection, state) in zip(connections, states.dropFirst())
                where state.revents != 0 {
                    connection.advance(page)
                }
            }
            connections.removeAll {
                $0.hasEnded || now - $0.begun > Self.connectionMilliseconds
            }
            if ready > 0, states[0].revents != 0 { accept(into: &connections, at: now) }
        }
    }

    /// Ends `run`, from any thread.
    func stop() { isStopping.store(true, ordering: .releasing) }

    /// Takes the connections that wait, at most as many as there may be at once.
    private func accept(into connections: inout [MetricsConnection], at now: Int) {
        for _ in 0..<Self.connectionsMax {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else {
                if errno == EMFILE || errno == ENFILE { makeRoom(&connections) }
                return
            }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            _ = fcntl(client, F_SETFL, O_NONBLOCK)
            if connections.count == Self.connectionsMax { connections.removeFirst() }
            connections.append(MetricsConnection(client, begun: now))
        }
    }

    /// Gives a descriptor back; where there is none the listener would stay ready all the time.
    private func makeRoom(_ connections: inout [MetricsConnection]) {
        guard connections.isEmpty else { return connections.removeFirst(1) }
        usleep(UInt32(Self.waitMilliseconds * 1000))
    }
}

/// One client of the metrics, closed with the object.
///
/// It has the part of the request that was received, then the part of the answer that was sent.
private final class MetricsConnection {
    private static let requestBytesMax = 8192

    let descriptor: Int32
    /// When it was accepted, in milliseconds of the monotonic clock.
    let begun: Int
    private(set) var hasEnded = false
    private var request: [UInt8] = []
    private var answer: [UInt8] = []
    private var sent = 0

    init(_ descriptor: Int32, begun: Int) {
        self.descriptor = descriptor
        self.begun = begun
    }

    deinit { close(descriptor) }

    /// Whether the request is whole.
    var isAnswering: Bool { !answer.isEmpty }

    /// Reads or sends what can be read or sent without waiting.
    func advance(_ page: () -> String) {
        if !isAnswering { receive(page) }
        if isAnswering { send() }
    }

    private func receive(_ page: () -> String) {
        var chunk = [UInt8](repeating: 0, count: 1024)
        let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else {
            hasEnded = count == 0 || (errno != EAGAIN && errno != EINTR)
            return
        }
        request += chunk[..<count]
        let header = String(decoding: request, as: UTF8.self)
        if header.contains("\r\n\r\n") || header.contains("\n\n") {
            let line = header.split(whereSeparator: \.isNewline).first ?? ""
            answer = Array(response(to: line, page).utf8)
        } else {
            hasEnded = request.count >= Self.requestBytesMax
        }
    }

    private func send() {
        let count = unsafe answer.withUnsafeBytes {
            unsafe Glibc.send(
                descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent,
                Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else {
            hasEnded = errno != EAGAIN && errno != EINTR
            return
        }
        sent += count
        hasEnded = sent == answer.count
    }

    private func response(to request: Substring, _ page: () -> String) -> String {
        let words = request.split(separator: " ")
        guard words.count == 3, words[0] == "GET" else {
            return message("405 Method Not Allowed", "text/plain", "GET only\n")
        }
        guard words[1].prefix(while: { $0 != "?" }) == "/metrics" else {
            return message("404 Not Found", "text/plain", "see /metrics\n")
        }
        return message("200 OK", "text/plain; version=0.0.4; charset=utf-8", page())
    }

    private func message(_ status: String, _ type: String, _ body: String) -> String {
        "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n"
            + "Connection: close\r\n\r\n\(body)"
    }
}
