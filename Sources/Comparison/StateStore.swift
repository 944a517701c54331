internal import Changes
internal import Records
internal import Synchronization

/// A domain's state in one scan, and its position in the list.
struct ListedState: Sendable {
    let index: Int
    let state: DomainState
    /// The columns of the list that its record carries.
    let columns: ListColumns?
    /// Its unique number in a store, from 0.
    fileprivate(set) var ordinal = 0

    init(index: Int, state: DomainState, columns: ListColumns?) {
        self.index = index
        self.columns = columns
        self.state = state
    }
}

/// What is kept of the earlier scan while the later one is read.
struct EarlierStates: Sendable {
    /// The states of domains with a record.
    let states: [String: ListedState]
    /// The codes of remarkable domains without one, by a hash of the domain.
    let codes: [Int: UInt32]
}

/// States of domains, added by all threads that read; few domains have one, so the lock is seldom
/// contended.
final class StateStore: Sendable {
    private let states = Mutex<[String: ListedState]>([:])

    /// Keeps a state; of a domain that is listed more than once the first entry counts.
    func keep(_ listed: ListedState, of domain: String) {
        states.withLock { states in
            var listed = listed
            if let known = states[domain] {
                guard listed.index < known.index else { return }
                listed.ordinal = known.ordinal
            } else {
                listed.ordinal = states.count
            }
            states[domain] = listed
        }
    }

    /// All that were kept.
    var all: [String: ListedState] { states.withLock { $0 } }
}

/// A set of small numbers, a bit each.
struct BitSet: Sendable {
    private var words: [UInt64]

    /// No number below `count`.
    init(count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

    subscript(number: Int) -> Bool { words[number / 64] & 1 << (number % 64) != 0 }

    mutating func insert(_ number: Int) { words[number / 64] |= 1 << (number % 64) }

    mutating func formUnion(_ other: BitSet) {
        for index in words.indices { words[index] |= other.words[index] }
    }
}
