// # Which domains of a scan, and what to tell their owners
//
// `FolderSelection` reads a scan's folder, judges its facts as `rejudge` does, and hands on each
// domain that a `DomainFilter` lets through, with its `Diagnosis`: `stsurvey list` writes them as
// text, tables or letters.

internal import DNS
public import Explanations
public import Judgement
internal import Records

/// Which domains are wanted: those that have one value of each kind that is given.
public struct DomainFilter: Sendable {
    /// What must be done about the domain; empty for anything.
    public var needs: Set<Need> = []
    /// The verdict; empty for any.
    public var verdicts: Set<Verdict> = []
    /// The reason of the verdict; empty for any.
    public var reasons: Set<VerdictReason> = []
    /// What was found, as `layer.code` or the code alone, the first failure among it; empty for
    /// anything.
    public var findings: Set<String> = []
    /// The provider of the mail or of the policy, in lower case; empty for any.
    public var providers: Set<String> = []
    /// The top-level domain, in lower case; empty for any.
    public var tlds: Set<String> = []
    /// Columns of the list and the values that they must have.
    public var columns: [(name: String, value: String)] = []
    /// The verdicts of an earlier scan, from which those must differ; nil for any.
    public var earlier: EarlierVerdicts?

    /// A filter that lets everything through.
    public init() {}

    /// Whether a domain is wanted as far as its name, the list's columns and its judgement say.
    ///
    /// This is asked first: it costs neither words nor names of providers.
    func admits(_ name: DomainName, _ columns: ListColumns?, _ judgement: Judgement) -> Bool {
        has(verdicts, judgement.verdict) && has(reasons, judgement.reason)
            && has(tlds, name.text.split(separator: ".").last.map(String.init) ?? "")
            && hasColumns(columns) && hasFinding(judgement) && hasChanged(name, judgement)
            && (needs.isEmpty
                || needs.contains(Headline(judgement.verdict, judgement.reason).need))
    }

    /// Whether a domain of these providers is wanted.
    func admits(mxProvider: String, policyProvider: String) -> Bool {
        providers.isEmpty
            || [mxProvider, policyProvider].contains { providers.contains($0.lowercased()) }
    }

    private func has<Value>(_ wanted: Set<Value>, _ value: Value) -> Bool {
        wanted.isEmpty || wanted.contains(value)
    }

    private func hasFinding(_ judgement: Judgement) -> Bool {
        guard !findings.isEmpty else { return true }
        if let failure = judgement.firstFailure, matches(failure.layer.rawValue, failure.word) {
            return true
        }
        return judgement.findings.contains { matches($0.layer.rawValue, $0.code) }
    }

    private func matches(_ layer: String, _ code: String) -> Bool {
        findings.contains(code) || findings.contains("\(layer).\(code)")
    }

    private func hasColumns(_ list: ListColumns?) -> Bool {
        columns.allSatisfy { name, value in
            guard let list, let place = list.names.firstIndex(of: name) else { return false }
            return list.values[place] == value
        }
    }

    private func hasChanged(_ name: DomainName, _ judgement: Judgement) -> Bool {
        guard let earlier else { return true }
        // What is not known now may be as it was.
        guard judgement.verdict != .unknown || verdicts.contains(.unknown) else { return false }
        return earlier[name.text] != VerdictSummary(judgement)
    }
}
