internal import Probe

/// The options that were given on a command line, in their order.
public struct GivenOptions: Sendable {
    private var given: [(option: ScanOption, assign: ScanOption.Assignment)] = []

    /// None.
    public init() {}

    /// Adds an option with the text of its value, nil for a flag; an error names the option, the
    /// text and what is allowed.
    public mutating func add(_ option: ScanOption, _ text: String?) throws(ScanError) {
        given.append((option, try option.assignment(of: text)))
    }

    /// Adds those of another part of the command line.
    public mutating func add(_ others: GivenOptions) { given += others.given }

    /// Whether an option of this long name was given.
    public func contains(_ name: String) -> Bool { given.contains { $0.option.name == name } }

    /// Sets what was given.
    public func apply(to options: inout ScanOptions) {
        for (_, assign) in given { assign(&options) }
    }

    /// Refuses options that do not go together.
    public func check() throws(ScanError) {
        for (option, _) in given {
            if let other = option.needs, !contains(other) {
                throw .usage("\(option.flag) is of use only with --\(other)")
            }
            if contains("resume"), option.resume == .beginsScan {
                throw .usage(
                    "\(option.flag) does not go together with --resume, which goes on with the "
                        + "scan in the folder that it names")
            }
        }
    }

    /// The options that are of use only with a folder, whose files they are about.
    private static let ofFolder = ["checkpoint-interval", "rotate-size"]

    /// Refuses what does not go together with where the records of some options go.
    func check(outputOf options: ScanOptions) throws(ScanError) {
        guard options.isFilter else {
            guard !contains("manifest") else {
                throw .usage(
                    "--manifest is of use only with --output -: a folder has its own manifest.json")
            }
            return
        }
        guard options.probeScope == .none else {
            throw .usage(
                "--output - writes domain records, which refer to host records where MX hosts are "
                    + "probed: add --probe none, or name a folder")
        }
        try checkWithoutFolder()
    }

    /// Refuses what is of use only with a folder.
    func checkWithoutFolder() throws(ScanError) {
        for name in Self.ofFolder where contains(name) {
            throw .usage("--\(name) is of use only with a folder as --output")
        }
    }

    /// Sets what is not of the scan but of this run of it.
    func applyOfRun(to options: inout ScanOptions) {
        for (option, assign) in given
        where option.resume == .perRun || option.resume == .beginsScan {
            assign(&options)
        }
    }

    /// Changes the options of a started scan that may change; a new value for any other is refused.
    func change(_ options: inout ScanOptions) throws(ScanError) {
        for (option, assign) in given {
            let before = option.value(in: options)
            var changed = options
            assign(&changed)
            if option.resume == .fixed, option.value(in: changed) != before {
                throw .usage(
                    "\(option.flag) is \(before) in this scan and cannot become "
                        + "\(option.value(in: changed)): the records would no longer be alike")
            }
            options = changed
        }
    }
}
