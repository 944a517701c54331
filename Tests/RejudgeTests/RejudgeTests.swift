import Foundation
import RecordReading
import Records
import SampleFolders
import ScanFolder
import Testing

@testable import Rejudge

/// Domains of all kinds, more than a frame holds.
private let domains = (0..<40).map { number in
    let domain = SampleDomain("d\(number).example")
    return switch number % 4 {
    case 0: domain.policy("enforce")
    case 1: domain.policy("testing")
    case 2: domain.policy("none")
    default: domain
    }
}

/// The same, and every fourth judged as if its policy were empty.
private let otherwise = domains.enumerated().map { number, domain in
    var domain = domain
    domain.isJudgedOtherwise = number % 4 == 0
    return domain
}

/// A place for a new folder, which is gone with this value.
private final class NewFolder {
    let path = NSTemporaryDirectory() + "stsurvey-\(UUID().uuidString)"

    var isThere: Bool { FileManager.default.fileExists(atPath: path) }

    func lines(_ kind: RecordKind) throws -> [String] {
        try SampleFolder.lines(kind, at: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

private func rejudge(
    _ folder: SampleFolder, into new: NewFolder, threads: Int = 2
) throws -> RejudgeReport {
    var rejudging = Rejudging([folder.path], output: new.path)
    rejudging.threads = threads
    return try rejudging.run()
}

@Suite struct `a scan that is judged anew` {
    @Test(arguments: [1, 2, 5])
    func `by the same rules stays the same, byte for byte`(threads: Int) throws {
        let (scan, new) = (try SampleFolder(domains), NewFolder())
        let report = try rejudge(scan, into: new, threads: threads)
        #expect(report.changedDomains == 0 && report.changedHosts == 0)
        #expect(report.totals.domainCount == 40 && report.totals.hostCount == 40)
        #expect(report.lines.last == "no verdict differs")
        for kind in [RecordKind.domain, .host] {
            #expect(try new.lines(kind) == SampleFolder.lines(kind, at: scan.path))
            #expect(try new.lines(kind).count == 40)
        }
    }

    @Test func `gets the verdicts of these rules`() throws {
        let (scan, new) = (try SampleFolder(otherwise), NewFolder())
        let report = try rejudge(scan, into: new)
        #expect(report.changedDomains == 10 && report.changedHosts == 0)
        #expect(report.lines.last == "verdict opportunistic became protected_sts: 10")
        let right = try SampleFolder(domains)
        #expect(try new.lines(.domain) == SampleFolder.lines(.domain, at: right.path))
        #expect(try SampleFolder.lines(.domain, at: scan.path) != new.lines(.domain))
    }

    @Test func `has a manifest that says so, and is whole`() throws {
        let (scan, new) = (try SampleFolder(otherwise), NewFolder())
        _ = try rejudge(scan, into: new)
        let folder = try ScanFolder(reading: new.path)
        #expect(folder.isComplete && folder.cautions() == [])
        let manifest = try #require(folder.manifest)
        #expect(manifest.totals["verdict"]?["protected_sts"] == 10)
        #expect(manifest.startedAt == "2023-11-14T22:13:20Z")
        let text = String(decoding: manifest.text, as: UTF8.self)
        #expect(text.contains("\"rejudged\"") && text.contains("\"from_version\": \"0\""))
        // Again, it is judged as it was.
        let again = NewFolder()
        var second = Rejudging([new.path], output: again.path)
        second.threads = 1
        #expect(try second.run().changedDomains == 0)
    }
}

@Suite struct `a scan that cannot be judged anew` {
    /// What refuses a folder; nothing may be left of the new one.
    private func refusal(of folder: SampleFolder) throws -> RejudgeError? {
        let new = NewFolder()
        let error = #expect(throws: RejudgeError.self) { try rejudge(folder, into: new) }
        #expect(!new.isThere)
        return error
    }

    @Test func `is one that is not finished`() throws {
        let folder = try SampleFolder(domains, state: .stopped)
        guard case .folder(.refused(let text)) = try refusal(of: folder) else {
            Issue.record("an unfinished scan was taken")
            return
        }
        #expect(text.contains("is not finished"))
    }

    @Test func `is one that is damaged`() throws {
        let trials: [(String, (inout [UInt8]) -> Void)] = [
            ("domains-00000.ndjson.zst", { $0.removeLast() }),
            ("domains-00000.ndjson.zst", { $0[4] ^= 0b0001_0000 }),
            ("hosts-00000.ndjson.zst", { $0[$0.count - 1] ^= 1 }),
            (StoredManifest.fileName, { $0[$0.count / 2] ^= 1 }),
        ]
        for (name, damage) in trials {
            let folder = try SampleFolder(domains)
            try folder.change(name, damage)
            guard case .folder(.damaged(let text)) = try refusal(of: folder) else {
                Issue.record("a damaged \(name) was taken")
                continue
            }
            #expect(text.contains(name))
        }
    }

    @Test func `is one whose hosts have no records`() throws {
        let folder = try SampleFolder(domains, hasHosts: false)
        guard case .folder(.damaged(let text)) = try refusal(of: folder) else {
            Issue.record("a scan without its hosts was taken")
            return
        }
        #expect(text.contains(", observation 1"))
    }

    @Test func `is one that would be written over another, or is none`() throws {
        let (folder, other) = (try SampleFolder(domains), try SampleFolder(domains))
        let before = try SampleFolder.lines(.domain, at: other.path)
        #expect(throws: RejudgeError.self) {
            try Rejudging([folder.path], output: other.path).run()
        }
        #expect(try SampleFolder.lines(.domain, at: other.path) == before)
        let new = NewFolder()
        #expect(throws: RejudgeError.self) { try Rejudging(["/nowhere"], output: new.path).run() }
        #expect(!new.isThere)
    }
}
