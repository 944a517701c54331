// # Which domains of a scan, and what to tell their owners
//
// `FolderSelection` reads a scan's folder, judges its facts as `rejudge` does, and hands on each
// domain that a `DomainFilter` lets through, with its `Diagnosis`: `stsurvey list` writes them as
// text, tables or letters.

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

    func admits(_ domain: SelectedDomain) -> Bool {
        has(verdicts, domain.judgement.verdict) && has(reasons, domain.judgement.reason)
            && has(needs, domain.diagnosis.need) && hasFinding(domain.judgement)
            && hasProvider(domain) && hasColumns(domain.entry.columns)
            && has(tlds, domain.tld) && hasChanged(domain)
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

    private func hasProvider(_ domain: SelectedDomain) -> Bool {
        providers.isEmpty
            || [domain.mxProvider, domain.policyProvider].contains {
                providers.contains($0.lowercased())
            }
    }

    private func hasColumns(_ list: ListColumns?) -> Bool {
        columns.allSatisfy { name, value in
            guard let list, let place = list.names.firstIndex(of: name) else { return false }
            return list.values[place] == value
        }
    }

    private func hasChanged(_ domain: SelectedDomain) -> Bool {
        guard earlier != nil else { return true }
        // What is not known now may be as it was.
        guard domain.judgement.verdict != .unknown || verdicts.contains(.unknown) else {
            return false
        }
        return domain.earlier != domain.now
    }
}
