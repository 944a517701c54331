/// What is known of a case, by the name of the placeholder that it fills.
public struct Evidence: Sendable {
    private var values: [Placeholder: String] = [:]

    /// No evidence.
    public init() {}

    /// The value of a placeholder; nil where it is not known or the name is none.
    subscript(name: String) -> String? { Placeholder(rawValue: name).flatMap { values[$0] } }

    /// The value of a placeholder; nil where it is not known.
    public subscript(placeholder: Placeholder) -> String? {
        get { values[placeholder] }
        set { values[placeholder] = newValue.flatMap { $0.isEmpty ? nil : $0 } }
    }
}

extension Evidence {
    /// How many characters of a peer's text are shown.
    private static let shownMax = 200

    /// Adds the line of a text that has the octet, and its number.
    package mutating func addLine(of text: [UInt8], at offset: Int) {
        guard offset < text.count else { return }
        // RFC 8461 §3.2: lines end with LF or CRLF; a CR alone is one of the line's octets.
        let start = text[..<offset].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        var line = text[start...].prefix { $0 != 0x0A }
        if line.last == 0x0D { line.removeLast() }
        self[.line] = Self.text(Array(line))
        self[.lineNumber] = String(Self.lineNumber(of: text, at: offset))
        addMistake(in: String(decoding: line, as: UTF8.self))
        guard line.contains(0x0D) else { return }
        let parts = line.split(separator: 0x0D, omittingEmptySubsequences: false)
        self[.crLine] = Self.text(Array(parts.joined(separator: Array("\\r".utf8))))
    }

    /// Adds what the line should be, where a key has capitals or a host a dot too many.
    private mutating func addMistake(in line: String) {
        let parts = line.split(separator: ":", maxSplits: 1)
        guard let key = parts.first, let value = parts.last, parts.count == 2 else { return }
        let name = key.lowercased()
        if name != key, ["version", "mode", "mx", "max_age"].contains(name) {
            self[.knownKey] = name
        }
        let host = value.filter { $0 != " " && $0 != "\t" }
        if host.hasPrefix(".") { self[.rightLine] = "mx: *\(host)" }
        if host.hasSuffix(".") { self[.rightLine] = "mx: \(host.dropLast())" }
    }

    /// The number of the line that has the octet, from 1.
    static func lineNumber(of text: [UInt8], at offset: Int) -> Int {
        text.prefix(offset).count { $0 == 0x0A } + 1
    }

    /// A peer's octets as they are shown.
    static func text(_ octets: [UInt8]) -> String {
        shown(String(decoding: octets, as: UTF8.self))
    }

    /// A peer's text as far as it is shown.
    static func shown(_ text: String) -> String {
        text.count > shownMax ? text.prefix(shownMax) + "..." : text
    }
}

/// A name that stands in templates for a piece of evidence.
public enum Placeholder: String, CaseIterable, Sendable {
    /// The policy domain.
    case domain
    /// The policy host, `mta-sts.` and the domain.
    case policyHost = "policy_host"
    /// The URL of the policy.
    case policyURL = "policy_url"
    /// The MX host.
    case host
    /// Further hosts of which the same is true, separated by commas.
    case otherHosts = "other_hosts"
    /// All hosts that mail goes to, separated by commas.
    case allHosts = "all_hosts"
    /// Lines of a policy that allow all hosts that mail goes to, separated by commas.
    case mxLines = "mx_lines"
    /// The mx patterns of the policy, separated by commas.
    case patterns
    /// The pattern that is nearest to the host.
    case pattern
    /// The max_age of the policy, in seconds.
    case maxAge = "max_age"
    /// An address that was connected to.
    case address
    /// The addresses of a name, separated by commas.
    case addresses
    /// The status code of an HTTP response.
    case httpStatus = "http_status"
    /// The Location of a redirect.
    case location
    /// The Content-Type of a response.
    case contentType = "content_type"
    /// The Content-Encoding of a response.
    case contentEncoding = "content_encoding"
    /// The names that a certificate is for, separated by commas.
    case names
    /// The day a certificate expired on, such as 2026-11-30.
    case expiry
    /// The day a certificate that has not expired ends on.
    case lastDay = "last_day"
    /// The day from which on a certificate is valid.
    case begin
    /// Whose certificate signed that of the host: an organization, or a distinguished name.
    case issuer
    /// The name of a TLS alert, such as `handshake_failure` (RFC 8446 §6).
    case alert
    /// The version of TLS that the peer chose.
    case tlsVersion = "tls_version"
    /// What a server replied, on one line.
    case reply
    /// TXT records, each in quotation marks.
    case txt
    /// What stands in a text that was judged.
    case value
    /// What is to be written instead.
    case wanted
    /// A line of the policy.
    case line
    /// Its number, from 1.
    case lineNumber = "line_number"
    /// The key that its key is, but for capitals.
    case knownKey = "known_key"
    /// What the line should be.
    case rightLine = "right_line"
    /// The line with `\r` for each carriage return in it; none where it has none.
    case crLine = "cr_line"
    /// The numbers of further lines of which the same is true, separated by commas.
    case otherLines = "other_lines"
    /// The names that MX records have and no host can have.
    case exchanges
    /// The name that TLSA records of a host stand at.
    case tlsaName = "tlsa_name"
    /// The TLSA records that are there, as in a zone file.
    case tlsa
    /// The TLSA record for the key that the host uses, as in a zone file.
    case tlsaWanted = "tlsa_wanted"
    /// What is wrong with a certificate whose chain a TLSA record matches, such as `expired`.
    case fault
    /// Addresses of a host that fail.
    case failingAddresses = "failing_addresses"
    /// Why an answer of DNS cannot be used, as part of a sentence.
    case dnsFault = "dns_fault"
    /// An id for a record that was not used before: the time of the check.
    case newID = "new_id"
}
