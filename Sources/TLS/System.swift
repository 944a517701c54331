import Glibc

func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
}

func isReadable(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }
