internal import DNS
internal import DequeModule
internal import EventLoop

/// The TCP connections to one name server, which carry what is too large for UDP.
///
/// Each carries one question at a time, so that one that is closed or slow harms no other question.
/// They are opened when they are needed, and stay open as long as the server likes. A server that
/// fails over TCP repeatedly is sent one question at a time.
final class Connections {
    /// How many a loop has to one server.
    static let limit = 16
    private static let failuresMax = 16

    private let make: () -> Channel?
    private var channels: [Channel] = []
    private var free: [Int] = []
    private var waiting = Deque<Query>()
    private var failuresInARow = 0

    /// Connections that `make` opens; it returns nil where the system cannot.
    init(_ make: @escaping () -> Channel?) { self.make = make }

    /// Whether the server has failed too often over TCP.
    private var isFailing: Bool { failuresInARow >= Self.failuresMax }

    /// What becomes of a question that needs a connection.
    enum Place {
        case connection(Int)
        /// It waits for one.
        case waits
        /// It gets none.
        case none
    }

    /// A connection for `query`, which waits where all are taken.
    func take(for query: Query) -> Place {
        if isFailing, free.count < channels.count { return .none }
        if let number = free.popLast() { return .connection(number) }
        if channels.count < Self.limit, let channel = make() {
            channels.append(channel)
            return .connection(channels.count - 1)
        }
        guard !channels.isEmpty else { return .none }
        waiting.append(query)
        return .waits
    }

    /// The channel of a connection.
    func channel(_ number: Int) -> Channel { channels[number] }

    /// Takes a connection back whose question has ended; the next question that waits for one, or
    /// all of them where the server fails and they wait for nothing.
    func giveBack(_ number: Int, wasAnswered: Bool) -> [Query] {
        free.append(number)
        failuresInARow = wasAnswered ? 0 : failuresInARow + 1
        guard isFailing else { return waiting.popFirst().map { [$0] } ?? [] }
        defer { waiting.removeAll() }
        return Array(waiting)
    }
}
