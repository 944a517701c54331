import Glibc

/// Standard input, output and error.
enum StandardStreams {
    /// Opens those that were closed as /dev/null.
    ///
    /// Otherwise the first files that are opened would take their place, and messages would be
    /// written into them.
    static func fill() {
        while true {
            let descriptor = open("/dev/null", O_RDWR)
            guard (0...2).contains(descriptor) else {
                if descriptor >= 0 { close(descriptor) }
                return
            }
        }
    }
}
