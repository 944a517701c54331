import ArgumentParser
import DomainList
import MXProbe
import PolicyFetch
internal import Probe
import Resolver
import Scan

struct ScanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan", abstract: "Scan lists of domains, one record for each line.",
        discussion: """
            A list has one domain a line, or is a table such as 'rank,domain', NDJSON, a zone file \
            or a hosts file; plain, .gz, .bz2, .zst, .xz or .lzma. How it is laid out is found by \
            looking, and said. Blank lines and # comments are skipped. The output folder gets \
            domains-*.ndjson.zst, hosts-*.ndjson.zst and manifest.json. A scan that was stopped \
            or killed goes on with --resume.

            Examples:
              stsurvey scan domains.txt --output results/first
              stsurvey scan tranco.csv.gz -o results/tranco -s 2000 --probe records
              stsurvey scan customers.csv -o results/third --column domain --carry sector
              zcat names.gz | stsurvey scan - --output results/names
              stsurvey scan --resume results/first
              stsurvey scan domains.txt -o results/second --previous results/first
              stsurvey scan domains.txt --estimate
            """)

    @Argument(help: "Lists of domains, or - for standard input.", completion: .file())
    var lists: [String] = []

    @OptionGroup var options: DeclaredOptions<OfScan>

    func validate() throws {
        let given = try options.given
        guard !given.contains("resume"), !given.contains("estimate") else { return }
        guard !lists.isEmpty || given.contains("ask-again") else {
            throw ValidationError("name a list of domains, or -")
        }
        guard !lists.contains("") else { throw ValidationError("the name of a list is empty") }
        guard given.contains("output") else {
            throw ValidationError("name a folder with --output")
        }
    }

    func run() throws {
        var options = try self.options.scanOptions()
        options.lists = lists.map { ListLocation(name: $0, path: absolutePath($0)) }
        let end: ScanEnd
        do {
            var scan = Scan(options, given: try self.options.given)
            guard !options.onlyEstimates else {
                return try Self.write(scan.estimate(), asJSON: options.printsJSON)
            }
            end = try scan.run()
        } catch let error as ScanError {
            throw CommandFailure(error)
        }
        guard end.exitReason == .done else { throw end.exitReason.code }
    }

    private static func write(_ page: EstimatePage?, asJSON isJSON: Bool) throws {
        guard let page else { throw ExitReason.stopped.code }
        try StandardOutput.write(isJSON ? page.json + "\n" : page.text)
    }
}
