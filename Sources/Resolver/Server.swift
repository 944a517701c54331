internal import DNS
internal import EventLoop

/// A name server as one loop knows it: the channel to it, its health, and the questions that wait
/// until it is known whether it lives.
final class Server {
    let channel: Channel
    /// Its place among the servers.
    let place: Int
    var health = ServerHealth()
    var report = ServerReport()
    var budget: QueryBudget
    /// What it answered at the scan's start, and must go on to answer.
    let expected: Soundness?
    /// Questions to which it was silent to the end: time-outs only if it proves to live.
    var held: [Query] = []

    init(_ channel: Channel, at place: Int, expected: Soundness?, perSecond: Double?) {
        budget = QueryBudget(perSecond: perSecond)
        self.channel = channel
        self.place = place
        self.expected = expected
    }

    func isMet(by check: ServerCheck) -> Bool {
        guard let soundness = check.soundness else { return false }
        return expected.map(soundness.meets) ?? true
    }
}
