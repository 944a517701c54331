import ArgumentParser
import FoundationEssentials
import Glibc

/// Finds the command or option on a command line that does not exist, and the closest that does.
///
/// The parser reports such a mistake only after others that follow from it.
struct UnknownArguments {
    private let program: CommandDescription

    /// The commands as the parser describes them; nil where it does not.
    init?(of type: any ParsableCommand.Type) {
        let document = Data(type._dumpHelp().utf8)
        guard let help = try? JSONDecoder().decode(HelpDocument.self, from: document) else {
            return nil
        }
        program = help.command
    }

    /// What is wrong with the arguments, in a line; nil where all are known.
    func message(for arguments: [String]) -> String? {
        // What stands after help are names of commands.
        let rest = arguments.first == "help" ? arguments.dropFirst() : arguments[...]
        switch find(rest) {
        case .failure(let unknown): return unknown.text
        case .success(let found):
            guard let option = unknownOption(found.rest, of: found.command) else { return nil }
            let close = Self.close(to: option, among: found.command.optionNames)
            return "unknown option \(option)"
                + (close.isEmpty ? "" : ", did you mean \(close.joined(separator: " or "))")
                + ": see '\(found.path.joined(separator: " ")) --help'"
        }
    }

    /// An example of the command that the arguments name; nil where its help has none.
    func example(for arguments: [String]) -> String? {
        guard case .success(let found) = find(arguments[...]) else { return nil }
        return found.command.discussion?.split(separator: "\n")
            .first { $0.hasPrefix("  stsurvey ") }.map { String($0.dropFirst(2)) }
    }

    /// A command, its names, and the arguments after these.
    private struct Found {
        var command: CommandDescription
        var path: [String]
        var rest: ArraySlice<String>
    }

    /// What is said of a command that there is not.
    private struct UnknownCommand: Error {
        let text: String
    }

    private func find(_ arguments: ArraySlice<String>) -> Result<Found, UnknownCommand> {
        var command = program
        var path = [program.commandName]
        var rest = arguments
        while let word = rest.first, !word.hasPrefix("-"), let below = command.subcommands,
            !below.isEmpty
        {
            guard let next = below.first(where: { $0.commandName == word }) else {
                let names = below.filter { $0.shouldDisplay ?? true }.map(\.commandName)
                return .failure(.init(text: unknownCommand(word, among: names, in: path)))
            }
            command = next
            path.append(word)
            rest = rest.dropFirst()
        }
        return .success(Found(command: command, path: path, rest: rest))
    }

    /// Whether the parser may take an argument for something else than is meant: `-output` for
    /// `-o utput`.
    static func areTreacherous(_ arguments: [String]) -> Bool {
        arguments.contains { argument in
            argument.hasPrefix("-") && !argument.hasPrefix("--")
                && argument.dropFirst().prefix { $0 != "=" }.count > 2
        }
    }

    private func unknownCommand(_ word: String, among names: [String], in path: [String]) -> String
    {
        let option = ["version": "--version"][word.lowercased()]
        let known = option ?? closestNames(to: word.lowercased(), among: names).first
        let close = known.map { ", did you mean \($0)" } ?? ""
        let advice =
            unsafe path.count == 1 && access(word, F_OK) == 0
            ? "; to scan a list: stsurvey scan \(word) --output FOLDER" : ""
        return
            "unknown command \(word)\(close): there are \(names.joined(separator: ", "))\(advice)"
    }

    private func unknownOption(
        _ arguments: ArraySlice<String>, of command: CommandDescription
    ) -> String? {
        let known = Set(command.optionNames)
        for argument in arguments {
            if argument == "--" { return nil }
            let name = String(argument.prefix { $0 != "=" })
            if name.hasPrefix("--"), !known.contains(name) { return name }
            let isLetter = name.count == 2 && name.dropFirst().allSatisfy(\.isLetter)
            if name.hasPrefix("-"), isLetter, !known.contains(name) { return name }
            // A long name behind one hyphen is read as a letter with its value.
            if name.hasPrefix("-"), !name.hasPrefix("--"), name.count > 3,
                known.contains("-" + name)
            {
                return name
            }
        }
        return nil
    }

    /// The options that may be meant: those of nearly the same letters, else those that begin with
    /// the word, else those that others call so, else those that have it as a part.
    private static func close(to option: String, among names: [String]) -> [String] {
        if ["-v", "-V"].contains(option) { return ["--version"] }
        if option.count == 2 {
            let short = names.filter { $0.lowercased() == option.lowercased() }
            let begin = "--" + option.dropFirst().lowercased()
            return short.isEmpty ? Array(names.filter { $0.hasPrefix(begin) }.prefix(3)) : short
        }
        if names.contains("-" + option) { return ["-" + option] }
        if let close = closestNames(to: option.lowercased(), among: names).first { return [close] }
        let word = option.drop { $0 == "-" }.lowercased()
        guard word.count > 2 else { return [] }
        let beginning = names.filter { $0.hasPrefix("--\(word)") }
        let having = names.filter { $0.dropFirst(2).split(separator: "-").contains(word[...]) }
        let called = (otherNames[word] ?? []).filter(names.contains)
        let found = [beginning, called, having].first { !$0.isEmpty } ?? []
        return Array(found.prefix(3))
    }

    /// What others call the options.
    private static let otherNames: [String: [String]] = {
        let words: [([String], [String])] = [
            (
                [
                    "resolver", "resolvers", "dns", "dns-server", "dns-servers", "server",
                    "servers",
                    "ns",
                ], ["--name-servers"]
            ),
            (["jobs", "workers", "concurrency", "parallel"], ["--senders", "--threads"]),
            (["helo", "ehlo", "hostname"], ["--ehlo-name"]),
            (["out", "outdir", "output-dir", "dest", "destination"], ["--output"]),
            (["continue", "restart", "recover"], ["--resume"]),
            (["exclude", "optout", "opt-out", "denylist", "blacklist"], ["--blocklist-file"]),
            (["source", "source-address", "bind", "interface"], ["--local-addr"]),
            (["rate", "rate-limit", "qps"], ["--max-dns-rate", "--max-rate-per-address"]),
            (["silent"], ["--quiet"]), (["verbose", "debug"], ["--log-level"]),
            (["ipv4", "ipv6"], ["--family"]), (["delimiter", "separator"], ["--format"]),
            (["dedup", "distinct"], ["--unique"]), (["csv"], ["--format"]),
            (["format"], ["--json", "--csv"]),
        ]
        let pairs = words.flatMap { words, options in words.map { ($0, options) } }
        return Dictionary(uniqueKeysWithValues: pairs)
    }()
}

/// The names that differ in few letters, the nearest first, at most three.
func closestNames(to word: String, among names: [String]) -> [String] {
    let allowed = max(1, word.count / 3)
    var seen: Set<String> = []
    let close = names.filter { seen.insert($0).inserted }
        .map { (name: $0, distance: editDistance(word, $0)) }
        .filter { $0.distance <= allowed }
        // Names of the same distance keep their order.
        .enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
    return close.prefix(3).map(\.element.name)
}

/// How many letters must be added, left out, changed or swapped with the next to turn one word into
/// the other.
func editDistance(_ first: String, _ second: String) -> Int {
    let (first, second) = (Array(first), Array(second))
    var rows = [Array(0...second.count)]
    for (row, letter) in first.enumerated() {
        var current = [row + 1]
        for (column, other) in second.enumerated() {
            var least = min(rows[row][column + 1], current[column]) + 1
            least = min(least, rows[row][column] + (letter == other ? 0 : 1))
            if row > 0, column > 0, letter == second[column - 1], first[row - 1] == other {
                least = min(least, rows[row - 1][column - 1] + 1)
            }
            current.append(least)
        }
        rows.append(current)
    }
    return rows[first.count][second.count]
}

/// The parser's description of the program, as far as it is needed here.
private struct HelpDocument: Decodable {
    let command: CommandDescription
}

private struct CommandDescription: Decodable {
    struct Argument: Decodable {
        let names: [Name]?
    }

    struct Name: Decodable {
        let kind: String
        let name: String
    }

    let commandName: String
    let discussion: String?
    let shouldDisplay: Bool?
    let subcommands: [CommandDescription]?
    let arguments: [Argument]?

    /// All options with their hyphens, those that every command has included.
    var optionNames: [String] {
        let own = (arguments ?? []).flatMap { $0.names ?? [] }.map {
            ($0.kind == "long" ? "--" : "-") + $0.name
        }
        return own + [
            "--help", "-h", "--version", "--generate-completion-script", "--help-hidden",
            "--experimental-dump-help",
        ]
    }
}

/// The octets of positional arguments, in their order.
///
/// A parsed argument is a string, in which octets that are not UTF-8 are replaced. Each one is
/// searched for after the one before it. Between them are flags and names of commands, which are
/// ASCII, so where they read the same they are the same.
func rawArguments(of parsed: [String]) -> [[UInt8]] {
    let raw = (1..<max(1, Int(CommandLine.argc))).compactMap { index in
        unsafe CommandLine.unsafeArgv[index].map(octets)
    }
    var position = 0
    return parsed.map { text in
        let place = raw[position...].firstIndex { String(decoding: $0, as: UTF8.self) == text }
        guard let place else { return Array(text.utf8) }
        position = place + 1
        return raw[place]
    }
}

private func octets(of text: UnsafeMutablePointer<CChar>) -> [UInt8] {
    var octets: [UInt8] = []
    var position = 0
    while unsafe text[position] != 0 {
        unsafe octets.append(UInt8(bitPattern: text[position]))
        position += 1
    }
    return octets
}
