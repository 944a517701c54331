import EventLoop
import Glibc
import Testing

@testable import Resolver

/// Batches against a socket of the system's on loopback.
@Suite struct DatagramSocketTests {
    @Test(arguments: [true, false])
    func `datagrams of any lengths arrive, however many wait`(_ goTogether: Bool) throws {
        let ends = try Ends()
        let (batched, peer) = (ends.batched, ends.peer)
        // The system refuses to take a datagram apart whose parts would need checksums.
        if !goTogether { ends.sendWithoutChecksums() }
        // More than are sent at once, so that the room is used anew; few are of one length.
        let datagrams = (0..<100).map { number in
            [UInt8](repeating: UInt8(number), count: 1 + number * 37 % 41)
        }
        for datagram in datagrams { #expect(send(datagram, by: batched)) }
        #expect(batched.flush() == .done)
        var arrived: [[UInt8]] = []
        while let datagram = take(from: peer) { arrived.append(datagram) }
        arrived.sort { $0[0] < $1[0] }
        #expect(arrived == datagrams, "each whole, and none twice")
        _ = send([7], by: batched)
        #expect(batched.flush() == .done)
        #expect(take(from: peer) == [7])
    }

    @Test func `datagrams of one length arrive in order`() throws {
        let ends = try Ends()
        let (batched, peer) = (ends.batched, ends.peer)
        for number in 0..<64 { #expect(send([1, UInt8(number)], by: batched)) }
        #expect(batched.flush() == .done)
        for number in 0..<64 { #expect(take(from: peer) == [1, UInt8(number)]) }
        #expect(take(from: peer) == nil, "nothing is sent twice")
    }

    @Test func `nothing is sent before it is flushed`() throws {
        let ends = try Ends()
        let (batched, peer) = (ends.batched, ends.peer)
        _ = send([7], by: batched)
        #expect(take(from: peer) == nil)
        #expect(batched.flush() == .done)
        #expect(take(from: peer) == [7])
    }

    @Test func `answers are taken one by one, and those of a peer`() throws {
        let ends = try Ends()
        let (batched, peer) = (ends.batched, ends.peer)
        for number in 0..<40 { write(peer, [UInt8(number), 0], 2) }
        for number in 0..<40 { #expect(receive(by: batched) == [UInt8(number), 0]) }
        #expect(receive(by: batched) == nil && batched.refill() == EAGAIN)
        var sender = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_in>.size)
        sender.withUnsafeMutableBytes { batched.writePeer(to: $0) }
        #expect(sender == localAddress(of: peer), "c-ares compares it with its server")
    }

    @Test func `datagrams of another source never arrive`() throws {
        let ends = try Ends()
        let stranger = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(stranger >= 0)
        defer { close(stranger) }
        // Another port of the same address, to the port that the questions come from.
        let port = try #require(SocketAddress.localPort(of: ends.batched.descriptor))
        let address = try #require(SocketAddress(bytes: [127, 0, 0, 1], port: port))
        #expect(address.connects(stranger))
        write(stranger, [1], 1)
        write(ends.peer, [2], 1)
        #expect(receive(by: ends.batched) == [2])
        #expect(receive(by: ends.batched) == nil)
    }

    @Test func `a full batch says that there may be more`() throws {
        let ends = try Ends()
        for number in 0..<33 { write(ends.peer, [UInt8(number)], 1) }
        #expect(ends.batched.refill() == nil && ends.batched.mayHaveMore)
        while ends.batched.next() != nil {}
        #expect(!ends.batched.hasUntaken)
        #expect(receive(by: ends.batched) == [32] && !ends.batched.mayHaveMore)
    }

    @Test func `an empty datagram is one`() throws {
        let ends = try Ends()
        let (batched, peer) = (ends.batched, ends.peer)
        for octets: [UInt8] in [[], [5], []] { Glibc.send(peer, octets, octets.count, 0) }
        for octets: [UInt8] in [[], [5], []] { #expect(receive(by: batched) == octets) }
        #expect(receive(by: batched) == nil)
    }

    @Test func `what there is no room for waits`() throws {
        // The queue of a local socket is short; a datagram on loopback never waits to be sent.
        let ends = try Ends(local: ())
        let (batched, peer) = (ends.batched, ends.peer)
        var taken = 0
        while taken < 5000, send([3], by: batched) { taken += 1 }
        #expect(taken < 5000)
        #expect(batched.flush() == .mustWait)
        var arrived = 0
        for _ in 0..<5000 where arrived < taken {
            while take(from: peer) != nil { arrived += 1 }
            batched.flush()
        }
        #expect(arrived == taken, "nothing is lost")
        #expect(batched.flush() == .done)
    }

    @Test func `an error of sending is reported`() throws {
        let ends = try Ends()
        let batched = ends.batched
        ends.closePeer()
        _ = send([1], by: batched)
        #expect(batched.flush() == .done, "the port is not known to be closed yet")
        _ = send([2], by: batched)
        #expect(batched.flush() == .failed)
        #expect(batched.takeFailure() == ECONNREFUSED)
        #expect(batched.takeFailure() == nil, "it is reported once")
    }

    // MARK: Scaffolding

    private func send(_ octets: [UInt8], by batched: DatagramSocket) -> Bool {
        octets.withUnsafeBytes { batched.send($0) }
    }

    private func receive(by batched: DatagramSocket) -> [UInt8]? {
        if !batched.hasUntaken, batched.refill() != nil { return nil }
        return batched.next().map { Array($0) }
    }

    private func take(from peer: Int32) -> [UInt8]? {
        var room = [UInt8](repeating: 0, count: 600)
        let count = recv(peer, &room, room.count, 0)
        return count < 0 ? nil : Array(room[..<count])
    }
}

/// Two datagram sockets on loopback that are connected with each other.
private final class Ends {
    let batched: DatagramSocket
    let peer: Int32
    private var isPeerClosed = false

    init() throws {
        let kind = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let ours = socket(AF_INET, kind, 0)
        peer = socket(AF_INET, kind, 0)
        try #require(ours >= 0 && peer >= 0)
        let loopback = try #require(SocketAddress(bytes: [127, 0, 0, 1], port: 0))
        for descriptor in [ours, peer] { #expect(loopback.binds(descriptor)) }
        for (descriptor, other) in [(ours, peer), (peer, ours)] {
            let port = try #require(SocketAddress.localPort(of: other))
            let address = try #require(SocketAddress(bytes: [127, 0, 0, 1], port: port))
            #expect(address.connects(descriptor))
        }
        batched = localAddress(of: peer).withUnsafeBytes { DatagramSocket(ours, peer: $0) }
    }

    /// Two ends of a local socket pair.
    init(local: ()) throws {
        var pair: [Int32] = [-1, -1]
        let kind = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        try #require(socketpair(AF_UNIX, kind, 0, &pair) == 0)
        peer = pair[1]
        batched = DatagramSocket(pair[0], peer: UnsafeRawBufferPointer(start: nil, count: 0))
    }

    func sendWithoutChecksums() {
        var yes: Int32 = 1
        setsockopt(
            batched.descriptor, SOL_SOCKET, SO_NO_CHECK, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    func closePeer() {
        close(peer)
        isPeerClosed = true
    }

    deinit {
        close(batched.descriptor)
        if !isPeerClosed { close(peer) }
    }
}

private func localAddress(of descriptor: Int32) -> [UInt8] {
    var octets = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_in>.size)
    var size = socklen_t(octets.count)
    octets.withUnsafeMutableBytes { bytes in
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return }
        _ = getsockname(descriptor, base, &size)
    }
    return octets
}
