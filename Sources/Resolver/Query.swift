public import DNS
internal import EventLoop

/// Asks questions, and receives the answers.
public protocol LookupReceiver: AnyObject {
    /// Called once, on the loop's thread.
    func take(_ lookups: Lookups)
}

/// Questions asked together: one object for all of them, from the first try to the last answer.
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
        /// Whether it was sent with an OPT record.
        var usesEDNS = true
        var sentAt = Instant(nanoseconds: 0)
    }

    let questions: [Question]
    let resolver: Resolver
    /// Whether the answers are a health check of a server: then each is sent to it once.
    let isHealthCheck: Bool
    var progress = InlineArray<3, Progress>(repeating: Progress())
    /// The result of each question; until then the end of its last try, where there was no answer.
    var lookups: Lookups
    private let asker: any LookupReceiver
    private var unanswered: Int

    /// At most three questions, whose lookups `asker` takes.
    init(
        _ questions: [Question], for asker: any LookupReceiver, by resolver: Resolver,
        isHealthCheck: Bool
    ) {
        self.questions = questions
        self.asker = asker
        self.resolver = resolver
        self.isHealthCheck = isHealthCheck
        lookups = Lookups(count: questions.count)
        unanswered = questions.count
    }

    func complete(_ slot: Int, _ lookup: Lookup) {
        lookups[slot] = lookup
        unanswered -= 1
        if unanswered == 0 { asker.take(lookups) }
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

    /// What c-ares has kept; `body` is the last to have it.
    static func takingBack(
        _ retained: UnsafeMutableRawPointer, _ body: (Query) -> Void
    ) {
        let slot = Int(bitPattern: retained) % MemoryLayout<Int>.alignment
        let batch = unsafe Unmanaged<Batch>.fromOpaque(retained - slot)
        unsafe batch._withUnsafeGuaranteedRef { body(Query(batch: $0, slot: slot)) }
        unsafe batch.release()
    }
}
