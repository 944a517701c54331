import Glibc

/// What the process takes of the machine.
struct ProcessUse: Sendable {
    let residentBytes: Int
    let cpuMilliseconds: Int
    let openDescriptors: Int

    /// As it is now.
    init() {
        var use = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &use)
        cpuMilliseconds =
            [use.ru_utime, use.ru_stime].reduce(0) {
                $0 + $1.tv_sec * 1000 + Int($1.tv_usec) / 1000
            }
        let pages = readFile("/proc/self/statm", limit: 256)?.split(separator: " ") ?? []
        let resident = pages.count > 1 ? Int(pages[1]) ?? 0 : 0
        residentBytes = resident * sysconf(Int32(_SC_PAGESIZE))
        openDescriptors = Self.countDescriptors()
    }

    private static func countDescriptors() -> Int {
        guard let folder = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { unsafe closedir(folder) }
        var count = 0
        while unsafe readdir(folder) != nil { count += 1 }
        // Without `.`, `..` and the folder's own.
        return max(0, count - 3)
    }
}
