public import DNS
internal import EventLoop

/// Who asked questions, and is told of the answers.
public protocol Asker: AnyObject {
    /// Called once, on the loop's thread, with a lookup for each question, in their order.
    func take(_ lookups: [Lookup])
}

/// Questions asked together: one object for all of them, from the first try to the last answer.
final class Batch {
    /// How far a question has come.
    struct Progress {
        /// How often it was sent, tries that do not count apart.
        var tries = 0
        /// How often its tries were struck out because the servers were down.
        var pardons = 0
        /// The place of the server that it was sent to last.
        var server = 0
        var sentAt = Instant(nanoseconds: 0)
        /// What came of it; until then how the last try ended, where nothing came back.
        var lookup: Lookup
    }

    private static let begun = Progress(lookup: Lookup(status: .timeout))

    let questions: [Question]
    let resolver: Resolver
    /// Whether the answers tell of a server: then each question is sent to it once.
    let isControl: Bool
    var progress = InlineArray<3, Progress>(repeating: begun)
    private let asker: any Asker
    private var unanswered: Int

    /// At most three questions, whose lookups `asker` takes.
    init(_ questions: [Question], for asker: any Asker, by resolver: Resolver, isControl: Bool) {
        precondition(questions.count <= 3, "\(questions.count) questions at once")
        self.questions = questions
        self.asker = asker
        self.resolver = resolver
        self.isControl = isControl
        unanswered = questions.count
    }

    func complete(_ slot: Int, _ lookup: Lookup) {
        progress[slot].lookup = lookup
        unanswered -= 1
        guard unanswered == 0 else { return }
        asker.take(questions.indices.map { progress[$0].lookup })
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
    var retained: UnsafeMutableRawPointer { Unmanaged.passRetained(batch).toOpaque() + slot }

    /// What c-ares has kept; `body` is the last to have it.
    static func takingBack(
        _ retained: UnsafeMutableRawPointer, _ body: (Query) -> Void
    ) {
        let slot = Int(bitPattern: retained) % MemoryLayout<Int>.alignment
        let batch = Unmanaged<Batch>.fromOpaque(retained - slot)
        batch._withUnsafeGuaranteedRef { body(Query(batch: $0, slot: slot)) }
        batch.release()
    }
}
