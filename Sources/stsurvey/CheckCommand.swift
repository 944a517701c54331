import ArgumentParser
import DNS
import DomainList
import Scan
import Survey

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check one domain and explain the result step by step.")

    @Argument(help: "The domain.")
    var domain: String

    @Flag(help: "Print the domain's record instead, as a scan would write it.")
    var json = false

    @OptionGroup(title: "Network")
    var network: NetworkOptions

    func run() throws {
        let name: DomainName
        do throws(InvalidName) {
            name = try NameReader.name(from: domain)
        } catch {
            Message.error(error.message)
            throw ExitCode.usage
        }
        var options = ScanOptions()
        try network.apply(to: &options)
        do throws(ScanError) {
            let checked = try check(name, options)
            checked.warnings.forEach(Message.error)
            print(json ? checked.line(input: domain) : Explanation(checked).text, terminator: "")
        } catch {
            Message.error(error.description)
            throw error.exitCode
        }
    }
}
