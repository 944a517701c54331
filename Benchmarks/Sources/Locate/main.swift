import DNS
import Glibc
import Networks

// Locate FILE… < ADDRESSES: what files of --asn-file say of each address of standard input, a line
// each; on standard error what loading them took.

func say(_ text: String) { fputs(text + "\n", stderr) }

func costs() -> String {
    var usage = rusage()
    getrusage(RUSAGE_SELF, &usage)
    let seconds = Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6
    return "\(seconds) s of processor time, \(usage.ru_maxrss / 1024) MiB at most"
}

do throws(NetworkFileError) {
    let files = try NetworkFiles(Array(CommandLine.arguments.dropFirst()))
    for file in files.identities { say("\(file.name): \(file.kind), \(file.entries) entries") }
    say("loaded: \(costs())")
    var finder = NetworkFinder(files)
    var count = 0
    while let line = readLine() {
        guard let address = IPAddress(line), let found = finder.networks(of: [address]).first else {
            continue
        }
        count += 1
        let systems = found.systems.map { "\($0)" }.joined(separator: "_")
        print(line, systems, found.country ?? "-", found.prefix ?? "-", found.name ?? "-")
    }
    say("\(count) addresses: \(costs())")
} catch {
    say("\(error)")
    exit(65)
}
