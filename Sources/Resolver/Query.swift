internal import CLinux
public import DNS
internal import EventLoop
import Glibc

/// Asks questions, and receives the answers.
public protocol LookupReceiver: AnyObject {
    /// Called once, on the loop's thread.
    func take(_ lookups: Lookups)
}

/// Questions of one asker: one object for all of them, from the first try to the last answer.
final class Batch {
    /// The progress of a question.
    struct Progress {
        /// How often it was sent, tries that do not count apart.
        var tries: Int16 = 0
        /// How often its tries were reset because the servers were down, or had no room.
        var resets: Int16 = 0
        /// How often it was refused, where no server was known to be overloaded.
        var refusals: Int16 = 0
        /// Whether it was answered by REFUSED or SERVFAIL before.
        var hasFailed = false
        /// Whether by REFUSED.
        var wasRefused = false
        /// The index of the server that it was sent to last.
        var server: Int16 = 0
        /// The number of the TCP connection that it is on; -1 for UDP.
        var connection: Int16 = -1
        /// The id that it was sent with last.
        var id: UInt16 = 0
        /// Whether it was sent with an OPT record.
        var usesEDNS = true
        var sentAt = Instant(nanoseconds: 0)
    }

    let questions: [Question]
    let resolver: Resolver
    /// Whether the answers are a health check of a server: then each is sent to it once.
    let isHealthCheck: Bool
    private let order: QuestionOrder
    var progress = InlineArray<3, Progress>(repeating: Progress())
    /// The result of each question; until then its last failure, or silence where it had none.
    var lookups: Lookups
    private let asker: any LookupReceiver
    private var unanswered: Int

    /// At most three questions, whose lookups `asker` takes.
    init(
        _ questions: [Question], for asker: any LookupReceiver, by resolver: Resolver,
        isHealthCheck: Bool, order: QuestionOrder = .together
    ) {
        self.order = order
        self.questions = questions
        self.asker = asker
        self.resolver = resolver
        self.isHealthCheck = isHealthCheck
        lookups = Lookups(count: questions.count)
        unanswered = questions.count
    }

    /// The questions that are asked at once.
    var begun: Range<Int> { 0..<(order == .together ? questions.count : 1) }

    /// Takes an answer; returns the questions that are to be asked now.
    @discardableResult
    func complete(_ slot: Int, _ lookup: Lookup) -> Range<Int> {
        lookups[slot] = lookup
        unanswered -= 1
        guard unanswered > 0 else {
            asker.take(lookups)
            return 0..<0
        }
        guard slot == 0, order != .together else { return 0..<0 }
        guard order == .firstUnlessDenied, lookup.provesNothingBelow else {
            return 1..<questions.count
        }
        asker.take(Lookups(first: lookup))
        return 0..<0
    }
}

/// One question of a batch.
struct Query {
    let batch: Batch
    let slot: Int

    var question: Question { batch.questions[slot] }

    var progress: Batch.Progress {
        _read { yield batch.progress[slot] }
        nonmutating _modify { yield &batch.progress[slot] }
    }
}

extension Query {
    /// What c-ares keeps of it: the address of the batch, whose lowest bits have room for the slot.
    ///
    /// Retains the batch; to be taken back exactly once.
    var retained: UnsafeMutableRawPointer { unsafe Unmanaged.passRetained(batch).toOpaque() + slot }

    /// What c-ares keeps, and goes on keeping.
    static func looking<Value>(
        at retained: UnsafeMutableRawPointer, _ body: (Query) -> Value
    ) -> Value {
        let slot = Int(bitPattern: retained) % MemoryLayout<Int>.alignment
        let batch = unsafe Unmanaged<Batch>.fromOpaque(retained - slot)
        return unsafe batch._withUnsafeGuaranteedRef { body(Query(batch: $0, slot: slot)) }
    }

    /// What c-ares has kept; `body` is the last to have it.
    static func takingBack(
        _ retained: UnsafeMutableRawPointer, _ body: (Query) -> Void
    ) {
        unsafe looking(at: retained, body)
        let slot = Int(bitPattern: retained) % MemoryLayout<Int>.alignment
        unsafe Unmanaged<Batch>.fromOpaque(retained - slot).release()
    }
}

/// Query ids that cannot be guessed, drawn from the system's generator in batches.
///
/// Over UDP the id is ours whatever that of c-ares is: the message goes out as it is made here.
final class QueryIDs {
    private static let drawn = 1024
    private var pool: [UInt16] = []
    private var used = 0

    func next() -> UInt16 {
        if used == pool.count {
            pool = Self.draw()
            used = 0
        }
        defer { used += 1 }
        return pool[used]
    }

    private static func draw() -> [UInt16] {
        var ids = Array(repeating: 0 as UInt16, count: drawn)
        unsafe ids.withUnsafeMutableBytes { bytes in
            var filled = 0
            while filled < bytes.count {
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
                let count = unsafe getrandom(rest.baseAddress, rest.count, 0)
                precondition(count > 0 || errno == EINTR, "getrandom: errno \(errno)")
                filled += max(0, count)
            }
        }
        return ids
    }
}

/// How many questions may be sent now, at so many a second.
///
/// Pure but for its own state: time is an argument.
struct QueryBudget {
    /// The questions of a twentieth of a second may be sent at once.
    private static let burstSeconds = 0.05
    private let perSecond: Double
    private let most: Double
    private var left: Double
    private var filledAt = Instant(nanoseconds: 0)

    /// A budget of so many questions a second; nil for any number.
    init(perSecond: Double?) {
        self.perSecond = perSecond ?? 0
        most = max(1, self.perSecond * Self.burstSeconds)
        left = most
    }

    private var isLimited: Bool { perSecond > 0 }

    /// Whether a question may be sent.
    mutating func allows(at now: Instant) -> Bool {
        guard isLimited else { return true }
        let passed = Double(now.microseconds(since: filledAt)) / 1_000_000
        left = min(most, left + passed * perSecond)
        filledAt = now
        return left >= 1
    }

    /// Takes the cost of a question, which can make the budget negative.
    mutating func take() { if isLimited { left -= 1 } }

    /// How long it takes until the next question may be sent, in milliseconds.
    var waitMilliseconds: Int {
        isLimited ? max(1, Int(((1 - left) / perSecond * 1000).rounded(.up))) : 1
    }
}
