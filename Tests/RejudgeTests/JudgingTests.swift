import Archive
import DNS
import Foundation
import Observations
import Probe
import RecordReading
import Records
import SampleFolders
import ScanFolder
import Testing

@testable import Rejudge

private let domains = (0..<30).map { number in
    let domain = SampleDomain("d\(number).example")
    return number % 3 == 0 ? domain.policy("enforce") : domain
}

/// A file or folder that is gone with this value.
private final class NewPath {
    let path = NSTemporaryDirectory() + "stsurvey-\(UUID().uuidString)"

    init(_ lines: [String]? = nil) throws {
        guard let lines else { return }
        let text = lines.map { "\($0)\n" }.joined()
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

private func judge(
    _ domains: [String], hosts: [String], policies: [String] = [], partial: Bool = false,
    into new: NewPath, threads: Int = 2
) throws -> JudgingReport {
    var judging = Judging(domains, hosts: hosts)
    judging.policies = policies
    judging.isPartial = partial
    judging.threads = threads
    judging.trustsAD = true
    return try judging.run(into: .folder(new.path))
}

/// A host record with another status and time.
private func changed(_ line: String, _ status: String, at time: String) -> String {
    line.replacing("\"status\":\"ok\"", with: "\"status\":\"\(status)\"")
        .replacing("2023-11-14T22:13:20Z", with: time)
}

@Suite struct `domains that are joined with hosts` {
    @Test(arguments: [1, 3])
    func `get the records of the scan that both are of`(threads: Int) throws {
        let (scan, new) = (try SampleFolder(domains), try NewPath())
        let report = try judge([scan.path], hosts: [scan.path], into: new, threads: threads)
        #expect(report.cautions == [])
        for kind in RecordKind.allCases {
            #expect(
                try SampleFolder.lines(kind, at: new.path)
                    == SampleFolder.lines(kind, at: scan.path))
        }
        #expect(try ScanFolder(reading: new.path).isComplete)
    }

    @Test func `may be texts, and go elsewhere than into a folder`() throws {
        let scan = try SampleFolder(domains)
        let lines = try SampleFolder.lines(.domain, at: scan.path)
        let (half, rest) = (try NewPath(Array(lines[..<15])), try NewPath(Array(lines[15...])))
        let hosts = try NewPath(SampleFolder.lines(.host, at: scan.path))
        var written: [UInt8] = []
        var judging = Judging([half.path, rest.path], hosts: [hosts.path])
        judging.trustsAD = true
        _ = try judging.run(into: .lines { written += $0 })
        #expect(written == Array(lines.map { "\($0)\n" }.joined().utf8))
    }

    @Test func `are judged by the newest observation, and only that is written`() throws {
        let (scan, new) = (try SampleFolder(domains), try NewPath())
        let lines = try SampleFolder.lines(.host, at: scan.path)
        let older = try NewPath(
            lines.map { changed($0, "tcp_timeout", at: "2001-01-01T00:00:00Z") })
        let newer = try NewPath(
            lines.map { changed($0, "starttls_5xx", at: "2031-01-01T00:00:00Z") })
        let report = try judge(
            [scan.path], hosts: [older.path, newer.path, scan.path], into: new)
        #expect(report.totals.hostCount == lines.count)
        let written = try SampleFolder.lines(.host, at: new.path)
        #expect(written.allSatisfy { $0.contains("2031-01-01T00:00:00Z") })
        let judged = try SampleFolder.lines(.domain, at: new.path)
        #expect(judged[0].contains("\"verdict\":\"refused\""))
    }

    @Test func `have only those hosts written that they name`() throws {
        let (scan, new) = (try SampleFolder(domains), try NewPath())
        let lines = try SampleFolder.lines(.domain, at: scan.path)
        let few = try NewPath(Array(lines[..<4]))
        let report = try judge([few.path], hosts: [scan.path], into: new)
        #expect(report.totals.domainCount == 4 && report.totals.hostCount == 4)
        #expect(try SampleFolder.lines(.domain, at: new.path) == Array(lines[..<4]))
        let manifest = try #require(try ScanFolder(reading: new.path).manifest)
        #expect(manifest.entries == 4 && manifest.selected == 4)
    }
}

@Suite struct `domains that lack records` {
    @Test func `are refused by the names of those, and nothing is left`() throws {
        let (scan, new) = (try SampleFolder(domains), try NewPath())
        let hosts = try NewPath(
            Array(try SampleFolder.lines(.host, at: scan.path).dropLast()))
        let error = #expect(throws: FolderError.self) {
            try judge([scan.path], hosts: [hosts.path], into: new)
        }
        #expect(error?.description.contains("mx.d29.example") == true)
        #expect(!FileManager.default.fileExists(atPath: new.path))
        let report = try judge([scan.path], hosts: [hosts.path], partial: true, into: new)
        #expect(report.missingHosts == 1 && report.cautions.count == 1)
        let last = try #require(try SampleFolder.lines(.domain, at: new.path).last)
        #expect(last.contains("\"status\":\"not_probed\"") && last.contains("mx_unreached"))
    }

    @Test func `are refused with the file and the line where a record cannot be read`() throws {
        let (scan, new) = (try SampleFolder(domains), try NewPath())
        for (lines, words) in [
            (["{\"schema_version\":2}"], "line 1 (frame 1): the key 'host'"),
            (["{", "{}"], "line 1 (frame 1) is not JSON"),
            (["{\"schema_version\":9}"], "schema version 9"),
        ] {
            let broken = try NewPath(lines)
            let error = #expect(throws: FolderError.self) {
                try judge([scan.path], hosts: [broken.path], into: new)
            }
            #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
            #expect(error?.description.contains(broken.path) == true)
        }
    }

    @Test func `are not read from standard input twice`() throws {
        let new = try NewPath()
        let error = #expect(throws: FolderError.self) {
            try judge(["-"], hosts: ["-"], into: new)
        }
        #expect(error?.description.contains("once") == true)
    }
}

@Suite struct `policies that are joined` {
    @Test func `take the place of those not fetched`() throws {
        let (scan, new) = (try SampleFolder(domains), try NewPath())
        let right = try SampleFolder.lines(.domain, at: scan.path)
        // As a scan leaves a domain whose policy it was not to fetch.
        let unfetched = try NewPath(
            right.map { line in
                line.replacing(
                    "\"policy_fetch_status\":\"ok\"",
                    with: "\"policy_fetch_status\":\"not_fetched\"")
            })
        let records = try right.enumerated().filter { $0.offset % 3 == 0 }.map { _, line in
            try policyRecord(of: line)
        }
        let policies = try NewPath(records)
        _ = try judge(
            [unfetched.path], hosts: [scan.path], policies: [policies.path], into: new)
        #expect(try SampleFolder.lines(.domain, at: new.path) == right)
        // Without them the domains are refused.
        let other = try NewPath()
        let error = #expect(throws: FolderError.self) {
            try judge([unfetched.path], hosts: [scan.path], into: other)
        }
        #expect(error?.description.contains("mta-sts.d0.example") == true)
    }

    /// The record that `fetch` would make of the policy of a domain record.
    private func policyRecord(of line: String) throws -> String {
        try JSONParser().withValue(of: line.utf8) { value in
            let domain = try ObservedDomain(record: value)
            let policy = try #require(domain.observation?.policy)
            var line = LineBuffer()
            RecordEncoder(Schema.policy).appendLine(PolicyRecord(policy, rounds: 1), to: &line)
            return String(line.text.dropLast())
        }
    }
}
