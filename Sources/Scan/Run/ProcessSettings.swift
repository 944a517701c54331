internal import CMimalloc
import Glibc

/// The process's limit of open descriptors.
enum FileLimit {
    /// Raises the soft limit as far as is allowed and returns it.
    static func raise() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(resource, &limit) == 0 else { return 1024 }
        limit.rlim_cur = limit.rlim_max
        unsafe setrlimit(resource, &limit)
        unsafe getrlimit(resource, &limit)
        return Int(clamping: limit.rlim_cur)
    }
}

/// How much memory the process may have.
enum MemoryLimit {
    /// The least of what the machine has, of `ulimit -v`, and of memory.max of the control group
    /// and those above it.
    static func bytes() -> Int {
        var limits = [sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))]
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 {
            limits.append(Int(clamping: limit.rlim_cur))
        }
        return (limits + controlGroups.compactMap(memoryMax)).filter { $0 > 0 }.min() ?? .max
    }

    /// The paths of the control group and of those above it, below where they are mounted.
    private static var controlGroups: [Substring] {
        let line = readFile("/proc/self/cgroup", limit: 1 << 16)?.split(separator: "\n")
            .first { $0.hasPrefix("0::") }
        guard var path = line?.dropFirst(3) else { return [] }
        var paths = [path]
        while let end = path.lastIndex(of: "/") {
            path = path[..<end]
            paths.append(path)
        }
        return paths
    }

    private static func memoryMax(of group: Substring) -> Int? {
        readFile("/sys/fs/cgroup\(group)/memory.max", limit: 64)
            .flatMap { Int($0.prefix { $0 != "\n" }) }
    }
}

/// The absolute path, by the current working directory, so that it names the same file from any
/// other; `-` (standard input), and a path whose working directory was removed, are not changed.
public func absolutePath(_ path: String) -> String {
    guard path != "-", !path.hasPrefix("/") else { return path }
    guard let buffer = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(buffer) }
    let folder = unsafe String(cString: buffer)
    guard folder.hasPrefix("/") else { return path }
    return (folder.hasSuffix("/") ? folder : folder + "/") + path
}

/// mimalloc, which replaces the system's allocator in the whole program: the libraries, above all
/// OpenSSL, spend a tenth of a probe in malloc and free.
///
/// Linking is enough; the call for its version keeps the linker from dropping it. `CAllocator` ends
/// the program where the system gives no more memory.
enum Allocator {
    /// Such as `mimalloc/2.0.9`.
    static var version: String {
        let number = mi_version()
        return "mimalloc/\(number / 100).\(number / 10 % 10).\(number % 10)"
    }
}
