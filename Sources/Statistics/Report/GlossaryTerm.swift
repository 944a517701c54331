internal import Explanations
internal import Findings
internal import Judgement
internal import MTASTS
internal import Observations

/// A value of a table in words, with its meaning for the glossary.
struct GlossaryTerm: Hashable {
    /// What charts call it.
    var label: String
    /// The value as records and tables have it, with its vocabulary; empty for plain words.
    var code = ""
    /// What it means; empty for plain words.
    var meaning = ""

    /// The words, with a link to the glossary where there is more to say.
    var html: String {
        guard !meaning.isEmpty else { return label.html }
        return "<a class=\"term\" href=\"#\(anchor)\" title=\"\(meaning.html)\">\(label.html)</a>"
    }

    /// The words and the meaning as an entry of the glossary.
    var entry: String {
        "<div id=\"\(anchor)\"><dt>\(label.html) <code>\(code.html)</code></dt>"
            + "<dd>\(meaning.htmlWithCode)</dd></div>\n"
    }

    private var anchor: String {
        "g-" + String(code.map { $0.isLetter || $0.isNumber ? $0 : "-" })
    }
}

extension GlossaryTerm {
    /// A value of a documented vocabulary.
    init(_ vocabulary: String, _ value: some DocumentedValue, _ label: String) {
        self.init(label: label, code: "\(vocabulary).\(value.rawValue)", meaning: value.meaning)
    }

    /// A verdict.
    init(_ verdict: Verdict) { self.init("verdict", verdict, verdict.label) }

    /// A first failure.
    init(_ failure: FirstFailure) {
        self.init(label: failure.shortName, code: failure.text, meaning: failure.meaning)
    }

    /// The values that a row of a table is about, in words.
    static func all(of table: String, _ labels: [String]) -> [GlossaryTerm] {
        known(table, labels) ?? plain(table, labels)
    }

    private static func known(_ table: String, _ labels: [String]) -> [GlossaryTerm]? {
        let value = labels[0]
        switch table {
        case "verdicts": return Verdict(rawValue: value).map { [GlossaryTerm($0)] }
        case "reasons":
            guard let verdict = Verdict(rawValue: value),
                let reason = VerdictReason(rawValue: labels[1])
            else { return nil }
            return [
                GlossaryTerm(verdict), GlossaryTerm("verdict_reason", reason, reason.shortName),
            ]
        case "first_failures":
            return FirstFailure.allCases.first { $0.text == value }.map { [GlossaryTerm($0)] }
        case "policy_errors": return policyError(labels[1]).map { [$0] }
        default: return one(table, value).map { [$0] }
        }
    }

    /// The value of a table whose rows are those of one vocabulary.
    private static func one(_ table: String, _ value: String) -> GlossaryTerm? {
        switch table {
        case "modes": Mode(rawValue: value).map { GlossaryTerm("sts_mode", $0, $0.rawValue) }
        case "records":
            STSRecordStatus(rawValue: value).map { GlossaryTerm("record", $0, $0.shortName) }
        case "mx_certificates", "host_certificates":
            CertificateStatus(rawValue: value).map { GlossaryTerm("certificate", $0, $0.shortName) }
        case "mx_mismatches":
            NearMiss(rawValue: value).map { GlossaryTerm("mx_match", $0, $0.shortName) }
        case "dane":
            DomainDANEStatus(rawValue: value).map { GlossaryTerm("dane_status", $0, $0.shortName) }
        case "tlsrpt":
            TLSRPTStatus(rawValue: value).map { GlossaryTerm("tlsrpt", $0, $0.shortName) }
        case "tlsrpt_results":
            TLSRPTResult(rawValue: value).map {
                GlossaryTerm("tlsrpt_result", $0, $0.meaningWithoutRule)
            }
        case "hosts":
            ProbeStatus(rawValue: value).map { GlossaryTerm("smtp", $0, $0.shortName) }
        case "host_dane_failures":
            DANEFailure(rawValue: value).map {
                GlossaryTerm("dane_failure", $0, $0.meaningWithoutRule)
            }
        case "sender_verdicts": Sender(rawValue: value).map { GlossaryTerm(label: $0.label) }
        default: nil
        }
    }

    private static func policyError(_ value: String) -> GlossaryTerm? {
        if let status = PolicyFetchStatus(rawValue: value) {
            return GlossaryTerm("policy_fetch", status, status.shortName)
        }
        return PolicyStatus(rawValue: value).map {
            GlossaryTerm("policy", $0, "text: " + $0.shortName)
        }
    }

    private static func plain(_ table: String, _ labels: [String]) -> [GlossaryTerm] {
        if let words = rowWords[table]?[labels[0]] { return [GlossaryTerm(label: words)] }
        switch table {
        // The second label says it in words.
        case "max_age", "host_lifetimes", "host_lifetime_left", "microsoft_mx",
            "host_authorities":
            return [GlossaryTerm(label: labels[1])]
        case "host_keys", "networks":
            return [GlossaryTerm(label: labels.filter { !$0.isEmpty }.joined(separator: " "))]
        default: return [GlossaryTerm(label: labels[0])]
        }
    }
}

/// Values that no vocabulary of the records has.
private let rowWords: [String: [String: String]] = [
    "funnel": stageWords,
    "misconfigurations": [
        "any": "any of these", "record": "record not valid",
        "policy_retrieval": "policy cannot be fetched", "policy_syntax": "policy not valid",
        "mx_certificate": "a host's certificate not valid",
        "mx_mismatch": "a host that the policy does not name",
    ],
    "policy_layers": [
        "dns": "DNS", "tcp": "connection", "tls": "TLS and certificate", "http": "HTTP",
        "syntax": "text of the policy", "not_contacted": "not contacted",
    ],
    "mx_classes": [
        "third_party": "at a third party", "self": "run by the domain itself",
        "unclear": "neither many domains nor few", "none": "no host with a name",
    ],
    "same_provider": [
        "same": "one provider for both", "different": "two providers",
        "mx_self": "own mail, policy at a provider",
        "policy_self": "mail at a provider, own policy",
        "both_self": "both run by the domain", "unclear": "not clear",
    ],
    "mx_certificates": ["any": "any of these"],
    "mx_mismatches": ["any": "any of these"],
    "ranks": [
        "1-1000": "1 to 1,000", "1001-10000": "1,001 to 10,000",
        "10001-100000": "10,001 to 100,000", "100001-1000000": "100,001 to a million",
        "1000001-": "beyond a million", "unranked": "without a rank",
    ],
    "host_requiretls": [
        "true": "offered", "false": "not offered", "(none)": "no reply inside TLS",
    ],
    "host_issuers": ["(none)": "no organization named", "(self-signed)": "signed by itself"],
    "mx_providers": operatorWords, "policy_providers": operatorWords,
    "host_versions": ["(none)": "no TLS"], "host_groups": ["(none)": "no TLS, or not known"],
]

/// Operators that are none.
let operatorWords = ["(self)": "the domain itself", "(none)": "not known"]

/// The stages of the funnel.
let stageWords = [
    "lines": "lines of the list", "scanned": "domain names scanned",
    "answered": "whose MX lookup was answered", "has_mail": "take mail",
    "has_record": "have an MTA-STS record", "record_valid": "the record is valid",
    "has_policy": "have a valid policy", "enforce": "in mode enforce",
    "testing": "in mode testing", "none": "in mode none",
    "enforce_protected": "in mode enforce, and protected",
    "verdict_known": "whose result is known", "protected": "protected by MTA-STS or DANE",
    "policy_unused": "serve a policy that no sender fetches, behind a record not valid",
    "record_without_mail": "have a record and take no mail",
]

extension String {
    /// The name of a column in words.
    var columnWords: String { knownColumns[self] ?? spoken }
}

private let knownColumns = [
    "tld": "top-level domain", "layer": "step", "class": "run by", "providers": "mail and policy",
    "part": "what is wrong", "status": "end of the probe",
    "mail": "take mail", "records": "with a record", "policies": "with a valid policy",
    "protected_sts": "protected by MTA-STS", "protected_dane": "protected by DANE",
    "testing_would_fail": "testing, would be refused", "from_postfix": "from Postfix",
    "with_record": "with a record", "with_policy": "with a valid policy",
    "with_mail": "that take mail", "with_error": "with this error too",
    "enforce_all": "enforce, all hosts", "enforce_partial": "enforce, some hosts",
    "all_mismatch": "no host named", "mismatch": "not all hosts named",
    "bad_certificate": "with a bad certificate", "mx_secure": "MX signed",
    "dane": "with TLSA", "self": "own", "third_party": "third party",
    "record_gone": "record gone", "host_gone": "host gone", "not_found": "404",
    "mode_none": "mode none", "of_domains": "of domains", "of_weight": "of weight",
    "policy_domains": "by policy host", "tls": "TLS", "http": "HTTP", "dns": "DNS",
    "tcp": "connection", "ok": "fetched and valid",
]
