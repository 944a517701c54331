internal import Archive
internal import DNS
internal import DomainList
import FoundationEssentials
internal import MXProbe
internal import Networks
internal import PolicyFetch
internal import Probe
internal import RecordReading
internal import Records
internal import Resolver
internal import ScanFolder
internal import TLS

/// What a scan was: everything one needs to repeat it, and what came out.
struct Manifest {
    let options: ScanOptions
    let context: ScanContext
    let state: ScanState
    let startedAt: Int64
    var endedAt: Int64?
    var lists: [FileIdentity] = []
    var problems: [String] = []
    /// What the user of the results must know.
    var cautions: [String] = []
    var sharing = ShareStats()
    var blocklists: BlocklistHistory
    var statistics = ListStatistics()
    var totals = ScanTotals()
    var domainFiles: [CommittedFile] = []
    var hostFiles: [CommittedFile] = []
    /// The files with policy records.
    var policyFiles: [CommittedFile] = []
    /// What was given in place of domains; nil for a scan.
    var targets: TargetKind?
    /// How many lines named such a target.
    var targetCount = 0
    /// What each name server has done since the scan was started or resumed.
    var serverReports: [ServerReport] = []
    /// Which records rest on answers of name servers that proved not to be true; nil for none.
    var distrusted: StoredDistrust?
    /// How many entries were chosen, where not all of the lists are scanned.
    var selected: Int?

    init(options: ScanOptions, context: ScanContext, state: ScanState, startedAt: Int64) {
        self.options = options
        self.context = context
        self.state = state
        self.startedAt = startedAt
        blocklists = BlocklistHistory(context.blocklistFile)
    }

    /// That of a scan that goes on from a checkpoint.
    init(options: ScanOptions, context: ScanContext, resuming checkpoint: Checkpoint) {
        self.init(
            options: options, context: context, state: .running,
            startedAt: checkpoint.progress.startedAt)
        lists = checkpoint.lists
        totals = ScanTotals(table: checkpoint.progress.totals)
        domainFiles = checkpoint.progress.domainFiles
        hostFiles = checkpoint.progress.hostFiles
        policyFiles = checkpoint.progress.files(.policy)
        targets = checkpoint.progress.targets
        distrusted = checkpoint.distrusted
    }

    /// Writes `manifest.json` anew, whole or not at all.
    func write(into directory: String) throws(FolderError) {
        try write(to: "\(directory)/\(StoredManifest.fileName)")
    }

    /// Writes a file anew, whole or not at all.
    func write(to path: String) throws(FolderError) {
        do throws(ArchiveError) {
            try StoredManifest.write(document, to: path)
        } catch {
            throw .unwritable("\(error)")
        }
    }

    private var document: JSONDocument {
        var document = members
        if let targets {
            document.append((ManifestKey.command.name, .string(targets.rawValue)))
        }
        if targets == .policies {
            document.append(
                (ManifestKey.policyFiles.name, .array(policyFiles.map(\.document))))
        }
        return .object(document)
    }

    private var members: [(key: String, value: JSONDocument)] {
        [
            ("program", .string("stsurvey")),
            (ManifestKey.version.name, .string(programVersion)),
            (ManifestKey.schemaVersion.name, .integer(schemaVersion)),
            (ManifestKey.state.name, .string(state.rawValue)),
            (ManifestKey.startedAt.name, .string(Timestamp(epochSeconds: startedAt).text)),
            (
                ManifestKey.endedAt.name,
                endedAt.map { .string(Timestamp(epochSeconds: $0).text) } ?? .null
            ),
            (ManifestKey.lists.name, .array(lists.map(\.document))),
            ("list_layouts", .array(zip(options.lists, options.listFormats).map(document))),
            (ManifestKey.listStatistics.name, listStatistics),
            (ManifestKey.selectedEntries.name, selected.map { .integer($0) } ?? .null),
            ("problems", .array(problems.map { .string($0) })),
            (ManifestKey.cautions.name, .array(cautions.map { .string($0) })),
            ("name_servers", .array(options.nameServers.map { .string($0.description) })),
            ("name_server_reports", .array(zip(options.nameServers, serverReports).map(document))),
            (ManifestKey.distrusted.name, distrust),
            ("resolver_sets_ad", context.setsAD.map { .boolean($0) } ?? .null),
            (ManifestKey.trustsAD.name, .boolean(context.trustsAD)),
            ("has_ipv4", .boolean(context.contacts.hasIPv4)),
            ("has_ipv6", .boolean(context.contacts.hasIPv6)),
            ("tls", tls),
            ("trust_store", trustStore),
            ("shared_handshakes", options.document(sharing)),
            ("blocklists", blocklists.document),
            (ManifestKey.networkFiles.name, networkFiles),
            ("libraries", .string(LinkedLibraries.versions)),
            (ManifestKey.options.name, optionsDocument),
            (ManifestKey.domainFiles.name, .array(domainFiles.map(\.document))),
            (ManifestKey.hostFiles.name, .array(hostFiles.map(\.document))),
            (ManifestKey.totals.name, totals.document),
        ]
    }

    private var networkFiles: JSONDocument {
        .array(options.networks?.identities.map(\.document) ?? [])
    }

    private func document(_ server: NameServer, _ report: ServerReport) -> JSONDocument {
        .object([
            ("name_server", .string(server.description)),
            ("questions", .integer(report.questions)), ("silences", .integer(report.timeouts)),
            ("failures", .integer(report.failures)), ("outages", .integer(report.outages)),
            ("pushbacks", .integer(report.pushbacks)),
            ("health_checks", .integer(report.healthChecks)),
            ("uses_edns", .boolean(report.usesEDNS)),
            ("fault", report.fault.map { .string($0.description) } ?? .null),
        ])
    }

    private var distrust: JSONDocument {
        guard let distrusted else { return .null }
        return .object([
            ("records", .integer(distrusted.count)),
            (
                ManifestKey.indexRanges.name,
                .array(distrusted.indexRanges.map { .array($0.map { .integer($0) }) })
            ),
            (ManifestKey.storedOptions.name, .string(storedOptions)),
            (
                "name_servers",
                .array(
                    distrusted.servers.sorted { $0.key < $1.key }.map {
                        .object([("name_server", .string($0.key)), ("fault", .string($0.value))])
                    })
            ),
        ])
    }

    /// The options as --ask-again takes them over.
    private var storedOptions: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let stored = StoredOptions(options, trustSHA256: context.trust.sha256)
        guard let data = try? encoder.encode(stored) else {
            preconditionFailure("options have nothing that JSON cannot hold")
        }
        return String(decoding: data, as: UTF8.self)
    }

    private var listStatistics: JSONDocument {
        .object([
            ("lines", .integer(statistics.lines)),
            (ManifestKey.entries.name, .integer(statistics.entries + targetCount)),
            ("invalid", .integer(statistics.invalid)),
            ("invalid_reasons", counts(statistics.invalidReasons)),
            ("forms", counts(statistics.forms)),
            ("passed_over", counts(statistics.passedOver)),
            ("comments", .integer(statistics.comments)), ("blanks", .integer(statistics.blanks)),
            ("headers", .integer(statistics.headers)),
            ("continuations", .integer(statistics.continuations)),
            ("further_names", .integer(statistics.furtherNames)),
            (ManifestKey.duplicates.name, .integer(statistics.duplicates)),
        ])
    }

    /// Counts by their words.
    private func counts<Word: RawRepresentable<String>>(_ counts: [Word: Int]) -> JSONDocument {
        .object(
            counts.map { (key: $0.rawValue, value: JSONDocument.integer($1)) }
                .sorted { $0.key < $1.key })
    }

    private func document(_ list: ListLocation, _ format: ListFormat?) -> JSONDocument {
        guard let format else { return .null }
        return .object([
            ("list", .string(list.name)), ("kind", .string(format.kind.rawValue)),
            ("description", .string(format.description)),
            ("carried", .array(format.carriedNames.map { .string($0) })),
        ])
    }

    private var trustStore: JSONDocument {
        .object([
            ("source", .string(context.trust.source)),
            ("certificates", .integer(context.trust.count)),
            ("sha256", .string(context.trust.sha256)),
        ])
    }

    private var optionsDocument: JSONDocument {
        let settings = StoredSetting.all.compactMap { setting in
            setting.key.manifest.map { (key: $0, value: setting.document(options)) }
        }
        return JSONDocument(
            nesting: [
                ("lists", .array(options.lists.map { .string($0.name) })),
                ("output", .string(options.output)),
                ("user_agent", .string(options.fetch.userAgent)),
            ] + settings)
    }
}

extension ScanOptions {
    /// What sharing handshakes has come to.
    fileprivate func document(_ stats: ShareStats) -> JSONDocument {
        .object([
            ("after", .integer(shareAfter)), ("sample_every", .integer(shareSampleEvery)),
            ("groups", .integer(stats.groups)), ("shared", .integer(stats.shared)),
            ("sampled", .integer(stats.sampled)), ("disagreed", .integer(stats.disagreed)),
            (
                "disagreements",
                .array(
                    stats.disagreements.map {
                        .object([
                            ("host", .string($0.host.text)),
                            ("reference", .string($0.reference.text)),
                        ])
                    })
            ),
        ])
    }
}
