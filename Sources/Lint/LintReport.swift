internal import DNS
internal import Explanations
internal import Findings
internal import MTASTS
internal import TLSRPT

/// The result for a text that is to be judged before it is deployed.
public struct LintReport: Sendable {
    /// Whether the text is valid; for a host, whether it is allowed.
    public var isValid: Bool { status == Self.ok }

    /// `ok`, or the code of the finding that decided.
    let status: String
    /// What the text says; nothing of it where it is not valid.
    let content: LintContent
    /// The faults in the order of the text, then advice.
    let findings: [LintFinding]
    /// Mistakes that many make, found in the texts: they say what the findings come from.
    private(set) var mistakes: [FoundMistake] = []
    /// The texts that were given.
    let texts: [[UInt8]]

    /// The status of what is valid.
    static let ok = "ok"

    /// Judges the TXT records at one `_mta-sts.` name (RFC 8461 §3.1).
    public init(records: [[UInt8]]) {
        let evaluation = STSRecordEvaluation(records: records.map { [$0] })
        self.init(
            status: evaluation.status, findings: evaluation.findings,
            content: evaluation.record.map { .record(id: $0.id) }, texts: records,
            selected: evaluation.selected ?? 0, vocabulary: "record")
        look { recordMistakes($0, of: .mtaSTS) }
    }

    /// Judges the TXT records at one `_smtp._tls.` name (RFC 8460 §3).
    public init(reportRecords records: [[UInt8]]) {
        let evaluation = TLSRPTRecordEvaluation(records: records.map { [$0] })
        self.init(
            status: evaluation.status, findings: evaluation.findings,
            content: evaluation.record.map { .reports(rua: $0.rua) }, texts: records,
            selected: evaluation.selected ?? 0, vocabulary: "tlsrpt")
        look { recordMistakes($0, of: .tlsrpt) }
    }

    /// The most octets of a policy that are judged (RFC 8461 §3.3).
    public static var policyOctetsMax: Int { PolicyResponse.bodyOctetsMax }

    /// Judges the body of a policy (RFC 8461 §3.2).
    public init(policy body: [UInt8]) {
        guard body.count <= Self.policyOctetsMax else {
            self.init(
                status: LintFault.tooLarge, findings: [], content: nil, texts: [body],
                offset: Self.policyOctetsMax)
            return
        }
        let evaluation = PolicyEvaluation(body: body)
        self.init(
            status: evaluation.status, findings: evaluation.findings,
            content: evaluation.policy.map(LintContent.policy), texts: [body],
            vocabulary: "policy")
        look(policyMistakes)
    }

    /// Judges whether mx patterns allow a host, given by the name that its MX record has
    /// (RFC 8461 §4.1).
    public init(host text: [UInt8], patterns texts: [[UInt8]]) {
        let host = (try? DomainName(presentation: text)).flatMap {
            $0.isHostName(allowingUnderscore: true) ? $0 : nil
        }
        var faults: [Finding] = host == nil ? [LintFault.badHost.at(0)] : []
        var arguments = faults.isEmpty ? [] : [0]
        var patterns: [MXPattern] = []
        for (index, text) in texts.enumerated() {
            do throws(MXPatternError) {
                patterns.append(try MXPattern(parsing: text))
            } catch {
                faults.note(error, at: 0)
                arguments.append(index + 1)
            }
        }
        var content = LintContent.invalid(nearMiss: nil)
        if let host, faults.isEmpty {
            content = LintContent(host, patterns)
            if case .invalid = content { (faults, arguments) = ([LintFault.notAllowed.at(0)], [0]) }
        }
        status = faults.first?.code ?? Self.ok
        self.content = content
        findings = zip(faults, arguments).map {
            let vocabulary = MXPatternError(rawValue: $0.code) == nil ? "lint" : "policy"
            return LintFinding(
                finding: $0, argument: $1, remedy: Self.remedy(of: $0, vocabulary, in: []))
        }
        self.texts = [text] + texts
        look(after: 1) { patternMistakes($0[...]) }
    }

    /// Looks for common mistakes in each text after the first so many.
    private mutating func look(after count: Int = 0, _ find: ([UInt8]) -> [FoundMistake]) {
        for (index, text) in texts.enumerated().dropFirst(count) {
            for var mistake in find(text) {
                if texts.count > 1 { mistake.argument = index }
                mistakes.append(mistake)
            }
        }
    }

    private init<Status: FindingCode>(
        status: Status, findings: [Finding], content: LintContent?, texts: [[UInt8]],
        selected: Int = 0, offset: Int = 0, vocabulary: String = "lint"
    ) {
        self.status = status.rawValue
        self.texts = texts
        self.content = content ?? .invalid(nearMiss: nil)
        let isNamed = status.rawValue == Self.ok || findings.contains { $0.code == status.rawValue }
        self.findings = ((isNamed ? [] : [status.at(offset)]) + findings).map {
            LintFinding(
                finding: $0, argument: texts.count > 1 ? selected : nil,
                isFault: Status(rawValue: $0.code) != nil,
                remedy: Self.remedy(of: $0, vocabulary, in: texts.isEmpty ? [] : texts[selected]))
        }
    }

    /// What `check` says is to be done, as far as it holds of any domain.
    private static func remedy(
        of finding: Finding, _ vocabulary: String, in text: [UInt8]
    ) -> String? {
        let code = "\(vocabulary).\(finding.code)"
        let explanation =
            Catalogue.explanation(of: code)
            ?? LintMistakes.codes.first { $0.code == code }?.explanation
        var evidence = Evidence()
        evidence.addLine(of: text, at: finding.offset)
        let steps = explanation?.steps.compactMap { $0.filled(with: evidence) } ?? []
        return steps.isEmpty ? nil : steps.joined(separator: " ")
    }
}

/// What a valid text says.
enum LintContent: Sendable {
    case record(id: String)
    case reports(rua: [String])
    case policy(Policy)
    case allowed(MXMatch, pattern: String)
    case invalid(nearMiss: String?)

    /// What patterns say of a host.
    fileprivate init(_ host: DomainName, _ patterns: [MXPattern]) {
        let match = MXMatch(host, patterns)
        let pattern = patterns.first { match == .literal ? $0 == .host(host) : $0.matches(host) }
        if let pattern {
            self = .allowed(match, pattern: pattern.description)
        } else {
            self = .invalid(nearMiss: NearMiss(host: host, patterns: patterns).rawValue)
        }
    }
}

/// A finding, and the text that it is in.
struct LintFinding: Sendable {
    let finding: Finding
    /// The text's position among those given; nil where there is only one.
    let argument: Int?
    /// Whether the finding makes the text invalid; otherwise it is advice.
    var isFault = true

    /// What to do; nil where nothing needs to be done.
    var remedy: String?

    /// `error`, or `note` for advice on a text that is valid all the same.
    var severity: String { isFault ? "error" : "note" }
}

/// What makes a text invalid before it is judged, or a host refused after it was.
enum LintFault: String, FindingCode {
    case tooLarge = "too_large"
    case badHost = "bad_host"
    case notAllowed = "not_allowed"

    /// The rule.
    var section: String {
        switch self {
        case .tooLarge: "RFC 8461 §3.3"
        case .badHost: "RFC 5321 §5.1"
        case .notAllowed: "RFC 8461 §4.1"
        }
    }

    /// The rule as text.
    var message: String {
        switch self {
        case .tooLarge: "senders read 65536 octets of a policy and discard a longer one"
        case .badHost: "an MX record has the name of a host, of letters, digits and hyphens"
        case .notAllowed: "no pattern is the host's name, or a wildcard for its leftmost label"
        }
    }
}
