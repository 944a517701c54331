import ArgumentParser
import Console
import DNS
import DomainList
import Explanations
import Glibc
import Logging
import Records
import Scan

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check domains: what becomes of their mail, what is wrong, how it is mended.",
        discussion: """
            The exit code is 0 if nothing is to be mended (protected, no record, a policy of mode \
            none, one of mode testing that would work, a null MX), 1 if something is, and 2 if \
            what decides could not be observed. The verdict decides it, not what is merely worth \
            knowing. Of several domains the gravest counts: 1 before 2 before 0.

            Examples:
              stsurvey check example.org
              stsurvey check example.org example.net
              stsurvey check postmaster@example.org --json
              stsurvey check https://example.org/ --name-servers 127.0.0.1
            """)

    @Argument(
        help: ArgumentHelp(
            "The domains. Of a mail address or a URL the domain is taken.", valueName: "domain"))
    var domains: [String]

    @OptionGroup(title: "Common options") var form: CheckForm
    @OptionGroup var options: DeclaredOptions<OfCheck>

    func run() throws {
        let options = try self.options.readOptions()
        let names = try domains.map { try Self.name(in: $0) }
        for text in domains where Self.isFile(text) {
            options.log.warning(
                """
                \(text) is taken for a domain; to scan the list of that name: stsurvey scan \
                \(text) --output FOLDER
                """
            )
        }
        let progress = CheckProgress(names)
        let checker = try Self.converting { () throws(ScanError) in
            try DomainChecker(options, onProgress: progress.report)
        }
        for warning in checker.warnings { options.log.warning("\(warning)") }
        try Self.converting { () throws(ScanError) in
            for name in names { try checker.admit(name) }
        }
        var need = Need.nothing
        for (place, (input, name)) in zip(domains, names).enumerated() {
            let checked = try Self.converting { () throws(ScanError) in try checker.check(name) }
            progress.remove()
            need = max(need, checked.diagnosis.need)
            if place > 0, !form.json { try StandardOutput.writeLine("") }
            try StandardOutput.write(
                form.json
                    ? checked.line(input: input)
                    : CheckPage(checked, PageStyle.ofStandardOutput(form.color)).text)
        }
        if let reason = need.exitReason { throw reason.code }
    }

    private static func converting<Value>(
        _ body: () throws(ScanError) -> Value
    ) throws(CommandFailure) -> Value {
        do throws(ScanError) {
            return try body()
        } catch {
            throw CommandFailure(error)
        }
    }

    private static func name(in text: String) throws(CommandFailure) -> DomainName {
        let domain = domain(in: text)
        guard !domain.isEmpty else {
            throw CommandFailure(
                .usage, "there is no domain in “\(text)”: name one, such as example.org")
        }
        do throws(InvalidName) {
            return try NameReader.name(from: domain)
        } catch {
            let parts = domain.split { ", ;".contains($0) }
            let advice =
                parts.count > 1
                ? "; name each domain by itself: stsurvey check \(parts.joined(separator: " "))"
                : ""
            throw CommandFailure(.usage, error.message + advice)
        }
    }

    /// Whether a text is the name of a file here, which may be meant for a list.
    private static func isFile(_ text: String) -> Bool {
        var state = stat()
        return unsafe stat(text, &state) == 0 && state.st_mode & S_IFMT == S_IFREG
    }

    /// The domain of a mail address or a URL; other text as it is.
    static func domain(in text: String) -> String {
        var rest = text[...]
        let scheme = rest.firstRange(of: "://")
        if let scheme { rest = rest[scheme.upperBound...].prefix { !"/?#".contains($0) } }
        if scheme == nil, rest.lowercased().hasPrefix("mailto:") { rest = rest.dropFirst(7) }
        if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        if scheme != nil { rest = rest.prefix { $0 != ":" } }
        return String(rest)
    }
}

/// How the result is printed.
struct CheckForm: ParsableArguments {
    @Flag(
        help: """
            Print one JSON object for each domain: its record as a scan would write it, with \
            those of its hosts and the diagnosis.
            """)
    var json = false

    @Option(help: "Colour the text: auto is on a terminal alone, without NO_COLOR.")
    var color = ColorChoice.auto
}

extension Need {
    /// What the program ends with; nil where nothing is to be done.
    var exitReason: ExitReason? {
        switch self {
        case .nothing: nil
        case .unknown: .unknown
        case .mending: .notRight
        }
    }
}

/// What a check is doing, on standard error where that is a terminal.
private struct CheckProgress {
    /// Shows what is going on; nil where nobody would see it.
    let report: DomainChecker.Progress?

    init(_ names: [DomainName]) {
        guard isatty(STDERR_FILENO) == 1 else {
            report = nil
            return
        }
        report = { name, activity, milliseconds in
            let place = names.firstIndex(of: name).map { $0 + 1 } ?? 0
            let count = names.count > 1 ? ["\(place) of \(names.count)"] : []
            var line = StatusLine(isQuiet: false, at: 0)
            line.show(
                [name.text, activity, "\(milliseconds / 1000) s"] + count, at: milliseconds)
        }
    }

    /// Removes the line.
    func remove() {
        if report != nil { StatusLine(isQuiet: false, at: 0).remove() }
    }
}
