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
