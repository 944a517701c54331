import ArgumentParser
import DNS
import DomainList
import Logging
import Records
import Scan

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check one domain and explain the result step by step.",
        discussion: """
            Examples:
              stsurvey check example.org
              stsurvey check postmaster@example.org --json
              stsurvey check example.org --name-servers 127.0.0.1
            """)

    @Argument(help: "The domain. Of a mail address or a URL the domain is taken.")
    var domain: String

    @Flag(help: "Print the domain's record instead, as a scan would write it.")
    var json = false

    @OptionGroup var options: DeclaredOptions<OfCheck>

    func run() throws {
        let options = try self.options.readOptions()
        let name: DomainName
        do throws(InvalidName) {
            name = try NameReader.name(from: Self.domain(in: domain))
        } catch {
            throw CommandFailure(.usage, error.message)
        }
        let checked: CheckedDomain
        do throws(ScanError) {
            checked = try check(name, options)
        } catch {
            throw CommandFailure(error)
        }
        for warning in checked.warnings { options.log.warning("\(warning)") }
        try StandardOutput.write(
            json ? checked.line(input: domain) : Explanation(checked).text)
    }

    /// The domain of a mail address or a URL; other text as it is.
    static func domain(in text: String) -> String {
        var rest = text[...]
        let scheme = rest.firstRange(of: "://")
        if let scheme { rest = rest[scheme.upperBound...].prefix { !"/?#".contains($0) } }
        if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        if scheme != nil { rest = rest.prefix { $0 != ":" } }
        return String(rest)
    }
}
