public import DNS

/// Reads lists of domains, one after the other, as a stream of entries; blocks on reads.
///
/// A list is laid out as its `ListFormat` says, which is found by looking at its beginning. Memory
/// does not grow with the lists, save by the hashes of the names where they are to be unique, and
/// of the delegations of a zone file, which are unique always. To be used by one thread.
@safe public final class ListReader {
    /// What the lines read so far were.
    public var statistics: ListStatistics {
        var sum = finished
        if let current { sum.add(current.statistics) }
        return sum
    }

    /// Messages about lists that were read to their end and name no domain, or not all.
    public private(set) var remarks: [String] = []

    /// Called with every byte of every list as stored, and the list's index; for digests.
    public var onRawBytes: ((_ list: Int, _ bytes: UnsafeRawBufferPointer) -> Void)?

    /// Called with the index of each list before it is read; where it says no the reading ends.
    public var onBegin: ((_ list: Int) -> Bool)?

    private let lists: [OpenedList]
    private let part: ListSource.Part
    private var nextList = 0
    private var current: ListInProgress?
    private var hasNames = false
    /// What the entries were, and the lines of lists that were read to their end.
    private var finished = ListStatistics()
    private var nextIndex = 0
    private var finishedBytes = 0
    private let bytesTotal: Int?
    private let seen: UniqueNames?

    /// Lists to be read in order.
    ///
    /// With `unique`, only the first entry of a name is delivered.
    public convenience init(_ lists: [OpenedList], unique: Bool = false) {
        self.init(lists, unique: unique, .whole)
    }

    /// Lists of which a part is read.
    init(_ lists: [OpenedList], unique: Bool = false, _ part: ListSource.Part) {
        bytesTotal = lists.reduce(0) { sum, list in
            sum.flatMap { sum in list.bytesTotal.map { sum + $0 } }
        }
        self.lists = lists
        self.part = part
        seen = unique ? UniqueNames() : nil
    }

    /// The progress of reading.
    public var progress: ListProgress {
        let bytes = finishedBytes + (current?.lines.source.bytesRead ?? 0)
        return ListProgress(bytesRead: bytes, bytesTotal: bytesTotal)
    }

    /// The next entry; nil at the end of the last list.
    ///
    /// An error ends the reading, after all whole lines before it were delivered. If the next list
    /// were begun, its entries would get other indexes once the broken list is complete.
    public func next() throws(ListError) -> ListEntry? {
        while let list = try currentList() {
            do throws(ListError) {
                while let entry = try list.next(at: nextIndex) {
                    nextIndex += 1
                    if isDelivered(entry) { return entry }
                }
            } catch {
                finishList()
                nextList = lists.endIndex
                throw ListError(
                    error.kind, source: error.source, offset: error.offset, line: list.line,
                    reason: error.reason)
            }
            remark(on: list)
            finishList()
        }
        return nil
    }

    private func currentList() throws(ListError) -> ListInProgress? {
        if let current { return current }
        guard nextList < lists.endIndex else { return nil }
        let place = nextList
        nextList = lists.endIndex
        if let onBegin, !onBegin(place) { return nil }
        let format = try lists[place].examine()
        let source = try ListSource(lists[place], part)
        nextList = place + 1
        hasNames = false
        if let onRawBytes = unsafe onRawBytes {
            unsafe source.onRawBytes = { unsafe onRawBytes(place, $0) }
        }
        let list = ListInProgress(
            LineReader(source, lineEnd: format.lineEnd), format,
            keepsLines: lists[place].reading.keepsLines)
        current = list
        return list
    }

    private func finishList() {
        finishedBytes += current?.lines.source.bytesRead ?? 0
        if let current { finished.add(current.statistics) }
        current = nil
    }

    /// Notes a list without any name of a domain, and a zone file that is not all of its zone.
    private func remark(on list: ListInProgress) {
        let name = list.lines.source.name
        if let count = list.statistics.passedOver[.notFollowed] {
            remarks.append(
                "the list \(name) lacks records of its zone: its \(grouped(count)) "
                    + "\(PassedOver.notFollowed.label)")
        }
        guard !hasNames else { return }
        remarks.append(
            list.line == 0
                ? "the list \(name) is empty"
                : "the list \(name) names no domain: none of its \(list.line) lines has one")
    }

    /// Counts an entry; false for a name that was delivered before.
    private func isDelivered(_ entry: ListEntry) -> Bool {
        switch entry.name {
        case .success(let name):
            hasNames = true
            if let seen, !seen.insert(name) {
                finished.duplicates += 1
                return false
            }
        case .failure(let invalid): finished.invalidReasons[invalid.reason, default: 0] += 1
        }
        finished.entries += 1
        return true
    }
}

/// The progress of reading lists, in bytes as stored.
public struct ListProgress: Hashable, Sendable {
    /// Bytes read of all lists.
    public let bytesRead: Int

    /// Bytes of all lists; nil where one is no regular file, so that its size is not known.
    public let bytesTotal: Int?
}

/// What the lines read so far were.
///
/// `lines` and `furtherNames` are the sum of `entries`, `duplicates`, `comments`, `blanks`,
/// `headers`, `continuations` and `passedOver`.
public struct ListStatistics: Hashable, Sendable {
    /// Lines of all lists, the last one without terminator included.
    public internal(set) var lines = 0

    /// Entries that were delivered.
    public internal(set) var entries = 0

    /// Entries that are no domain name, by the reason.
    public internal(set) var invalidReasons: [NameRejection: Int] = [:]

    /// Entries whose name was taken out of something else, by what that was.
    public internal(set) var forms: [NameForm: Int] = [:]

    /// Lines that hold a comment only.
    public internal(set) var comments = 0

    /// Lines that hold nothing.
    public internal(set) var blanks = 0

    /// First rows that name the columns, or stand before one that does.
    public internal(set) var headers = 0

    /// Lines left out because their name had been delivered already.
    public internal(set) var duplicates = 0

    /// Lines that belong to a row or a record that began on a line before.
    public internal(set) var continuations = 0

    /// Names that share their line with one before.
    public internal(set) var furtherNames = 0

    /// Lines that give no entry, by the reason.
    public internal(set) var passedOver: [PassedOver: Int] = [:]

    /// The first line of a zone file that is no record; nil where there is none.
    var firstNotUnderstood: Int?

    /// No lines yet.
    public init() {}

    /// Adds those of other lines.
    mutating func add(_ other: ListStatistics) {
        lines += other.lines
        entries += other.entries
        invalidReasons.merge(other.invalidReasons, uniquingKeysWith: +)
        forms.merge(other.forms, uniquingKeysWith: +)
        comments += other.comments
        blanks += other.blanks
        headers += other.headers
        duplicates += other.duplicates
        continuations += other.continuations
        furtherNames += other.furtherNames
        passedOver.merge(other.passedOver, uniquingKeysWith: +)
        firstNotUnderstood = firstNotUnderstood ?? other.firstNotUnderstood
    }

    /// What people should know of the lines, the most frequent first: those that name no domain,
    /// those whose name was taken out of something, and those that give no entry.
    public var notes: [(label: String, count: Int)] {
        let reasons = invalidReasons.map { (label: "name no domain: \($0.rawValue)", count: $1) }
        let forms = forms.map { (label: "were \($0.label)", count: $1) }
        let others = passedOver.map { (label: "have no record: \($0.label)", count: $1) }
        return [reasons, forms, others].flatMap { notes in
            notes.sorted { ($1.count, $0.label) < ($0.count, $1.label) }
        }
    }

    /// Entries that are no domain name.
    public var invalid: Int { invalidReasons.values.reduce(0, +) }
}

/// Why a line with something on it gives no entry.
public enum PassedOver: String, CaseIterable, Sendable {
    /// A record of a zone that is no delegation, or a directive.
    case otherRecord = "other_records"
    /// A further NS record of a delegation.
    case repeatedDelegation = "repeated_delegations"
    /// A directive of a zone file that stands for records elsewhere.
    case notFollowed = "not_followed"
    /// A line of a zone file that is no record.
    case notUnderstood = "not_understood"
    /// A bracket of a JSON array around the entries.
    case bracket = "brackets"
    /// A name of the machine itself in a hosts file, such as `localhost`.
    case ownName = "own_names"

    /// What a person calls such lines, as it follows a number.
    public var label: String {
        switch self {
        case .otherRecord: "records that are no delegation"
        case .repeatedDelegation: "further records of a delegation"
        case .notFollowed:
            "$INCLUDE and $GENERATE are not followed (named-compilezone writes out what they mean)"
        case .notUnderstood: "lines of a zone file that are no records"
        case .bracket: "brackets around the others"
        case .ownName: "names without a dot in a hosts file"
        }
    }
}
