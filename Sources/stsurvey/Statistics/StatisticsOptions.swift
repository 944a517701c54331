import ArgumentParser
import Console
import FolderStatistics
import Statistics

/// What the commands that count records have in common.
struct StatisticsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Providers by their names and addresses, in the form of datasets/providers.json.",
            valueName: "file"),
        completion: .file())
    var providers: String?

    @Option(
        in: 1...1_000_000_000,
        help: "Domains from which on the operator of a host counts as a third party.")
    var thirdPartyMin = 50

    @Option(
        in: 0...999_999_999, help: "Domains up to which a host counts as run by its own domains.")
    var selfMax = 5

    @Option(
        in: 1000...1 << 26,
        help: "Groups of one kind (operators, TLDs) kept in memory, some 150 bytes each.")
    var groupsMax = 1 << 18

    @Option(
        help: ArgumentHelp(
            "Count by groups, too: by a column of the list that --carry has kept.",
            valueName: "name"))
    var by: String?

    @Option(
        help: ArgumentHelp(
            "Count by weight, too: by a column of the list with numbers that --carry has kept.",
            valueName: "name"))
    var weight: String?

    @Flag(
        help: """
            The list is a random sample: give 95 % intervals (Wilson) with the shares of domains.
            """)
    var sample = false

    @Option(in: 1...256, help: "Threads that read files. By default one for each processor.")
    var threads: Int?

    @Flag(help: "Count what can be read of a damaged folder, and say so.")
    var partial = false

    func validate() throws {
        guard selfMax < thirdPartyMin else {
            throw ValidationError(
                "--self-max takes less than --third-party-min (\(thirdPartyMin)), not \(selfMax)")
        }
    }

    /// Counts the records of a scan, and prints what could not be read.
    func count(
        _ folders: [String], top: Int?, namedDomains: Int? = nil
    ) throws -> ScanStatistics {
        var options = ScanStatistics.Options(catalogue: try .read(providers))
        options.tables.thresholds = ClassThresholds(thirdParty: thirdPartyMin, own: selfMax)
        options.tables.top = top
        options.tables.group = by
        options.tables.weight = weight
        options.tables.isSample = sample
        options.groupsMax = groupsMax
        options.namedDomains = namedDomains
        if let threads { options.threads = threads }
        options.isPartial = partial
        do throws(FolderStatisticsError) {
            let counted = try ScanStatistics(folders: folders, options)
            for caution in counted.cautions { Message.warning(caution) }
            return counted
        } catch {
            throw CommandFailure(error)
        }
    }
}

extension CommandFailure {
    fileprivate init(_ error: FolderStatisticsError) {
        switch error {
        case .noPublicSuffixes: self.init(.missingInput, error.text)
        case .folder(let error): self.init(error)
        }
    }
}

extension ProviderCatalogue {
    /// The catalogue in the file that `--providers` names, or the program's own.
    static func read(_ file: String?) throws(CommandFailure) -> ProviderCatalogue {
        let name = file ?? "datasets/providers.json"
        do {
            guard let file else { return try ProviderCatalogue.builtIn() }
            return try ProviderCatalogue(json: readDataFile(rawArguments(of: [file])[0]))
        } catch let error as FileError {
            throw CommandFailure(.missingInput, "--providers: cannot read \(name): \(error.reason)")
        } catch let error as CatalogueError {
            throw CommandFailure(.usage, "\(name): \(error.text)")
        } catch {
            throw CommandFailure(.usage, "\(name): \(error)")
        }
    }
}
