import Archive
import Console
import DNS
import DomainSelection
import Glibc
import Judgement
import Records
import Statistics

/// Writes selected domains in one form.
protocol SelectionWriter: Sendable {
    /// What a failure to write names.
    var destination: String { get }
    /// Makes the lines of a domain, on any thread.
    var lines: @Sendable (SelectedDomain) -> String { get }
    /// Writes what comes before all domains.
    func begin() throws(CommandFailure)
    /// Writes lines, those of one call whole.
    func write(_ lines: [UInt8]) throws(CommandFailure)
}

extension SelectionWriter {
    var destination: String { "standard output" }

    func begin() throws(CommandFailure) {}

    func write(_ lines: [UInt8]) throws(CommandFailure) {
        try StandardOutput.write(String(decoding: lines, as: UTF8.self))
    }
}

/// The diagnosis of each domain, for people.
struct TextWriter: SelectionWriter {
    let style: PageStyle

    var lines: @Sendable (SelectedDomain) -> String {
        { [style] domain in
            var page = Page(style)
            page.add(domain.name.text, .strong)
            page.add(domain.diagnosis, isProtected: domain.judgement.verdict.isProtected)
            if let earlier = domain.earlier {
                page.add("Before: \(earlier.verdict.label)", indent: 2, .faint)
            }
            return page.text + "\n"
        }
    }
}

/// A JSON object on each line.
struct JSONWriter: SelectionWriter {
    var lines: @Sendable (SelectedDomain) -> String {
        { domain in
            var line = LineBuffer()
            RecordEncoder(Schema.selection).appendLine(domain, to: &line)
            return line.text
        }
    }
}

/// A row for each domain.
struct TableWriter: SelectionWriter {
    let columns: [SelectionColumn]
    let form: TableForm

    func begin() throws(CommandFailure) {
        try StandardOutput.write(form.row(columns.map(\.name)))
    }

    var lines: @Sendable (SelectedDomain) -> String {
        { domain in form.row(columns.map { $0.text(domain) }) }
    }
}

/// Letters one after the other, each ended by a form feed.
struct LettersToOutput: SelectionWriter {
    let letter: LetterTemplate

    var lines: @Sendable (SelectedDomain) -> String {
        { [letter] in letter.text(for: $0) + "\u{0C}\n" }
    }
}

/// A file for each domain, in a new folder.
struct LettersToFolder: SelectionWriter {
    let letter: LetterTemplate
    let folder: String

    /// Ends the name of a letter's file, and the letter: neither is in a text.
    private static let nameEnd = UInt8(0)
    private static let letterEnd = UInt8(1)

    var destination: String { folder }

    func begin() throws(CommandFailure) {
        guard unsafe mkdir(folder, 0o777) == 0 else {
            throw CommandFailure(
                .output,
                unsafe "cannot make the folder \(folder): \(String(cString: strerror(errno)))")
        }
    }

    var lines: @Sendable (SelectedDomain) -> String {
        { [letter] domain in
            let text = letter.text(for: domain).filter { $0 != "\u{0}" && $0 != "\u{1}" }
            return "\(domain.name.text)\u{0}\(text)\u{1}"
        }
    }

    func write(_ lines: [UInt8]) throws(CommandFailure) {
        for part in lines.split(separator: Self.letterEnd) {
            guard let end = part.firstIndex(of: Self.nameEnd) else { continue }
            let name = String(decoding: part[..<end], as: UTF8.self)
            do throws(ArchiveError) {
                try AtomicFile.write("\(folder)/\(name).txt", Array(part[(end + 1)...]))
            } catch {
                throw CommandFailure(.output, error.description)
            }
        }
    }
}
