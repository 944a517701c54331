import Analysis
import ArgumentParser
import Scan
import Statistics

/// What the commands that count records have in common.
struct StatisticsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Providers by their names and addresses, in the form of datasets/providers.json.",
            valueName: "file"))
    var providers: String?

    @Option(help: "Domains that make the operator of a host a third party.")
    var thirdPartyMin = 50

    @Option(help: "Domains up to which a host counts as run by its own domains.")
    var selfMax = 5

    @Option(help: "Groups of one kind (operators, TLDs) kept in memory, some 150 bytes each.")
    var groupsMax = 1 << 18

    @Option(help: "Threads that read; by default one for each processor.")
    var threads: Int?

    @Flag(help: "Count what can be read of a damaged folder, and say so.")
    var partial = false

    func validate() throws {
        guard selfMax >= 0, selfMax < thirdPartyMin else {
            throw ValidationError("--self-max must be less than --third-party-min")
        }
        guard groupsMax >= 1000, groupsMax <= 1 << 26 else {
            throw ValidationError("--groups-max takes 1000 to \(1 << 26), not \(groupsMax)")
        }
        guard threads.map({ (1...256).contains($0) }) ?? true else {
            throw ValidationError("--threads takes 1 to 256, not \(threads ?? 0)")
        }
    }

    /// Counts the records of a folder, and tells what could not be read.
    func count(_ folder: String, top: Int?) throws -> ScanStatistics {
        var options = ScanStatistics.Options(catalogue: try catalogue())
        options.tables.thresholds = ClassThresholds(thirdParty: thirdPartyMin, own: selfMax)
        options.tables.top = top
        options.groupsMax = groupsMax
        if let threads { options.threads = threads }
        options.isPartial = partial
        do throws(AnalysisError) {
            let counted = try ScanStatistics(folder: folder, options)
            for caution in counted.cautions { Message.warning(caution) }
            return counted
        } catch {
            throw CommandFailure(error)
        }
    }

    private func catalogue() throws(CommandFailure) -> ProviderCatalogue {
        let name = providers ?? "datasets/providers.json"
        do {
            guard let providers else { return try ProviderCatalogue.builtIn() }
            return try ProviderCatalogue(json: readDataFile(rawArguments(of: [providers])[0]))
        } catch let error as FileError {
            throw CommandFailure(.missingInput, "--providers: cannot read \(name): \(error.reason)")
        } catch let error as CatalogueError {
            throw CommandFailure(.usage, "\(name): \(error.text)")
        } catch {
            throw CommandFailure(.usage, "\(name): \(error)")
        }
    }
}

extension CommandFailure {
    fileprivate init(_ error: AnalysisError) {
        switch error {
        case .noPublicSuffixes: self.init(.missingInput, error.text)
        case .folder(let error): self.init(error)
        }
    }
}
