internal import Records

/// A command that takes options of a scan.
public enum OptionCommand: String, CaseIterable, Sendable {
    case scan, check, probe, fetch, judge, rejudge
}

/// What becomes of an option that is given beside `--resume`.
public enum ResumeRule: String, Sendable {
    /// It acts from then on.
    case mayChange
    /// It decides what the records mean: another value than that of the scan is refused.
    case fixed
    /// Its path may change, but is refused where the content is not the same as before.
    case sameContents
    /// It belongs to the process, and not to the scan.
    case perRun
    /// It says what scan is begun: it is refused.
    case beginsScan

    /// What messages to the user say of it.
    public var meaning: String {
        switch self {
        case .mayChange: "may change"
        case .fixed: "must stay as it is"
        case .sameContents: "the same contents, wherever they lie"
        case .perRun: "holds for this run"
        case .beginsScan: "refused"
        }
    }
}

/// Where an option's value is kept.
typealias OptionPath<Value> = any WritableKeyPath<ScanOptions, Value> & Sendable

/// The key of an option's value in the checkpoint and in the manifest's `options`; dots lead into
/// nested objects.
struct OptionKey: Equatable, Sendable {
    /// In the checkpoint.
    let checkpoint: String
    /// In the manifest's `options`; nil where the value is not there.
    let manifest: String?
    /// Whether there are checkpoints without it, which mean the default.
    let isAddedLater: Bool

    /// One key for both; scans of before have others in their checkpoint.
    init(_ manifest: String, checkpoint: String? = nil, isAddedLater: Bool = false) {
        self.manifest = manifest
        self.checkpoint = checkpoint ?? manifest
        self.isAddedLater = isAddedLater
    }

    private init(checkpointOnly key: String, isAddedLater: Bool) {
        manifest = nil
        checkpoint = key
        self.isAddedLater = isAddedLater
    }

    /// A value that the manifest has elsewhere, or not at all.
    static func checkpoint(_ key: String, isAddedLater: Bool = false) -> OptionKey {
        OptionKey(checkpointOnly: key, isAddedLater: isAddedLater)
    }
}

/// A value of a scan that checkpoint and manifest hold.
struct StoredSetting: Sendable {
    let key: OptionKey
    /// What the checkpoint holds; nil for no member.
    let stored: @Sendable (ScanOptions) -> OptionValue?
    /// Sets the value of a checkpoint's member; false where it has another form.
    let restore: @Sendable (OptionValue?, inout ScanOptions) -> Bool
    /// What the manifest holds.
    let document: @Sendable (ScanOptions) -> JSONDocument

    /// The value at a path, in its form.
    init<Value>(
        _ key: OptionKey, _ path: OptionPath<Value>,
        _ form: OptionForm<Value>,
        document: (@Sendable (ScanOptions) -> JSONDocument)? = nil
    ) {
        self.key = key
        stored = { form.stored($0[keyPath: path]) }
        restore = { member, options in
            guard let value = form.restore(member) else { return false }
            options[keyPath: path] = value
            return true
        }
        self.document =
            document ?? { options in
                let value = options[keyPath: path]
                return form.document?(value) ?? form.stored(value)?.document ?? .null
            }
    }
}

/// An option of a scan, declared once: command line, help, completion, manual, checkpoint, manifest
/// and the rule for `--resume` are derived from this.
///
/// A new option is a line in `OptionDeclarations.swift` (and a property of `ScanOptions`, where the
/// code that uses it finds it). Its key has `isAddedLater`, so that scans of a program without it
/// can be resumed.
public struct ScanOption: Sendable {
    /// Its long name, without hyphens.
    public let name: String
    /// Its short name, without hyphen.
    public let letter: Character?
    /// What it does.
    public let help: String
    /// Whether it can be given several times: the texts are then joined by commas.
    public let isRepeatable: Bool
    /// The commands that take it.
    public let commands: Set<OptionCommand>
    /// The placeholder of its value, with the unit; nil for a flag.
    public let placeholder: String?
    /// Which values are allowed, as it follows "takes"; nil for any.
    public let allowed: String?
    /// What a shell offers as its value.
    public let completion: OptionCompletion
    /// What becomes of it beside `--resume`.
    public let resume: ResumeRule
    /// The long name of the option without which it means nothing.
    public let needs: String?
    /// Where checkpoint and manifest have it; nil for neither.
    let setting: StoredSetting?
    /// What help says of the default, where the value does not.
    private let shownDefault: String?
    private let text: @Sendable (ScanOptions) -> String?
    private let parse: @Sendable (String) -> Assignment?
    /// Sets the flag.
    private let setFlag: Assignment?

    /// Sets a value.
    typealias Assignment = @Sendable (inout ScanOptions) -> Void

    private init<Value>(
        _ name: String, letter: Character?, _ path: OptionPath<Value>,
        _ form: OptionForm<Value>, help: String, commands: Set<OptionCommand>,
        default shownDefault: String?, resume: ResumeRule, needs: String?, key: OptionKey?,
        document: (@Sendable (ScanOptions) -> JSONDocument)?, also: Assignment?,
        flag: Value?
    ) {
        self.name = name
        self.letter = letter
        self.help = help
        self.commands = commands
        placeholder = form.placeholder
        allowed = form.allowed
        completion = form.completion
        isRepeatable = form.isRepeatable
        self.resume = resume
        self.needs = needs
        self.shownDefault = shownDefault
        setting = key.map { StoredSetting($0, path, form, document: document) }
        text = { form.text($0[keyPath: path]) }
        @Sendable func assignment(of value: Value) -> Assignment {
            { options in
                options[keyPath: path] = value
                also?(&options)
            }
        }
        parse = { form.parse($0).map(assignment) }
        setFlag = flag.map(assignment)
    }

    /// An option with a value: its names, where it is kept, its form and its help.
    ///
    /// `default` is what help says of the default where the value does not, `document` what the
    /// manifest has at the key where that is not the value; `also` sets what follows from its being
    /// given.
    init<Value>(
        _ name: String, letter: Character? = nil,
        _ path: OptionPath<Value>, _ form: OptionForm<Value>,
        _ help: String, for commands: Set<OptionCommand> = [.scan], default: String? = nil,
        resume: ResumeRule, needs: String? = nil, key: OptionKey? = nil,
        document: (@Sendable (ScanOptions) -> JSONDocument)? = nil, also: Assignment? = nil
    ) {
        self.init(
            name, letter: letter, path, form, help: help, commands: commands, default: `default`,
            resume: resume, needs: needs, key: key, document: document, also: also, flag: nil)
    }

    /// A flag.
    init(
        flag name: String, letter: Character? = nil,
        _ path: OptionPath<Bool>, _ help: String,
        for commands: Set<OptionCommand> = [.scan], resume: ResumeRule, needs: String? = nil,
        key: OptionKey? = nil
    ) {
        self.init(
            name, letter: letter, path, .flag, help: help, commands: commands, default: nil,
            resume: resume, needs: needs, key: key, document: nil, also: nil, flag: true)
    }

    /// The long name as it is typed.
    public var flag: String { "--\(name)" }

    /// Whether it takes no value.
    public var isFlag: Bool { placeholder == nil }

    /// What holds where it is not given, as help says it; nil for nothing.
    public func defaultText(in defaults: ScanOptions) -> String? {
        isFlag ? nil : shownDefault ?? text(defaults)
    }

    /// What follows its help: the allowed values and the default; empty where there are neither.
    public func remark(in defaults: ScanOptions) -> String {
        let parts = [allowed, defaultText(in: defaults).map { "default: \($0)" }]
            .compactMap(\.self)
        return parts.isEmpty ? "" : " (\(parts.joined(separator: "; ")))"
    }

    /// The value in some options, as it is typed.
    func value(in options: ScanOptions) -> String { text(options) ?? shownDefault ?? "none" }

    /// Refuses a text that is not allowed, by an error that names the option, the text and what is.
    public func check(_ text: String?) throws(ScanError) { _ = try assignment(of: text) }

    /// What a text of the command line sets; an error names the option, the text and what is
    /// allowed.
    func assignment(of text: String?) throws(ScanError) -> Assignment {
        guard let text else {
            guard let setFlag else { throw .usage("\(flag) takes a value") }
            return setFlag
        }
        // An empty value comes of a variable of a script that is not set.
        guard !text.isEmpty else {
            let isPath = completion == .file || completion == .folder
            throw .usage("\(flag) takes \(allowed ?? (isPath ? "a path" : "a text")), not ''")
        }
        guard let assignment = parse(text) else {
            throw .usage("\(flag) takes \(allowed ?? "no value"), not '\(text)'")
        }
        return assignment
    }
}
