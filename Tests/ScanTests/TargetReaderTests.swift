import DNS
import DomainList
import EventLoop
import FoundationEssentials
import Glibc
import Records
import ScanFolder
import Testing

@testable import Scan

/// A file of lines, removed at the end.
private final class Lines {
    let path =
        FileManager.default.temporaryDirectory.path + "/targets-\(UInt64.random(in: 0 ... .max))"

    init(_ text: String) throws { try write(text) }

    deinit { unlink(path) }

    func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    var location: ListLocation { ListLocation(name: "list", path: path) }
}

/// What a reader has handed over, and how it ended.
private struct Outcome {
    var hosts: [String] = []
    var numbers: [Int] = []
    var state = TargetReader.State()
}

private func read(_ lists: [Lines], after resumed: Checkpoint? = nil) throws -> Outcome {
    // The end of the reading wakes who waits for it, by a signal.
    signal(SIGUSR1, SIG_IGN)
    let queue = BoundedQueue<[NumberedTarget]>(capacity: 4)
    let reader = try TargetReader(lists.map(\.location), of: .hosts, into: queue, after: resumed)
    reader.run()
    var outcome = Outcome()
    while case .element(let batch) = queue.takeBlocking(milliseconds: 0) {
        for numbered in batch {
            guard case .host(let name) = numbered.target else { continue }
            outcome.hosts.append(name.text)
            outcome.numbers.append(numbered.number)
        }
    }
    outcome.state = reader.current
    return outcome
}

/// The checkpoint of a run that has read these lists and finished some of their targets.
private func checkpoint(_ lists: [FileIdentity], finished: [Int]) -> Checkpoint {
    var set = FinishedSet()
    for number in finished { set.insert(number) }
    return Checkpoint(
        CommittedProgress(
            of: .hosts, startedAt: 0, finished: set, totals: ScanTotals().table),
        options: StoredOptions(ScanOptions(), trustSHA256: ""), lists: lists)
}

@Suite("Reading targets")
struct TargetReaderTests {
    private static let text = "# three hosts\na.example\n\n b.example\r\nc.example\n"

    @Test("targets are numbered through all inputs, comments and blank lines left out")
    func numbers() throws {
        let outcome = try read([Lines(Self.text), Lines("d.example")])
        #expect(outcome.hosts == ["a.example", "b.example", "c.example", "d.example"])
        #expect(outcome.numbers == [0, 1, 2, 3])
        #expect(outcome.state.numbered == 4 && outcome.state.isAtEnd)
        #expect(outcome.state.identities.map(\.bytes) == [Self.text.utf8.count, 9])
    }

    @Test("what is finished is left out, where the list is the same as far as it was read")
    func resumed() throws {
        let list = try Lines(Self.text)
        let before = try read([list]).state.identities
        try list.write(Self.text + "d.example\n")
        let outcome = try read([list], after: checkpoint(before, finished: [0, 2]))
        #expect(outcome.hosts == ["b.example", "d.example"])
        #expect(outcome.numbers == [1, 3])
        #expect(outcome.state.numbered == 4 && outcome.state.handedOver == 2)
        #expect(outcome.state.refusal == nil)
    }

    @Test(
        "nothing of a list is used that is not the one that was read",
        arguments: [("a.example\nx.example\nc.example\nd.example\n", "changed"), ("a", "shorter")])
    func altered(text: String, word: String) throws {
        let list = try Lines("a.example\nb.example\n")
        let before = try read([list]).state.identities
        try list.write(text)
        let outcome = try read([list], after: checkpoint(before, finished: [0]))
        #expect(outcome.hosts == [])
        #expect(outcome.state.refusal?.contains(word) == true)
        #expect(!outcome.state.isAtEnd)
    }

    @Test("a line that names nothing ends the reading, and may be mended before it goes on")
    func broken() throws {
        let list = try Lines("a.example\nb..example\nc.example\n")
        let outcome = try read([list])
        #expect(outcome.hosts == ["a.example"])
        let failure = try #require(outcome.state.failure)
        #expect(failure.hasPrefix("list, line 2: 'b..example' is no domain name"))
        #expect(outcome.state.identities.map(\.bytes) == [10])
        try list.write("a.example\nb.example\nc.example\n")
        let mended = try read(
            [list], after: checkpoint(outcome.state.identities, finished: [0]))
        #expect(mended.hosts == ["b.example", "c.example"])
        #expect(mended.state.refusal == nil && mended.state.isAtEnd)
    }
}
