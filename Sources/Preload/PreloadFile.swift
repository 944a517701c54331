internal import Archive
internal import DNS
internal import FoundationEssentials
public import Judgement
internal import TLS

/// A STARTTLS Everywhere list as it was read.
public struct PreloadFile: Sendable {
    /// The file's name as given.
    public let name: String
    /// The size of the file.
    public let bytes: Int
    /// SHA-256 of the file, lower-case hex.
    public let sha256: String
    /// What it lists.
    public let list: PreloadList

    /// The most octets of a file that are read.
    private static let bytesMax = 1 << 28

    /// Reads a file; an error names it and what is wrong with it.
    public init(_ path: String) throws(PreloadError) {
        let octets: [UInt8]
        do throws(ArchiveError) {
            octets = try readWhole(path, limit: Self.bytesMax)
        } catch {
            throw .missing("cannot open the preload list \(path): \(error.reason)")
        }
        try self.init(name: path, octets: octets)
    }

    /// Reads the octets of a file; an error names the file and what is wrong with it.
    public init(name: String, octets: [UInt8]) throws(PreloadError) {
        self.name = name
        bytes = octets.count
        sha256 = unsafe octets.withUnsafeBytes { unsafe SHA256Digest.of($0) }
        let document: PreloadDocument
        do {
            document = try JSONDecoder().decode(PreloadDocument.self, from: Data(octets))
        } catch let error as DecodingError {
            throw .refused("the preload list \(name): \(reason(error))")
        } catch {
            throw .refused("the preload list \(name): \(error)")
        }
        do throws(PreloadFault) {
            list = try document.list
        } catch {
            throw .refused("the preload list \(name): \(error.text)")
        }
    }
}

/// Why a preload list cannot be used.
public enum PreloadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file is not there, or cannot be read.
    case missing(String)
    /// It is no preload list, or not the one that is wanted.
    case refused(String)

    /// The message, which names the file.
    public var description: String {
        switch self {
        case .missing(let text), .refused(let text): text
        }
    }
}

/// The fault of a list that is valid JSON.
private struct PreloadFault: Error {
    let text: String
}

/// The file, as its JSON schema of version 0.1 has it.
private struct PreloadDocument: Decodable {
    struct Policy: Decodable {
        var mode: String?
        var mxs: [String]?
        var alias: String?

        enum CodingKeys: String, CodingKey {
            case mode, mxs
            case alias = "policy-alias"
        }
    }

    var policies: [String: Policy]
    var aliases: [String: Policy]?

    enum CodingKeys: String, CodingKey {
        case policies
        case aliases = "policy-aliases"
    }

    var list: PreloadList {
        get throws(PreloadFault) {
            var entries: [DomainName: PreloadList.Entry] = [:]
            for (domain, policy) in policies {
                guard let name = try? DomainName(domain) else {
                    throw PreloadFault(text: "'\(domain)' is no domain name")
                }
                entries[name] = try entry(policy, of: domain)
            }
            return PreloadList(entries: entries)
        }
    }

    private func entry(
        _ listed: Policy, of domain: String
    ) throws(PreloadFault) -> PreloadList.Entry {
        var policy = listed
        if let alias = listed.alias {
            guard let target = aliases?[alias] else {
                throw PreloadFault(text: "\(domain): there is no alias '\(alias)'")
            }
            policy = target
        }
        guard let mode = policy.mode.flatMap(PreloadMode.init) else {
            throw PreloadFault(text: "\(domain): the mode is neither testing nor enforce")
        }
        var patterns: [PreloadPattern] = []
        for text in policy.mxs ?? [] {
            guard let pattern = PreloadPattern(text) else {
                throw PreloadFault(text: "\(domain): '\(text)' is no pattern")
            }
            patterns.append(pattern)
        }
        guard !patterns.isEmpty else { throw PreloadFault(text: "\(domain): there are no mxs") }
        return PreloadList.Entry(mode: mode, patterns: patterns)
    }
}

private func reason(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): "no key '\(key.stringValue)'"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
        "another type is expected at "
            + context.codingPath.map(\.stringValue).joined(separator: ".")
    case .dataCorrupted: "not valid JSON"
    @unknown default: "\(error)"
    }
}
