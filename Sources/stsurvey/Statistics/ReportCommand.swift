import ArgumentParser
import FolderStatistics
import FoundationEssentials
import Records
import Scan
import ScanFolder
import Statistics
import TLS

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Show what a scan found, in one HTML file.",
        discussion: """
            The file needs nothing else: no network, no font, no library. Its figures are those of \
            stats. It names domains, those first at which something is to be mended; --domains 0 \
            leaves names out of a report that is to be published. Names of providers and hosts \
            are in its tables all the same.

            Examples:
              stsurvey report results/first --output report.html
              stsurvey report results/first -o public.html --domains 0 --licence CC-BY-4.0
              stsurvey report results/first -o june.html --title June --author 'Doe, Jane'
              stsurvey report results/first -o june.html --method method.txt
            """)

    /// The largest text of a method.
    private static let methodBytesMax = 1 << 20

    @Argument(
        help: "The folder of a scan, finished or still running; or those of its shards.",
        completion: .directory)
    var folders: [String]

    @OptionGroup(title: "Common options")
    var form: ReportForm

    @OptionGroup(title: "What the report says of itself")
    var labels: ReportLabels

    @OptionGroup(title: "Counting")
    var counting: StatisticsOptions

    func run() throws {
        let method = try labels.readMethod(limit: Self.methodBytesMax)
        let counted = try counting.count(
            folders, top: form.top, namedDomains: form.domains)
        var heading = Report.Heading(
            folder: counted.scan.folder, program: "stsurvey \(programVersion)")
        if let title = labels.title { heading.title = title }
        heading.authors = labels.author
        heading.licence = labels.licence
        heading.method = method
        heading.facts = counted.facts
        heading.cautions = counted.reportCautions + labels.caution
        let report = Report(counted.statistics, counted.faultyDomains, heading)
        try OutputFile.write(report.html(digest: Self.digest), to: form.output)
    }

    /// The SHA-256 of a text in Base64.
    private static func digest(_ text: String) -> String {
        let octets = unsafe Array(text.utf8).withUnsafeBytes { unsafe SHA256Digest.octets(of: $0) }
        return Data(octets).base64EncodedString()
    }
}

/// What of a scan the report has, and where it goes.
struct ReportForm: ParsableArguments {
    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp(
            """
            The file to write; - is standard output. A regular file is replaced, a symbolic link \
            refused.
            """, valueName: "file"),
        completion: .file())
    var output: String

    @Option(
        in: 0...100_000,
        help: "Domains named in the report, some 60 bytes each. Which ones is said in it.")
    var domains = 5000

    @Option(in: 1...100_000, help: "Rows of long tables. The rest is summed up.")
    var top = 1000
}

/// Who has made a report, of what, and how.
struct ReportLabels: ParsableArguments {
    @Option(help: ArgumentHelp("The title.", valueName: "text"))
    var title: String?

    @Option(help: ArgumentHelp("An author. Can be repeated.", valueName: "name"))
    var author: [String] = []

    @Option(help: ArgumentHelp("The report's licence, such as CC-BY-4.0.", valueName: "name"))
    var licence: String?

    @Option(
        help: ArgumentHelp(
            """
            A text file that says how the scan was made; an empty line begins a paragraph. What is \
            true of every scan is said after it.
            """, valueName: "file"),
        completion: .file())
    var method: String?

    @Option(
        help: ArgumentHelp(
            "What readers must know, shown above the figures. Can be repeated.", valueName: "text"))
    var caution: [String] = []

    func validate() throws {
        let texts =
            [("--title", title), ("--licence", licence)] + author.map { ("--author", $0) }
            + caution.map { ("--caution", $0) }
        for (name, text) in texts where text?.allSatisfy(\.isWhitespace) ?? false {
            throw ValidationError("\(name) takes a text, not an empty one")
        }
    }

    /// The paragraphs of the file that says how the scan was made.
    func readMethod(limit: Int) throws(CommandFailure) -> [String] {
        guard let method else { return [] }
        let octets: [UInt8]
        do throws(FileError) {
            octets = try readFile(rawArguments(of: [method])[0], limit: limit + 1)
            guard octets.count <= limit else { throw FileError(limit: limit) }
        } catch {
            throw CommandFailure(.missingInput, "--method: cannot read \(method): \(error.reason)")
        }
        guard let text = String(validating: octets, as: UTF8.self) else {
            throw CommandFailure(
                .usage, "--method: \(method) is not a text in UTF-8: save it as one")
        }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return lines.split { $0.allSatisfy(\.isWhitespace) }.map { $0.joined(separator: " ") }
    }
}

extension ScanStatistics {
    fileprivate var facts: [String] {
        [
            scan.lists.isEmpty ? nil : "list " + scan.lists.joined(separator: ", "),
            counted(domains, "domain"), counted(hosts, "MX host"),
            scan.startedAt.map { "begun \($0)" }, scan.endedAt.map { "ended \($0)" },
            "folder \(scan.folder)", scan.version.map { "scanned by stsurvey \($0)" },
        ].compactMap(\.self)
    }

    /// What must be known of the records; first how much of the list they cover.
    fileprivate var reportCautions: [String] {
        (scan.progress.map { [$0.words(scan.state)] } ?? []) + folderCautions
    }
}

extension ScanIdentity.Progress {
    /// How an unfinished scan ended, if it did, and how much of its lists it has records of.
    fileprivate func words(_ state: String?) -> String {
        let end: String
        if isRunning {
            end = "The scan is running"
        } else if state == "running" {
            end = "The scan was killed, or its machine failed"
        } else {
            end = "The scan was \(state == "failed" ? "ended by a failure" : "stopped")"
        }
        guard let expected, expected > 0 else {
            return "\(end): these figures are of its first \(counted(done, "record")); how much of "
                + "the list that is, is not known."
        }
        let share = min(100, done * 100 / expected)
        return "\(end): these figures are of \(grouped(done)) of about \(grouped(expected)) "
            + "entries of the list, \(share) %."
    }
}
