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

/// Answers `GET /metrics` of HTTP/1.1 on a thread of its own, one request after the other.
final class MetricsServer: Sendable {
    private static let requestBytesMax = 8192
    private static let patienceMilliseconds = 2000
    private let listener: Int32
    private let isStopping = Atomic(false)
    /// Where it listens; the port is known where 0 was asked for.
    let place: MetricsAddress

    /// Listens at the address.
    init(at place: MetricsAddress) throws(ScanError) {
        func refused() -> ScanError {
            .usage("--prometheus \(place): \(String(cString: strerror(errno)))")
        }
        let family = place.address.isV4 ? AF_INET : AF_INET6
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        listener = socket(family, kind, 0)
        guard listener >= 0 else { throw refused() }
        var on: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard SocketAddress(bytes: place.address.bytes, port: place.port)?.binds(listener) == true,
            listen(listener, 16) == 0, let port = SocketAddress.localPort(of: listener)
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
        while !isStopping.load(ordering: .acquiring) {
            var state = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            guard poll(&state, 1, 100) == 1 else { continue }
            let client = accept(listener, nil, nil)
            guard client >= 0 else { continue }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            serve(client, page)
            close(client)
        }
    }

    /// Ends `run`, from any thread.
    func stop() { isStopping.store(true, ordering: .releasing) }

    private func serve(_ client: Int32, _ page: () -> String) {
        var patience = timeval(tv_sec: Self.patienceMilliseconds / 1000, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        guard let request = readRequest(client) else { return }
        send(response(to: request, page), to: client)
    }

    /// The request line; nil where no whole header comes in time.
    private func readRequest(_ client: Int32) -> Substring? {
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1024)
        let end = MonotonicClock.milliseconds() + Self.patienceMilliseconds
        while text.count < Self.requestBytesMax, MonotonicClock.milliseconds() < end {
            let count = recv(client, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            text += chunk[..<count]
            let header = String(decoding: text, as: UTF8.self)
            if header.contains("\r\n\r\n") || header.contains("\n\n") {
                return header.split(whereSeparator: \.isNewline).first
            }
        }
        return nil
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

    private func send(_ text: String, to client: Int32) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(
                    client, $0.baseAddress?.advanced(by: sent), $0.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }
}
