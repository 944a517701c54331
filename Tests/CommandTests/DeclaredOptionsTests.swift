import ArgumentParser
import Scan
import Testing

@testable import stsurvey

@Suite("Options on the command line")
struct DeclaredOptionsTests {
    private func scan(_ arguments: String...) throws -> ScanCommand {
        try ScanCommand.parse(arguments)
    }

    @Test(
        "a short name, with its value joined or not, is the same as the long one",
        arguments: [["-s", "50"], ["-s50"], ["--senders", "50"], ["--senders=50"], ["-s=50"]])
    func shortNames(arguments: [String]) throws {
        for rest in [["list.txt", "-o", "out"], ["--resume", "out"]] {
            let command = try ScanCommand.parse(rest + arguments)
            #expect(try command.options.given.contains("senders"))
            #expect(try command.options.scanOptions().senders == 50)
        }
    }

    @Test(
        "a value that is not allowed is refused however it is given",
        arguments: [["-s", "0"], ["-s0"], ["--senders", "0"], ["--senders=0"]])
    func refusedValues(arguments: [String]) {
        let error = #expect(throws: (any Error).self) {
            try ScanCommand.parse(["list.txt", "-o", "out"] + arguments)
        }
        guard let error else { return }
        #expect(ScanCommand.exitCode(for: error) == ExitCode(64))
        #expect(ScanCommand.message(for: error) == "--senders takes 1 to 100000, not '0'")
    }

    @Test("every declared option stands in the help of each of its commands, and in no other's")
    func help() {
        for (command, text) in [
            (OptionCommand.scan, ScanCommand.helpMessage(columns: 500)),
            (.check, CheckCommand.helpMessage(columns: 500)),
            (.probe, ProbeCommand.helpMessage(columns: 500)),
            (.fetch, FetchCommand.helpMessage(columns: 500)),
            (.judge, JudgeCommand.helpMessage(columns: 500)),
            (.rejudge, RejudgeCommand.helpMessage(columns: 500)),
        ] {
            let lines = text.split(separator: "\n").map { $0.drop { $0 == " " } }
            for option in ScanOption.all {
                let letter = option.letter.map { "-\($0), " } ?? ""
                let value = option.placeholder.map { " <\($0)>" } ?? ""
                let isThere = lines.contains { $0.hasPrefix("\(letter)\(option.flag)\(value)") }
                // Other commands have an --output, a --partial and a --json of their own.
                #expect(
                    isThere == option.commands.contains(command)
                        || ["output", "partial", "json"].contains(option.name),
                    "\(command): \(option.name)")
            }
        }
    }

    @Test(
        "every example of a help is a command that the parser takes",
        arguments: Main.configuration.subcommands)
    func examples(command: any ParsableCommand.Type) throws {
        let discussion = command.configuration.discussion
        guard let heading = discussion.firstRange(of: "Example") else {
            #expect(!command.configuration.shouldDisplay, "\(command) has no example")
            return
        }
        for line in discussion[heading.lowerBound...].split(separator: "\n").dropFirst() {
            let start = try #require(line.firstRange(of: "stsurvey "), "\(line)")
            let words = line[start.upperBound...].prefix { $0 != ">" }.split(separator: "'")
                .enumerated().flatMap { index, part in
                    // What stands between apostrophes is one word.
                    index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
                }
            _ = try Main.parseAsRoot(words)
        }
    }

    @Test("what is not given is not taken for given")
    func notGiven() throws {
        let given = try scan("list.txt", "-o", "out").options.given
        for option in ScanOption.all where option.name != "output" {
            #expect(!given.contains(option.name))
        }
        #expect(given.contains("output"))
    }

    @Test("what contradicts itself is refused")
    func contradictions() {
        #expect(throws: (any Error).self) { try scan("--resume", "a", "--output", "b") }
        #expect(throws: (any Error).self) { try scan("--resume", "a", "--ask-again", "b") }
        #expect(throws: (any Error).self) { try scan("list.txt", "-o", "out", "--partial") }
        #expect(throws: (any Error).self) { try scan("list.txt") }
        #expect(throws: (any Error).self) { try scan("-o", "out") }
    }

    @Test("what is given its targets writes a folder, or goes on with one")
    func targets() throws {
        for rest in [["hosts.txt", "-o", "out"], ["-o", "-"], ["--resume", "out"]] {
            _ = try ProbeCommand.parse(rest)
            _ = try FetchCommand.parse(rest)
        }
        for rest in [["hosts.txt"], ["--resume", "a", "--output", "b"], ["", "-o", "out"]] {
            #expect(throws: (any Error).self) { try ProbeCommand.parse(rest) }
            #expect(throws: (any Error).self) { try FetchCommand.parse(rest) }
        }
    }

    @Test("a comparison has two sides, each a folder or shards")
    func sides() throws {
        for rest in [["a", "b"], ["--before", "a", "b", "--after", "c", "--counts"]] {
            _ = try DiffCommand.parse(rest)
        }
        for rest in [["a"], ["a", "b", "c"], ["--before", "a"], ["a", "--after", "b"]] {
            #expect(throws: (any Error).self) { try DiffCommand.parse(rest) }
        }
    }

    @Test("a check retries nothing unless it is told to")
    func check() throws {
        #expect(try CheckCommand.parse(["a.example"]).options.scanOptions().retryDelays == [])
        let told = try CheckCommand.parse(["a.example", "--retry-delays", "1,2"])
        #expect(try told.options.scanOptions().retryDelays == [1000, 2000])
    }
}
