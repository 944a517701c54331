internal import DNS
internal import EventLoop

/// One question on its way.
final class Query {
    /// Who waits for the answer.
    enum Purpose {
        case batch(Batch, slot: Int)
        case control(Control, Server)
    }

    let question: Question
    let purpose: Purpose
    let resolver: Resolver
    /// How often it was sent, tries that do not count apart.
    var tries = 0
    /// How often its tries were struck out because the servers were down.
    var pardons = 0
    var server: Server
    var sentAt = Instant(nanoseconds: 0)
    /// How the last try ended, where nothing came back.
    var silence = LookupStatus.timeout

    init(_ question: Question, for purpose: Purpose, to server: Server, by resolver: Resolver) {
        self.question = question
        self.purpose = purpose
        self.server = server
        self.resolver = resolver
    }
}

/// Questions asked together: the task resumes with the last answer.
final class Batch {
    private static let unanswered = Lookup(status: .timeout)
    private var lookups: [Lookup]
    private var remaining: Int
    private let continuation: UnsafeContinuation<[Lookup], Never>

    init(count: Int, _ continuation: UnsafeContinuation<[Lookup], Never>) {
        lookups = Array(repeating: Self.unanswered, count: count)
        remaining = count
        self.continuation = continuation
    }

    func complete(_ slot: Int, _ lookup: Lookup) {
        lookups[slot] = lookup
        remaining -= 1
        if remaining == 0 { continuation.resume(returning: lookups) }
    }
}
