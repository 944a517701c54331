public import Findings

/// A sender of mail that records have a verdict for, named by what it is.
///
/// What each one does is data: see ``SenderModel``.
public enum Sender: String, DocumentedValue {
    case rfc
    case postfixLegacyTLSPol = "postfix_legacy_tlspol"
    case postfixLegacyResolver = "postfix_legacy_mta_sts_resolver"
    case postfixTLSPol = "postfix_tlspol"
    case postfixResolver = "postfix_mta_sts_resolver"
    case mox
    case exim
    case stalwart
    case kumomta

    /// The sender that the keys `postfix_verdict` and `postfix_outcome` are about.
    public static let postfix = Sender.postfixLegacyTLSPol

    /// What it is, and the rule of the RFC that it is compared with.
    public var meaning: String {
        switch self {
        case .rfc: "A sender that keeps to the RFCs and has nothing cached (RFC 8461 §5)."
        case .postfixLegacyTLSPol:
            "Postfix before 3.10.5, or without TLSRPT attributes, fed by postfix-tlspol: patterns "
                + "are compared with the certificate (RFC 8461 §4.1)."
        case .postfixLegacyResolver:
            "The same fed by postfix-mta-sts-resolver: an enforced policy takes the place of DANE "
                + "(RFC 8461 §2)."
        case .postfixTLSPol:
            "Postfix from 3.10.5 on with TLSRPT attributes from postfix-tlspol: patterns are "
                + "compared with MX hosts, DANE comes first (RFC 8461 §4.1)."
        case .postfixResolver:
            "The same with those of postfix-mta-sts-resolver: an enforced policy takes the place "
                + "of DANE (RFC 8461 §2)."
        case .mox: "mox: a host must meet DANE and an enforced policy, both (RFC 8461 §2)."
        case .exim: "Exim: DANE, and no MTA-STS (RFC 7672 §2.2)."
        case .stalwart: "Stalwart: DANE only at hosts that the policy allows (RFC 8461 §2)."
        case .kumomta: "KumoMTA as it comes: MTA-STS, and no DANE (RFC 8461 §5)."
        }
    }
}

/// A verdict for each sender, in one word of 64 bits.
public struct SenderVerdicts: Hashable, Sendable {
    /// Four bits for each sender: 0 for none, else one more than the verdict's index.
    private var bits: UInt64 = 0

    private static let width = 4
    /// The lowest bit of each sender's four.
    private static let ones = Sender.allCases.reduce(UInt64(0)) { $0 | 1 << shift($1) }

    /// No verdict for any sender.
    public init() {}

    /// The same verdict for all senders.
    init(_ verdict: Verdict) { bits = Self.number(of: verdict) * Self.ones }

    /// The verdict for a sender; nil where none is known.
    public subscript(sender: Sender) -> Verdict? {
        get {
            let number = Int(bits >> Self.shift(sender) & 0xF)
            return number == 0 ? nil : Verdict.allCases[number - 1]
        }
        set {
            let shift = Self.shift(sender)
            bits &= ~(0xF << shift)
            bits |= (newValue.map(Self.number) ?? 0) << shift
        }
    }

    /// Whether a verdict is known for any sender.
    public var isEmpty: Bool { bits == 0 }

    /// Whether the senders have verdicts that differ.
    public var differ: Bool {
        Sender.allCases.contains { self[$0] != self[.rfc] }
    }

    private static func number(of verdict: Verdict) -> UInt64 {
        switch verdict {
        case .protectedDANE: 1
        case .protectedSTS: 2
        case .partial: 3
        case .refused: 4
        case .testingOK: 5
        case .testingWouldFail: 6
        case .opportunistic: 7
        case .noMail: 8
        case .unknown: 9
        }
    }

    private static func shift(_ sender: Sender) -> Int {
        (Sender.allCases.firstIndex(of: sender) ?? 0) * width
    }
}
