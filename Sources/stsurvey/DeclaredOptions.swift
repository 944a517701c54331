import ArgumentParser
import Scan

/// The options that a command takes, as `ScanOption` declares them.
///
/// The parser finds a type's options by reflection and decodes them by their names; the types here
/// answer both from the declarations, so that an option needs no property.
struct DeclaredOptions<Command: DeclaringCommand>: ParsableArguments, CustomReflectable {
    private var texts: [OptionText] = []

    private static var sections: [OptionSection] {
        OptionSection.allCases.filter { !$0.options(of: Command.command).isEmpty }
    }

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: ParserKey.self)
        for section in Self.sections {
            texts += try Self.decode(section.heading, section, from: container)
        }
    }

    private static func decode<H: Heading>(
        _ heading: H.Type, _ section: OptionSection,
        from container: KeyedDecodingContainer<ParserKey>
    ) throws -> [OptionText] {
        let key = ParserKey(stringValue: "\(section)")
        return try container.decode(OptionGroup<OptionsBelow<Command, H>>.self, forKey: key)
            .wrappedValue.texts
    }

    /// The parser takes the sections from here.
    var customMirror: Mirror {
        Mirror(
            self,
            children: Self.sections.map { section -> Mirror.Child in
                (label: "\(section)", value: Self.group(section.heading, section))
            })
    }

    private static func group<H: Heading>(_ heading: H.Type, _ section: OptionSection) -> Any {
        OptionGroup<OptionsBelow<Command, H>>(title: section.title)
    }

    /// What was given.
    var given: GivenOptions {
        get throws(ScanError) {
            var given = GivenOptions()
            for (option, text) in texts { try given.add(option, text) }
            return given
        }
    }

    func validate() throws {
        do throws(ScanError) {
            try given.check()
        } catch {
            throw ValidationError(error.description)
        }
    }

    /// The options of this run: the defaults of the command, and what was given.
    func scanOptions() throws(CommandFailure) -> ScanOptions {
        var options = Command.command.defaults
        do throws(ScanError) {
            try given.apply(to: &options)
        } catch {
            throw CommandFailure(error)
        }
        return options
    }

    /// The same, with the files that they name read.
    func readOptions() throws(CommandFailure) -> ScanOptions {
        var options = try scanOptions()
        do throws(ScanError) {
            try options.readFiles()
        } catch {
            throw CommandFailure(error)
        }
        return options
    }
}

/// A command that takes declared options.
protocol DeclaringCommand {
    static var command: OptionCommand { get }
}

/// The options of `scan`.
enum OfScan: DeclaringCommand { static let command = OptionCommand.scan }

/// The options of `check`.
enum OfCheck: DeclaringCommand { static let command = OptionCommand.check }

/// The options of `probe`.
enum OfProbe: DeclaringCommand { static let command = OptionCommand.probe }

/// The options of `fetch`.
enum OfFetch: DeclaringCommand { static let command = OptionCommand.fetch }

/// The options of `judge`.
enum OfJudge: DeclaringCommand { static let command = OptionCommand.judge }

/// The options of `rejudge`.
enum OfRejudge: DeclaringCommand { static let command = OptionCommand.rejudge }

/// An option as it stood on the command line; nil for a flag.
private typealias OptionText = (option: ScanOption, text: String?)

/// A key of the parser's decoder.
private struct ParserKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }

    init?(intValue: Int) { nil }
}

/// A section as a type: the parser distinguishes groups of options by theirs.
private protocol Heading {
    static var section: OptionSection { get }
}

extension OptionSection {
    fileprivate var heading: any Heading.Type {
        switch self {
        case .common: Common.self
        case .lists: Lists.self
        case .probes: Probes.self
        case .limits: Limits.self
        case .resources: Resources.self
        case .dns: DNS.self
        case .timeouts: Timeouts.self
        case .earlier: Earlier.self
        case .output: Output.self
        case .estimate: Estimating.self
        case .lab: Lab.self
        }
    }

    private enum Common: Heading { static let section = OptionSection.common }
    private enum Lists: Heading { static let section = OptionSection.lists }
    private enum Probes: Heading { static let section = OptionSection.probes }
    private enum Limits: Heading { static let section = OptionSection.limits }
    private enum Resources: Heading { static let section = OptionSection.resources }
    private enum DNS: Heading { static let section = OptionSection.dns }
    private enum Timeouts: Heading { static let section = OptionSection.timeouts }
    private enum Earlier: Heading { static let section = OptionSection.earlier }
    private enum Output: Heading { static let section = OptionSection.output }
    private enum Estimating: Heading { static let section = OptionSection.estimate }
    private enum Lab: Heading { static let section = OptionSection.lab }
}

/// The options of a command below one heading of its help.
private struct OptionsBelow<Command: DeclaringCommand, H: Heading>: ParsableArguments,
    CustomReflectable
{
    private(set) var texts: [OptionText] = []

    private static var options: [ScanOption] { H.section.options(of: Command.command) }

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: ParserKey.self)
        for option in Self.options {
            let key = ParserKey(stringValue: option.name)
            if option.isFlag {
                let flag = try container.decode(Flag<Bool>.self, forKey: key)
                if flag.wrappedValue { texts.append((option, nil)) }
            } else if option.isRepeatable {
                let values = try container.decode(Option<[String]>.self, forKey: key).wrappedValue
                if !values.isEmpty { texts.append((option, values.joined(separator: ","))) }
            } else {
                let value = try container.decode(Option<String?>.self, forKey: key)
                if let text = value.wrappedValue { texts.append((option, text)) }
            }
        }
    }

    var customMirror: Mirror {
        Mirror(
            self,
            children: Self.options.map { option -> Mirror.Child in
                (label: option.name, value: Self.definition(of: option))
            })
    }

    private static func definition(of option: ScanOption) -> Any {
        let names = NameSpecification(
            [option.letter.map { .customShort($0, allowingJoined: !option.isFlag) }]
                .compactMap(\.self) + [.customLong(option.name)])
        let help = ArgumentHelp(
            "\(option.help)\(option.remark(in: Command.command.defaults))",
            valueName: option.placeholder)
        guard !option.isFlag else { return Flag(wrappedValue: false, name: names, help: help) }
        if option.isRepeatable {
            return Option<[String]>(
                wrappedValue: [], name: names, parsing: .singleValue, help: help,
                completion: CompletionKind(option.completion))
        }
        return Option<String?>(
            name: names, help: help, completion: CompletionKind(option.completion))
    }

    func validate() throws {
        do throws(ScanError) {
            for (option, text) in texts { try option.check(text) }
        } catch {
            throw ValidationError(error.description)
        }
    }
}

extension OptionCommand {
    private static let defaultsOfScan = ScanOptions()
    private static let defaultsOfCheck = ScanOptions.ofCheck

    /// What holds where nothing is given.
    fileprivate var defaults: ScanOptions {
        self == .check ? Self.defaultsOfCheck : Self.defaultsOfScan
    }
}

extension CompletionKind {
    fileprivate init(_ completion: OptionCompletion) {
        switch completion {
        case .none: self = .default
        case .file: self = .file()
        case .folder: self = .directory
        case .words(let words): self = .list(words)
        }
    }
}
