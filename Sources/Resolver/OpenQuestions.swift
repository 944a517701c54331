internal import EventLoop

/// The questions of one channel that c-ares has not ended yet, by the ids that they were sent with.
///
/// It is what a received message is compared with before c-ares sees anything of it, and where the
/// time limits are kept: all questions have the same, so that they are due in the order in which
/// they were added. Pure: time is an argument.
struct OpenQuestions {
    /// How a question ends; c-ares gets an answer in each case.
    @safe enum Ending {
        /// By a response, valid until c-ares has ended the question, and where its question ends.
        case answer(UnsafeBufferPointer<UInt8>, questionEnd: Int)
        case timedOut
        /// The system had no room to send it.
        case unsent
    }

    /// A question that is out.
    @safe struct OpenQuestion {
        /// The id that it was sent with.
        let id: UInt16
        /// What c-ares keeps of it.
        let argument: UnsafeMutableRawPointer
        let deadline: Instant
        /// The id that c-ares knows it by, once c-ares has written it.
        var libraryID: UInt16?
        var ending: Ending?
        fileprivate var older = nowhere
        fileprivate var newer = nowhere
    }

    private static let nowhere: Int32 = -1
    /// How many ids are drawn before the next free one is taken.
    private static let draws = 64

    private var questions: [OpenQuestion] = []
    private var unused: [Int32] = []
    /// The index in `questions` of each id's question; empty as long as no two were out at once, as
    /// on a connection of TCP.
    private var table: [Int32] = []
    /// The index of the only question, as long as there is no table.
    private var lone = nowhere
    /// How many there are.
    private(set) var count = 0
    private var oldest = nowhere
    private var newest = nowhere

    /// When the time of the oldest question is up; nil where none is out whose time is not.
    var firstDeadline: Instant? {
        oldest == Self.nowhere ? nil : questions[Int(oldest)].deadline
    }

    /// An id that no open question has, of those that `draw` returns; nil where all are taken.
    private func freeID(_ draw: () -> UInt16) -> UInt16? {
        var id = draw()
        var drawn = 1
        while index(of: id) != nil, drawn < Self.draws {
            id = draw()
            drawn += 1
        }
        guard index(of: id) != nil else { return id }
        return (1...UInt16.max).lazy.map { id &+ $0 }.first { index(of: $0) == nil }
    }

    /// The question with an id, as it is now; nil for none.
    func question(_ id: UInt16) -> OpenQuestion? { index(of: id).map { questions[Int($0)] } }

    /// The id of the only question of a channel that has one at a time; nil without one.
    var only: UInt16? { lone == Self.nowhere ? nil : questions[Int(lone)].id }

    private func index(of id: UInt16) -> Int32? {
        guard table.isEmpty else {
            let index = table[Int(id)]
            return index == Self.nowhere ? nil : index
        }
        return lone != Self.nowhere && questions[Int(lone)].id == id ? lone : nil
    }

    private mutating func setIndex(_ index: Int32, of id: UInt16) {
        if table.isEmpty, count > 0, index != Self.nowhere {
            table = Array(repeating: Self.nowhere, count: Int(UInt16.max) + 1)
            table[Int(questions[Int(lone)].id)] = lone
            lone = Self.nowhere
        }
        if table.isEmpty { lone = index } else { table[Int(id)] = index }
        count += index == Self.nowhere ? -1 : 1
    }

    /// Adds a question, whose deadline must be no earlier than that of the last; returns its id, of
    /// those that `draw` returns, and nil where all are taken.
    mutating func add(
        _ argument: UnsafeMutableRawPointer, until deadline: Instant, _ draw: () -> UInt16
    ) -> UInt16? {
        guard let id = freeID(draw) else { return nil }
        let question = unsafe OpenQuestion(
            id: id, argument: argument, deadline: deadline, older: newest)
        let place: Int32
        if let free = unused.popLast() {
            place = free
            questions[Int(place)] = question
        } else {
            place = Int32(questions.count)
            questions.append(question)
        }
        setIndex(place, of: id)
        if newest == Self.nowhere {
            oldest = place
        } else {
            questions[Int(newest)].newer = place
        }
        newest = place
        return id
    }

    /// Notes the id that c-ares knows a question by.
    mutating func setLibraryID(_ libraryID: UInt16, of id: UInt16) {
        guard let place = index(of: id) else { return }
        questions[Int(place)].libraryID = libraryID
    }

    /// Notes how a question ends.
    mutating func end(_ id: UInt16, _ ending: Ending) {
        guard let place = index(of: id) else { return }
        questions[Int(place)].ending = ending
    }

    /// Forgets the answers of those that c-ares has not ended: their octets are about to go.
    mutating func forgetAnswers() {
        // What is unused is written anew before it is used.
        for place in questions.indices {
            if case .answer = questions[place].ending { questions[place].ending = nil }
        }
    }

    /// Removes a question that c-ares has ended; how it was to end, nil where nothing is known.
    mutating func remove(_ id: UInt16) -> Ending? {
        guard let place = index(of: id) else { return nil }
        setIndex(Self.nowhere, of: id)
        unlink(place)
        unused.append(place)
        return questions[Int(place)].ending
    }

    /// The id of the oldest question if its time is up at `now`; it is due once.
    mutating func nextDue(at now: Instant) -> UInt16? {
        guard oldest != Self.nowhere, questions[Int(oldest)].deadline <= now else {
            return nil
        }
        let place = oldest
        unlink(place)
        return questions[Int(place)].id
    }

    /// Takes a question out of the order of deadlines, where it still is.
    private mutating func unlink(_ place: Int32) {
        let (older, newer) = (questions[Int(place)].older, questions[Int(place)].newer)
        guard older != Self.nowhere || newer != Self.nowhere || oldest == place else { return }
        if older == Self.nowhere {
            oldest = newer
        } else {
            questions[Int(older)].newer = newer
        }
        if newer == Self.nowhere {
            newest = older
        } else {
            questions[Int(newer)].older = older
        }
        questions[Int(place)].older = Self.nowhere
        questions[Int(place)].newer = Self.nowhere
    }
}
