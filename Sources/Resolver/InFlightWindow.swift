internal import EventLoop

/// How many questions may be in flight: it grows gradually to the limit.
///
/// An overloaded name server loses or refuses questions, and does so again if all are retried at
/// the same moment. So the window starts small and grows by one with each answer: the rate of
/// questions follows that of answers, and a server that reads slowly is not sent more than its
/// socket holds. Beyond what an ordinary socket holds, it grows only where answers come without
/// queueing. A lost question shrinks the window by one; a server that refuses because it is
/// overloaded halves it, and it then grows slowly. Pure: time is an argument.
struct InFlightWindow {
    /// What is sent before the first answer.
    private static let sizeAtFirst = 100
    /// What an ordinary socket holds unread: 212,992 octets of buffers (net.core.rmem_default),
    /// 768 a short datagram, less a reserve.
    private static let unreadLimit = 192
    private static let sizeAtLeast = 8
    /// The shortest wait of so many answers shows whether there is a queue.
    private static let answersJudged = 64
    /// So many answers are judged before the window grows beyond `unreadLimit`.
    private static let answersBeforeTrust = 192
    /// What an answer may wait beyond the shortest wait ever, in microseconds.
    private static let queueMicroseconds: UInt64 = 25_000
    /// After a pushback the window grows by one in so many answers.
    private static let answersPerStep = 16
    private static let pushbackMilliseconds = 100

    private let limit: Int
    private let sizeAtFirst: Int
    private let unreadLimit: Int
    private(set) var size: Int
    /// Up to here the window grows by one with each answer; nil for the limit.
    private var fastUntil: Int?
    /// When a server was last overloaded.
    private(set) var pushedBackAt = Instant(nanoseconds: 0)
    private var answers = 0
    private var shortestWait = UInt64.max
    private var shortestOfThese = UInt64.max
    private var isQueueing = true

    /// A window for at most `limit` questions, on one of so many loops that use the same servers.
    init(limit: Int, loops: Int = 1) {
        self.limit = limit
        sizeAtFirst = min(limit, max(Self.sizeAtLeast, Self.sizeAtFirst / loops))
        unreadLimit = max(Self.sizeAtLeast, Self.unreadLimit / loops)
        size = sizeAtFirst
    }

    /// Whether so many questions may be out.
    func allows(_ count: Int) -> Bool { count <= size }

    /// Notes an answer after so many microseconds.
    mutating func answered(after waited: UInt64) {
        answers += 1
        if waited < shortestOfThese { shortestOfThese = waited }
        if answers % Self.answersJudged == 0 { judgeQueue() }
        guard size < limit, size < unreadLimit || !isQueueing else { return }
        if let fastUntil, size >= fastUntil, answers % Self.answersPerStep != 0 { return }
        size += 1
    }

    private mutating func judgeQueue() {
        shortestWait = min(shortestWait, shortestOfThese)
        isQueueing =
            answers < Self.answersBeforeTrust
            || shortestOfThese > shortestWait + Self.queueMicroseconds
        shortestOfThese = .max
    }

    /// Shrinks the window by a question that was lost.
    mutating func lose() { size = max(min(size, sizeAtFirst), size - 1) }

    /// Halves the window because a server is overloaded; false where it was halved just before.
    mutating func pushBack(at now: Instant) -> Bool {
        guard now.milliseconds(since: pushedBackAt) >= Self.pushbackMilliseconds else {
            return false
        }
        pushedBackAt = now
        size = max(min(limit, Self.sizeAtLeast), size / 2)
        fastUntil = size
        return true
    }
}
