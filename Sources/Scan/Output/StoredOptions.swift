internal import DomainList
internal import MXProbe
internal import Networks
internal import PolicyFetch
internal import Preload
internal import Probe
internal import Records
internal import Resolver

/// A scan's options as the checkpoint keeps them: the settings that are declared, and what the
/// files were that were read.
struct StoredOptions: Sendable {
    /// The names of the lists.
    private let lists: [String]
    /// Where they lie; scans of earlier versions have kept the names alone.
    private let listPaths: [String]?
    private let indexRanges: [[Int]]?
    /// How the lists are laid out; scans of earlier versions have not kept it.
    private let listFormats: [ListFormat?]?
    /// Of the certificates of the trust store.
    let trustSHA256: String
    private let preloadSHA256: String?
    /// Of the files that say where addresses are; scans of earlier versions have none.
    private let networkSHA256: [String]?
    /// Of the manifest of the earlier scan.
    private let previousSHA256: String?
    /// The values of `StoredSetting.all`, by their keys.
    private let settings: OptionValue

    init(_ options: ScanOptions, trustSHA256: String) {
        lists = options.lists.map(\.name)
        listPaths = options.lists.map(\.path)
        indexRanges = options.indexRanges
        listFormats = options.listFormats
        self.trustSHA256 = trustSHA256
        preloadSHA256 = options.preload?.sha256
        networkSHA256 = options.networks?.identities.map(\.sha256)
        previousSHA256 = options.previous?.manifestSHA256
        var settings = OptionValue.object([:])
        for setting in StoredSetting.all {
            settings[setting.key.checkpoint] = setting.stored(options)
        }
        self.settings = settings
    }

    /// The lists; a path that is not absolute is one of the working directory.
    private var locations: [ListLocation] {
        let paths = listPaths?.count == lists.count ? listPaths ?? lists : lists
        return zip(lists, paths).map { ListLocation(name: $0, path: absolutePath($1)) }
    }

    /// The options of the scan, changed by those that were given now, with what is of this run
    /// alone; what was read before is read again, and refused where it is not the same.
    func options(
        now: ScanOptions, given: GivenOptions, output: String
    ) throws(ScanError) -> ScanOptions {
        var options = ScanOptions()
        given.applyOfRun(to: &options)
        options.output = output
        options.lists = locations
        options.indexRanges = indexRanges
        options.listFormats = listFormats ?? []
        // Each is of its form: a checkpoint is not decoded otherwise.
        for setting in StoredSetting.all {
            _ = setting.restore(settings[setting.key.checkpoint], &options)
        }
        try requireReadBefore(given)
        try given.change(&options)
        if !now.lists.isEmpty { options.lists = try moved(to: now.lists) }
        do throws(ScanError) {
            try options.readFiles(otherThanOf: now)
        } catch .missingInput(let text) {
            throw .missingInput(
                "\(text): name its new place, with --preload, --previous or "
                    + "--asn-file")
        }
        try requireUnchanged(options)
        return options
    }

    /// The lists at other paths; their bytes are compared with those read before, and their names
    /// stay those that the records have.
    private func moved(to given: [ListLocation]) throws(ScanError) -> [ListLocation] {
        guard given.count == lists.count else {
            throw .usage(
                "the scan reads \(lists.count) lists (\(lists.joined(separator: ", "))), "
                    + "not \(given.count): name each in its new place, or none")
        }
        return zip(lists, given).map { ListLocation(name: $0, path: $1.path) }
    }

    /// Refuses files that the scan has not been begun with.
    private func requireReadBefore(_ given: GivenOptions) throws(ScanError) {
        if given.contains("previous"), previousSHA256 == nil {
            throw .usage("this scan goes by no earlier one: --previous cannot be added")
        }
        if given.contains("preload"), preloadSHA256 == nil {
            throw .usage("this scan has no preload list: --preload cannot be added")
        }
        if given.contains("asn-file"), networkSHA256 == nil {
            throw .usage(
                "this scan has no --asn-file: add it to the finished scan, by 'stsurvey rejudge'")
        }
    }

    private func requireUnchanged(_ options: ScanOptions) throws(ScanError) {
        guard options.preload?.sha256 == preloadSHA256 else {
            throw .usage(
                "the preload list was \(preloadSHA256 ?? "") in this scan and is "
                    + "\(options.preload?.sha256 ?? "") now")
        }
        guard options.networks?.identities.map(\.sha256) == networkSHA256 else {
            throw .usage(
                "the files of --asn-file are not those that this scan began with: their SHA-256 "
                    + "was \(networkSHA256?.joined(separator: ", ") ?? "")")
        }
        guard options.previous?.manifestSHA256 == previousSHA256 else {
            throw .usage(
                "the manifest of \(options.previousFolder ?? "") is "
                    + "\(options.previous?.manifestSHA256 ?? ""), that of the earlier scan that "
                    + "this one goes by was \(previousSHA256 ?? "")")
        }
    }
}

extension StoredOptions: Codable {
    /// The members that are no settings.
    private enum Key: String, CodingKey {
        case lists, listPaths, indexRanges, listFormats, trustSHA256, preloadSHA256, previousSHA256
        case networkSHA256
    }

    /// A key of a setting.
    private struct SettingKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }

        init?(intValue: Int) { nil }

        init(_ key: Substring) { stringValue = String(key) }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        lists = try container.decode([String].self, forKey: .lists)
        listPaths = try container.decodeIfPresent([String].self, forKey: .listPaths)
        indexRanges = try container.decodeIfPresent([[Int]].self, forKey: .indexRanges)
        listFormats = try container.decodeIfPresent([ListFormat?].self, forKey: .listFormats)
        trustSHA256 = try container.decode(String.self, forKey: .trustSHA256)
        preloadSHA256 = try container.decodeIfPresent(String.self, forKey: .preloadSHA256)
        networkSHA256 = try container.decodeIfPresent([String].self, forKey: .networkSHA256)
        previousSHA256 = try container.decodeIfPresent(String.self, forKey: .previousSHA256)
        let members = try OptionValue(from: decoder)
        var settings = OptionValue.object([:])
        var options = ScanOptions()
        for setting in StoredSetting.all {
            let member = members[setting.key.checkpoint]
            settings[setting.key.checkpoint] = member
            if member == nil, setting.key.isAddedLater { continue }
            guard setting.restore(member, &options) else {
                throw Self.refusal(of: setting, isMissing: member == nil, at: decoder.codingPath)
            }
        }
        self.settings = settings
    }

    private static func refusal(
        of setting: StoredSetting, isMissing: Bool, at path: [any CodingKey]
    ) -> DecodingError {
        let keys = setting.key.checkpoint.split(separator: ".").map { SettingKey($0) }
        let context = DecodingError.Context(
            codingPath: path + keys, debugDescription: "not of the option's form")
        guard isMissing, let last = keys.last else { return .dataCorrupted(context) }
        return .keyNotFound(
            last, .init(codingPath: path + keys.dropLast(), debugDescription: "no such member"))
    }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: SettingKey.self)
        for (key, value) in settings.members {
            try members.encode(value, forKey: SettingKey(stringValue: key))
        }
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(lists, forKey: .lists)
        try container.encodeIfPresent(listPaths, forKey: .listPaths)
        try container.encodeIfPresent(indexRanges, forKey: .indexRanges)
        try container.encodeIfPresent(listFormats, forKey: .listFormats)
        try container.encode(trustSHA256, forKey: .trustSHA256)
        try container.encodeIfPresent(preloadSHA256, forKey: .preloadSHA256)
        try container.encodeIfPresent(networkSHA256, forKey: .networkSHA256)
        try container.encodeIfPresent(previousSHA256, forKey: .previousSHA256)
    }
}
