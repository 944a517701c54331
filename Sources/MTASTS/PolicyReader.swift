internal import DNS

// # How programs read a policy where they differ
//
// `PolicyEvaluation` judges a body by the RFC. The programs that fetch policies for senders are
// more lenient here and stricter there. What each of them does stands in its source, and is data: a
// `PolicyReader` has a value for each point on which they differ, and one parser,
// `LenientPolicyParser`, acts by these values. Which program has which is in module Judgement.

/// How a program reads the response of a policy host (RFC 8461 §3.2, §3.3).
public struct PolicyReader: Sendable {
    /// The media types that are taken for a policy.
    public enum MediaTypes: Sendable {
        /// Content-Type is not looked at.
        case any
        /// `text/plain` in any case; parameters are not looked at.
        case textPlain
        /// `text/plain` in any case, with parameters that keep the grammar (RFC 9110 §8.3.1).
        case textPlainAndParameters
        /// `text/plain` in lower case; parameters are not looked at.
        case textPlainInLowerCase
    }

    /// How octets become text.
    public enum Charset: Sendable {
        /// Always UTF-8; other octets become U+FFFD.
        case repairedUTF8
        /// Always UTF-8; a body with other octets is none.
        case utf8
        /// As the Content-Type says, US-ASCII where it does not; a body that is other is none.
        case declared
    }

    /// What ends a line.
    public enum LineEnds: Sendable {
        /// LF, and CR before it belongs to it.
        case lf
        /// Whatever Python's `str.splitlines` takes for one: a lone CR, VT, FF and others too.
        case unicode
    }

    /// What becomes of lines that are no field.
    public enum OtherLines: Sendable {
        /// The policy is none.
        case refused
        /// They are skipped.
        case skipped
        /// They are skipped where they have no octet; the policy is none where they have.
        case skippedIfEmpty
        /// They become part of the key of the next field.
        case joined
    }

    /// What a key that stands there already does.
    public enum Duplicates: Sendable {
        /// The first counts (RFC 8461 §3.2), whatever the others are.
        case first
        /// The first counts, and the others must be good.
        case firstOfGood
        /// The last counts, whatever the others are.
        case last
        /// The last counts, and the others must be good.
        case lastOfGood
        /// The policy is none.
        case refused
    }

    /// The numbers that are a max_age.
    public enum MaxAges: Sendable {
        /// 1 to 10 digits; what is more than a year counts as a year.
        case capped
        /// 1 to 10 digits, up to 2147483647.
        case int32
        /// What Python's `int` takes, from 0 to a year.
        case pythonInteger
        /// Digits, a plus sign before them or not, up to 18446744073709551615.
        case uint64
        /// Any text: what is no number counts as a day.
        case any
    }

    /// The values of mx that are taken for patterns.
    public enum Patterns: Sendable {
        /// Those of the RFC, and names that end in the root's dot.
        case namesAndRootDot
        /// Those of the RFC, and IPv4 addresses, which are names of digits.
        case namesAndDigits
        /// Any text.
        case any
    }

    /// The media types that are taken for a policy.
    public var mediaTypes: MediaTypes
    /// The content codings that are undone, in lower case; others are not looked at.
    public var codings: Set<String>
    /// Whether the policy of a response counts whose status is not 200.
    public var takesAnyStatus = false
    /// Whether bodies of more than 64 KiB are read as well.
    public var takesLargeBodies = false
    /// How octets become text.
    public var charset: Charset
    /// What ends a line.
    public var lineEnds = LineEnds.lf
    /// What becomes of blank lines.
    public var blankLines: OtherLines
    /// What becomes of other lines without a colon.
    public var otherLines = OtherLines.refused
    /// Whether white space around keys, and any white space around values, is removed.
    public var trimsKeys = false
    /// Whether unknown keys and their values must keep the grammar, and white space is WSP alone.
    public var keepsGrammar = false
    /// What a key that stands there already does.
    public var duplicates: Duplicates
    /// Whether the version must be there; where it need not, its case does not matter either.
    public var needsVersion = true
    /// Whether the mode and max_age must be there; otherwise `none` and a day.
    public var needsModeAndAge = true
    /// Whether mode none needs an mx as well.
    public var alwaysNeedsMX = false
    /// The numbers that are a max_age.
    public var maxAges: MaxAges
    /// Whether a policy with a max_age of 0 is kept for the mail that it was fetched for.
    public var keepsZeroAge = true
    /// The values of mx that are taken for patterns.
    public var patterns: Patterns
    /// Whether an mx without a name, empty or `*.`, is as if it were not there.
    public var skipsEmptyPatterns = false

    /// A reader of these properties; the others have their defaults.
    public init(
        mediaTypes: MediaTypes, codings: Set<String>, charset: Charset, blankLines: OtherLines,
        duplicates: Duplicates, maxAges: MaxAges, patterns: Patterns
    ) {
        self.mediaTypes = mediaTypes
        self.codings = codings
        self.charset = charset
        self.blankLines = blankLines
        self.duplicates = duplicates
        self.maxAges = maxAges
        self.patterns = patterns
    }
}

/// The response of a policy host, as far as readers look at it.
public struct PolicyResponse: Sendable {
    /// The most octets of a body that senders read (RFC 8461 §3.3).
    public static let bodyOctetsMax = 65536

    /// Whether the status is 200.
    public var isOK: Bool
    /// The Content-Type as sent; nil where none was.
    public var contentType: [UInt8]?
    /// Whether Content-Type and coding are known: not of a policy that an earlier scan has fetched.
    public var hasHeader: Bool
    /// The Content-Encoding as sent; nil where none was.
    public var contentEncoding: [UInt8]?
    /// Whether the coding could not be undone, so that the body is as it was sent.
    public var isStillCoded: Bool
    /// Whether the body is larger than what was read of it.
    public var isCut: Bool
    /// The body.
    public var body: [UInt8]

    /// A response of these parts.
    public init(
        isOK: Bool = true, contentType: [UInt8]? = nil, hasHeader: Bool = true,
        contentEncoding: [UInt8]? = nil, isStillCoded: Bool = false, isCut: Bool = false,
        body: [UInt8]
    ) {
        self.isOK = isOK
        self.contentType = contentType
        self.hasHeader = hasHeader
        self.contentEncoding = contentEncoding
        self.isStillCoded = isStillCoded
        self.isCut = isCut
        self.body = body
    }
}

/// What a reader makes of a response.
public enum PolicyReading: Hashable, Sendable {
    /// A policy.
    case policy(ReadPolicy)
    /// Nothing that it takes for a policy.
    case none
    /// It reads more than was read here.
    case unknown
}

/// A policy as a reader keeps it: with patterns that may be none of the RFC's.
public struct ReadPolicy: Hashable, Sendable {
    /// What senders do with a host that fails.
    public var mode: Mode
    /// How long the policy is kept, in seconds.
    public var maxAge: Int
    /// The values of mx as texts.
    public var patterns: [String]
}

extension PolicyReader {
    /// Reads a response.
    public func read(_ response: PolicyResponse) -> PolicyReading {
        guard response.isOK || takesAnyStatus else { return .none }
        guard accepts(response), undoesWhatWasUndone(of: response) else { return .none }
        guard !response.isCut else { return takesLargeBodies ? .unknown : .none }
        guard let text = text(of: response) else { return .none }
        var parser = LenientPolicyParser(self)
        guard let policy = parser.parse(text) else { return .none }
        return policy.maxAge > 0 || keepsZeroAge ? .policy(policy) : .none
    }

    private func accepts(_ response: PolicyResponse) -> Bool {
        guard response.hasHeader else { return true }
        let type = MediaType(response.contentType ?? [])
        return switch mediaTypes {
        case .any: true
        case .textPlain: type.name.spells(ignoringCase: "text/plain")
        case .textPlainAndParameters:
            type.name.spells(ignoringCase: "text/plain") && type.hasGoodParameters
        case .textPlainInLowerCase: type.name.spells("text/plain")
        }
    }

    /// Whether this reader sees the body that is known: the one that was sent, or the decoded one.
    private func undoesWhatWasUndone(of response: PolicyResponse) -> Bool {
        guard let encoding = response.contentEncoding else { return true }
        let coding = String(decoding: encoding.map(\.lowercased), as: UTF8.self)
        let isPlain = coding.isEmpty || coding == "identity"
        return isPlain || codings.contains(coding) != response.isStillCoded
    }

    private func text(of response: PolicyResponse) -> String? {
        switch charset {
        case .repairedUTF8: return String(decoding: response.body, as: UTF8.self)
        case .utf8: return String(validating: response.body, as: UTF8.self)
        case .declared:
            let type = MediaType(response.contentType ?? [])
            return type.decode(response.body, withoutCharset: response.hasHeader ? .ascii : .utf8)
        }
    }
}
