import DNS
import DomainList
import Glibc

// Names LIST: prints the names of a list as a scan takes them, a line each, and nothing of lines that
// name no domain; on standard error how the list is laid out, what its lines were, and what that took.

/// Writes all octets to standard output; ends the program where that fails.
func write(_ octets: [UInt8]) {
    let count = octets.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, stdout) }
    if count < octets.count { exit(74) }
}

func say(_ text: String) { fputs(text + "\n", stderr) }

func printNames(of path: String) throws(ListError) {
    let list = try OpenedList(ListLocation(name: path, path: path))
    say("the list \(path): \(try list.examine().description)")
    let reader = ListReader([list])
    var octets: [UInt8] = []
    while let entry = try reader.next() {
        guard case .success(let name) = entry.name else { continue }
        octets.append(contentsOf: name.text.utf8)
        octets.append(UInt8(ascii: "\n"))
        if octets.count >= 1 << 16 {
            write(octets)
            octets.removeAll(keepingCapacity: true)
        }
    }
    write(octets)
    fflush(stdout)
    let seen = reader.statistics
    let others = seen.passedOver.map { "\($0.key.rawValue) \($0.value)" }.sorted()
    say("\(seen.lines) lines, \(seen.entries) entries, \(seen.invalid) invalid; \(others)")
}

func sayCosts() {
    var usage = rusage()
    getrusage(RUSAGE_SELF, &usage)
    let seconds = Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6
    say("\(seconds) s of processor time, \(usage.ru_maxrss / 1024) MiB at most")
}

guard CommandLine.arguments.count == 2 else {
    say("usage: Names LIST")
    exit(64)
}
do throws(ListError) {
    try printNames(of: CommandLine.arguments[1])
    sayCosts()
} catch {
    say("\(error)")
    exit(65)
}
