import Archive
import ArgumentParser
import Console
import DomainSelection
import Explanations
import Judgement
import RecordReading
import Records
import ScanFolder
import Statistics
import Synchronization

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the domains of scans: what is wrong with each, and what its owner must do.",
        discussion: """
            Without options, the domains at which something is to be mended. Each kind of option \
            narrows the choice; of one kind, each value that is given is let through. Facts are \
            judged by this version's rules, as rejudge does.

            A template is a text with placeholders in braces, one for each column, and {items} for \
            all that was found: \
            \(SelectionColumn.all.map(\.name).joined(separator: ", ")), and list.NAME for a column \
            that the scan has carried. With --output each domain gets a file of its own, named by \
            the domain.

            Examples:
              stsurvey list results/first
              stsurvey list results/first --verdict refused --verdict partial --format csv
              stsurvey list results/first --finding certificate.expired --provider 'Google'
              stsurvey list results/first --where sector=health --template a.txt -o letters
              stsurvey list results/second --changed-since results/first --format ndjson
            """)

    @Argument(help: "Folders of scans.", completion: .directory)
    var folders: [String]

    @Flag(help: "All domains, whether something is to be mended or not.")
    var all = false

    @Option(
        help: ArgumentHelp("Domains of this verdict. Can be repeated.", valueName: "verdict"))
    var verdict: [VerdictArgument] = []

    @Option(
        help: ArgumentHelp(
            "Domains whose verdict has this reason. Can be repeated.", valueName: "reason"))
    var reason: [ReasonArgument] = []

    @Option(
        help: ArgumentHelp(
            "Domains at which this was found, such as certificate.expired. Can be repeated.",
            valueName: "code"))
    var finding: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            Domains whose mail or policy this provider runs, by its name in stats. Can be repeated.
            """, valueName: "name"))
    var provider: [String] = []

    @Option(
        help: ArgumentHelp(
            "Domains below this top-level domain. Can be repeated.", valueName: "tld"))
    var tld: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            Domains with this value in a column of the list that --carry has kept. Can be repeated.
            """, valueName: "column=value"))
    var `where`: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            Domains whose verdict, reason or first failure differs from this earlier scan's, or \
            that it did not have. What is unknown now is left out.
            """, valueName: "folder"),
        completion: .directory)
    var changedSince: String?

    @OptionGroup var form: ListForm

    @Option(
        help: ArgumentHelp(
            "A text with placeholders, filled in for each domain.", valueName: "file"),
        completion: .file())
    var template: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "With --template: a new folder that gets a file for each domain.", valueName: "folder"),
        completion: .directory)
    var output: String?

    @Option(help: "Colour the text: auto is on a terminal alone, without NO_COLOR.")
    var color = ColorChoice.auto

    @Option(
        help: ArgumentHelp(
            "Providers by their names and addresses, in the form of datasets/providers.json.",
            valueName: "file"),
        completion: .file())
    var providers: String?

    @Option(in: 1...256, help: "Threads that read files. By default one for each processor.")
    var threads: Int?

    func validate() throws {
        guard template != nil || output == nil else {
            throw ValidationError("--output needs --template: it gets a text for each domain")
        }
        guard template == nil || (form.format == .text && form.columns == nil) else {
            throw ValidationError(
                "--template is a form of its own: leave out --format and --columns")
        }
        for code in finding where !Self.codes.contains(code) {
            let below = Self.codes.filter { $0.hasPrefix(code + ".") }.sorted()
            let near = below.isEmpty ? closestNames(to: code, among: Self.codes.sorted()) : below
            throw ValidationError(
                "--finding: there is no code '\(code)'; "
                    + (near.isEmpty
                        ? "'stsurvey explain' lists all"
                        : "did you mean \(near.joined(separator: " or "))?"))
        }
        for pair in `where` where !pair.contains("=") {
            throw ValidationError("--where takes COLUMN=VALUE, not '\(pair)'")
        }
        let _: [SelectionColumn] = try form.chosenColumns()
    }

    /// The codes of findings and failures, with their layer and without.
    private static let codes = Set(Catalogue.all.flatMap { [$0.code, String($0.value)] })
        .union(FirstFailure.allCases.flatMap { [$0.text, $0.word] })

    func run() throws {
        var selection = FolderSelection(catalogue: try ProviderCatalogue.read(providers))
        selection.filter = try filter()
        if let threads { selection.threads = threads }
        let writer = try makeWriter()
        try writer.begin()
        var (selected, domains) = (0, 0)
        for folder in folders {
            let counts = try select(selection, folder, writer)
            selected += counts.selected
            domains += counts.domains
            guard counts.rejudged > 0 else { continue }
            Message.warning(
                """
                \(folder): by this version's rules the verdict of \
                \(counted(counts.rejudged, "domain")) is another than in the records; 'stsurvey \
                rejudge' writes them anew
                """)
        }
        if selected == 0, form.format == .text {
            Message.write(
                "stsurvey: of \(counted(domains, "domain")) none is what the options select"
                    + "\(hint)\n")
        }
    }

    /// Where the names are that an option takes, after one that may be misspelt.
    private var hint: String {
        let providers = provider.isEmpty ? nil : "--table mx_providers names providers"
        let tlds = tld.isEmpty ? nil : "--table tlds names top-level domains"
        let columns = `where`.isEmpty ? nil : "--by COLUMN names the values of a column"
        let hints = [providers, tlds, columns].compactMap(\.self)
        guard !hints.isEmpty else { return "" }
        return ": 'stsurvey stats \(folders[0])' with \(hints.joined(separator: ", with "))"
    }

    private func select(
        _ selection: FolderSelection, _ folder: String, _ writer: any SelectionWriter
    ) throws(CommandFailure) -> FolderSelection.Counts {
        let failure = Mutex<CommandFailure?>(nil)
        do throws(FolderError) {
            return try selection.write(folder, lines: writer.lines) {
                (lines) throws(ArchiveError) in
                do throws(CommandFailure) {
                    try writer.write(lines)
                } catch {
                    failure.withLock { $0 = error }
                    throw ArchiveError.unwritable(writer.destination, reason: error.message)
                }
            }
        } catch {
            if let failure = failure.withLock({ $0 }) { throw failure }
            throw CommandFailure(error)
        }
    }

    private func filter() throws(CommandFailure) -> DomainFilter {
        var filter = DomainFilter()
        filter.verdicts = Set(verdict.map(\.value))
        filter.reasons = Set(reason.map(\.value))
        filter.findings = Set(finding)
        filter.providers = Set(provider.map { $0.lowercased() })
        filter.tlds = Set(
            tld.map { String($0.lowercased().drop { $0 == "." }) })
        filter.columns = `where`.map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), String(parts[1]))
        }
        let isOpen = verdict.isEmpty && reason.isEmpty && finding.isEmpty && changedSince == nil
        filter.needs = all || !isOpen ? [] : [.mending]
        if let changedSince {
            do throws(FolderError) {
                filter.earlier = try EarlierVerdicts(folder: changedSince)
            } catch {
                throw CommandFailure(error)
            }
        }
        return filter
    }

    private func makeWriter() throws -> any SelectionWriter {
        if let template {
            let letter = try readTemplate(template)
            guard let output else { return LettersToOutput(letter: letter) }
            return LettersToFolder(letter: letter, folder: output)
        }
        switch form.format {
        case .text: return TextWriter(style: PageStyle.ofStandardOutput(color))
        case .ndjson: return JSONWriter()
        case .csv: return TableWriter(columns: try form.chosenColumns(), form: .csv)
        case .tsv: return TableWriter(columns: try form.chosenColumns(), form: .tsv)
        }
    }

    private func readTemplate(_ name: String) throws(CommandFailure) -> LetterTemplate {
        let octets: [UInt8]
        do throws(FileError) {
            octets = try readDataFile(rawArguments(of: [name])[0])
        } catch {
            throw CommandFailure(.missingInput, "--template: cannot read \(name): \(error.reason)")
        }
        do throws(LetterTemplate.Problem) {
            return try LetterTemplate(String(decoding: octets, as: UTF8.self))
        } catch {
            throw CommandFailure(.usage, "\(name), line \(error.line): \(error.text)")
        }
    }
}

/// A verdict on the command line.
struct VerdictArgument: ExpressibleByArgument {
    let value: Verdict

    init?(argument: String) {
        guard let value = Verdict(rawValue: argument) else { return nil }
        self.value = value
    }

    static var allValueStrings: [String] { Verdict.allCases.map(\.rawValue) }
}

/// A reason of a verdict on the command line.
struct ReasonArgument: ExpressibleByArgument {
    let value: VerdictReason

    init?(argument: String) {
        guard let value = VerdictReason(rawValue: argument) else { return nil }
        self.value = value
    }

    static var allValueStrings: [String] { VerdictReason.allCases.map(\.rawValue) }
}
