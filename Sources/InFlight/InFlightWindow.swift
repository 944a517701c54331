public import EventLoop
internal import Glibc

/// How much of one kind may be in progress at once: questions, policy fetches or SMTP sessions.
///
/// # The whole story
///
/// Nobody has to tune it, since it follows what is measured.
///
/// **It grows** by one with each end, as long as something waits for a place and the loop keeps up.
/// Where ends are slow for it (`fastUntil`), it takes 16 of them.
///
/// **Queue or distance.** Answers that come late may have queued at a server, or may come from far
/// away. Where the shortest wait of 64 stays near the shortest ever there is no queue. Where it
/// does not, both are possible: then the window is tested. It grows by half for a while; by
/// Little's law its size divided by the mean wait is the rate of answers. Had they queued, the wait
/// has grown as the window did, and the rate is the same; had they come from far away, the rate has
/// grown. What has not paid is taken back, and next, later, a third less is tried: it stays where
/// that brings as many answers, so that no growth remains that was an accident.
///
/// **It shrinks** by one with each loss: so it does where more than half are lost, of many
/// destinations at once, and hardly for one that does not answer. It is halved where a server, or
/// this machine, refuses because it has no room, several times in a burst of that; when it is over,
/// half of what was before is had again soon, and with each second without a refusal twice as much;
/// the loss of what was sent before that does not shrink it once more. It shrinks where the loop is
/// late: what waits for the loop would end as a timeout that no peer has caused.
///
/// **The bounds** are those of the user (`limit`) and those of what is safe before anything is
/// known. Pure: time is an argument.
public struct InFlightWindow: Sendable {
    /// Where a window begins, and how far it grows by what is known.
    public struct Bounds: Sendable {
        /// The most, whatever is measured.
        public let limit: Int
        /// What is begun before the first end; losses and a late loop leave so much.
        public let first: Int
        /// Up to here it grows even where answers queue.
        let safe: Int
        /// Up to here it grows without a test where answers do not queue.
        let calm: Int
        /// Whether answers are known to come without a queue before any was judged.
        let beginsCalm: Bool

        /// What is begun of sessions, and of fetches, before anything is known.
        public static let connectionsAtFirst = 200
        /// What an ordinary socket holds unread: 212,992 octets of buffers
        /// (net.core.rmem_default), 768 a short datagram, less a reserve.
        private static let unreadMax = 192
        private static let questionsAtFirst = 100
        /// Beyond so many questions, batches of datagrams gain nothing more.
        private static let questionsInBatches = 1000

        /// DNS questions of one of so many loops that use the same servers.
        public static func questions(limit: Int, loops: Int = 1) -> Bounds {
            Bounds(
                limit: limit, first: min(limit, max(sizeMin, questionsAtFirst / loops)),
                safe: max(sizeMin, unreadMax / loops), calm: questionsInBatches,
                beginsCalm: false)
        }

        /// Connections of one loop, whose peers are many: they share no queue.
        public static func connections(limit: Int) -> Bounds {
            Bounds(
                limit: limit, first: min(limit, connectionsAtFirst), safe: 0, calm: limit,
                beginsCalm: true)
        }
    }

    private static let sizeMin = 8
    /// The shortest wait of so many answers shows whether there is a queue.
    private static let answersJudged = 64
    /// So many answers are judged before the window grows beyond what is safe.
    private static let answersBeforeTrust = 192
    /// What an answer may wait beyond the shortest wait ever, in microseconds.
    private static let queueMicroseconds: UInt64 = 25_000
    /// After a pushback the window grows by one in so many answers.
    private static let answersPerStep = 16
    private static let pushbackMilliseconds = 100
    /// Pushbacks that follow one another so soon have one cause.
    private static let burstMilliseconds = 1000
    /// After so long without a pushback the window grows by one with each answer twice as far: far
    /// away, where answers are few in a second, one in 16 would take minutes.
    private static let calmMilliseconds = 1000
    /// A loop that is later than this has as much to do as it can.
    public static let lateMilliseconds = 100
    /// A loop that is later than this has too much to do.
    private static let tooLateMilliseconds = 500

    private let bounds: Bounds
    /// How much may be in progress.
    public private(set) var size: Int
    /// Up to here the window grows by one with each answer; nil for the limit.
    private var fastUntil: Int?
    /// When there was no room the last time.
    public private(set) var pushedBackAt = Instant(nanoseconds: 0)
    /// Since when nothing was refused, or `fastUntil` was last doubled.
    private var calmSince = Instant(nanoseconds: 0)
    /// Whether the loop was late when that was measured last.
    public private(set) var isHeld = false
    private var answers = 0
    private var shortestWait = UInt64.max
    private var shortestOfThese = UInt64.max
    private var isQueueing: Bool
    private var test = GrowthTest()

    /// A window within these bounds.
    public init(_ bounds: Bounds) {
        self.bounds = bounds
        size = bounds.first
        isQueueing = !bounds.beginsCalm
    }

    /// Whether so much may be in progress.
    public func allows(_ count: Int) -> Bool { count <= size }

    // MARK: What has happened

    /// Something has ended; `isWanted` says whether something waits for a place.
    public mutating func ended(isWanted: Bool) {
        answers += 1
        if isWanted { grow() }
    }

    /// A server has answered `now`, after so many microseconds.
    public mutating func answered(after waited: UInt64, isWanted: Bool, at now: Instant) {
        answers += 1
        if let fast = fastUntil, now.milliseconds(since: calmSince) >= Self.calmMilliseconds {
            fastUntil = fast < bounds.limit ? 2 * fast : nil
            calmSince = now
        }
        if waited < shortestOfThese { shortestOfThese = waited }
        if answers % Self.answersJudged == 0 { judgeQueue() }
        guard isWanted else { return }
        grow()
        if needsTest {
            testGrowth(after: waited)
        } else if test.isUnderWay {
            test.cancel()
        }
    }

    /// Something was lost: there was no answer in time.
    public mutating func lost() { size = max(min(size, bounds.first), size - 1) }

    /// Something was lost `now` that was sent at `sent`.
    ///
    /// What was sent before there was no room says nothing of the size since.
    public mutating func lost(sentAt sent: Instant, at now: Instant) {
        if needsTest { test.waits += now.microseconds(since: sent) }
        if sent >= pushedBackAt { lost() }
    }

    /// A server, or this machine, has no room: halves the window; false where it was halved just
    /// before.
    public mutating func pushBack(at now: Instant) -> Bool {
        guard now.milliseconds(since: pushedBackAt) >= Self.pushbackMilliseconds else {
            return false
        }
        let half = max(min(bounds.limit, Self.sizeMin), size / 2)
        // A burst of refusals halves it several times; once it is over, half is had again soon.
        if now.milliseconds(since: pushedBackAt) >= Self.burstMilliseconds { fastUntil = half }
        (pushedBackAt, calmSince) = (now, now)
        size = half
        test = GrowthTest(proven: min(test.proven, fastUntil ?? half))
        return true
    }

    /// Notes how late the loop is, a few times a second.
    public mutating func noteLag(milliseconds: Int) {
        isHeld = milliseconds > Self.lateMilliseconds
        guard milliseconds > Self.tooLateMilliseconds else { return }
        size = max(min(size, bounds.first), size - size / 8)
        test = GrowthTest()
    }

    // MARK: Growth

    private mutating func grow() {
        guard size < bounds.limit, !isHeld, !test.triesLess else { return }
        let isKnownToPay = size < max(bounds.safe, test.proven)
        guard isKnownToPay || (!isQueueing && size < bounds.calm) else { return }
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

    private var needsTest: Bool { size >= untested }

    /// Up to here it grows without a test.
    private var untested: Int { isQueueing ? bounds.safe : bounds.calm }

    private mutating func testGrowth(after waited: UInt64) {
        guard answers >= Self.answersBeforeTrust, !isHeld else { return }
        let bounds = min(untested, bounds.limit)...bounds.limit
        if let next = test.answered(after: waited, size: size, within: bounds) { size = next }
    }
}

/// Whether more at once brings more answers, and less fewer: it compares the rates of two sizes.
private struct GrowthTest {
    /// The most rounds between tests that do not pay.
    private static let pauseMax = 64
    private static let answersMin = 128

    /// The microseconds that all of the round have waited, those lost included.
    var waits: UInt64 = 0
    /// The largest size that has paid; losses do not undo that.
    private(set) var proven: Int
    private var answers = 0
    /// The size that is tried, and what was measured at the size before; nil between tests.
    private var trial: (size: Int, base: Int, baseWait: Double)?
    /// Whether the next size that is tried is a smaller one.
    private var isNextLess = false
    /// How many answers are left of those that were sent before the size changed.
    private var skipped = 0
    private var pause = 0
    private var nextPause = 1

    init(proven: Int = 0) { self.proven = proven }

    var isUnderWay: Bool { trial != nil }
    /// Whether a smaller size is being tried.
    var triesLess: Bool { trial.map { $0.size < $0.base } ?? false }

    /// Ends a test whose size is no longer that of the window.
    mutating func cancel() {
        trial = nil
        (waits, answers, skipped) = (0, 0, 0)
    }

    /// Notes an answer while the window is full; returns the size that is to be from now on, nil
    /// where it stays.
    mutating func answered(
        after waited: UInt64, size: Int, within bounds: ClosedRange<Int>
    ) -> Int? {
        guard skipped == 0 else {
            skipped -= 1
            waits = 0
            return nil
        }
        waits += waited
        answers += 1
        guard answers >= max(Self.answersMin, 2 * size) else { return nil }
        let wait = Double(waits) / Double(answers)
        (waits, answers) = (0, 0)
        if trial != nil { return judge(wait, bounds) }
        guard pause == 0 else {
            pause -= 1
            return nil
        }
        return beginTrial(at: size, wait, bounds)
    }

    /// Tries half more or a third less; nil where a bound is reached, and the other is next.
    private mutating func beginTrial(
        at size: Int, _ wait: Double, _ bounds: ClosedRange<Int>
    ) -> Int? {
        let other =
            isNextLess
            ? max(bounds.lowerBound, size * 2 / 3)
            : min(bounds.upperBound, size + max(1, size / 2))
        guard other != size else {
            isNextLess.toggle()
            return nil
        }
        trial = (other, size, wait)
        skipped = max(other, size)
        return other
    }

    /// The rate is the size divided by the mean wait.
    ///
    /// It has to grow by a quarter of what the size has, as factors, or to shrink by less than an
    /// eighth: a queue brings nothing, and a resolver that asks others gains less and less, and yet
    /// enough, from more questions.
    private mutating func judge(_ wait: Double, _ bounds: ClosedRange<Int>) -> Int? {
        guard let (size, base, baseWait) = trial else { return nil }
        trial = nil
        let growth = Double(size) / Double(base)
        let gain = growth * baseWait / max(1, wait)
        guard pow(gain, size > base ? 4 : 8) >= growth else {
            proven = base
            isNextLess.toggle()
            pause = nextPause
            nextPause = min(Self.pauseMax, 2 * nextPause)
            skipped = max(size, base)
            return base
        }
        proven = size
        nextPause = 1
        return beginTrial(at: size, wait, bounds)
    }
}
