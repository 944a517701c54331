internal import Changes
internal import RecordReading

/// What a thread that reads a scan's domain records keeps for itself.
struct StatePass: Sendable {
    /// Records of domains.
    private(set) var domains = 0
    /// Those with an MTA-STS record.
    private(set) var records = 0
    /// Those of which it is not known if they have one.
    private(set) var unknown = 0
    /// The ordinals of the earlier scan's domains that also occur in the later one.
    private(set) var met: BitSet
    /// Codes of remarkable domains without a record, by a hash of the domain.
    ///
    /// Some 30 octets each; among a hundred million names two have the same hash once in 3,700
    /// lists.
    private(set) var codes: [Int: UInt32] = [:]
    private var names = SharedNames()

    /// A pass after one that has kept so many domains.
    init(knowing count: Int = 0) { met = BitSet(count: count) }

    /// Takes over what another thread has read.
    mutating func merge(_ other: StatePass) {
        domains += other.domains
        records += other.records
        unknown += other.unknown
        met.formUnion(other.met)
        codes.merge(other.codes) { first, _ in first }
    }

    /// The earlier scan: keeps the domains that have a record, and the codes of others that are
    /// remarkable.
    mutating func addEarlier(_ record: StoredRecord, _ reader: StateReader, to store: StateStore) {
        var fields = record.object
        guard let head = count(&fields, reader) else { return }
        guard head.record.isThere else {
            let state = reader.outcome(head, &fields)
            if state.isRemarkable { codes[head.domain.hashValue] = state.code }
            return
        }
        store.keep(listedState(head, record, &fields, reader), of: head.domain)
    }

    /// The later scan: keeps the domains that differ from the earlier one, and those with a
    /// record that have none there.
    mutating func addLater(
        _ record: StoredRecord, _ reader: StateReader, than earlier: EarlierStates,
        to store: StateStore
    ) {
        var fields = record.object
        guard let head = count(&fields, reader) else { return }
        let known = earlier.states[head.domain]
        if known == nil, !head.record.isThere {
            let state = reader.outcome(head, &fields)
            let code = earlier.codes[head.domain.hashValue]
            guard code == nil ? state.isRemarkable : code != state.code else { return }
        }
        let listed = listedState(head, record, &fields, reader)
        if let known {
            met.insert(known.ordinal)
            guard !Change.all(from: known.state, to: listed.state).isEmpty else { return }
        }
        store.keep(listed, of: head.domain)
    }

    /// Reads the earlier scan again: keeps the requested domains, whatever they have.
    mutating func addAgain(
        _ record: StoredRecord, _ reader: StateReader, of domains: Set<String>, to store: StateStore
    ) {
        var fields = record.object
        guard let head = reader.head(&fields), domains.contains(head.domain) else { return }
        store.keep(listedState(head, record, &fields, reader), of: head.domain)
    }

    private mutating func count(
        _ fields: inout JSONObject, _ reader: StateReader
    ) -> StateReader.Head? {
        guard let head = reader.head(&fields) else { return nil }
        domains += 1
        if head.record == .unknown { unknown += 1 }
        if head.record.isThere { records += 1 }
        return head
    }

    private mutating func listedState(
        _ head: StateReader.Head, _ record: StoredRecord, _ fields: inout JSONObject,
        _ reader: StateReader
    ) -> ListedState {
        ListedState(
            index: head.index, state: reader.state(head, &fields, &names),
            columns: record.value["list"]?.listColumns)
    }
}
