import Glibc

/// Standard input, output and error.
enum StandardStreams {
    /// Opens those that were closed, so that their use fails as expected.
    ///
    /// Otherwise the first opened files would get their descriptors, and messages would be written
    /// into them. A closed standard input is opened for writing alone and a closed standard output
    /// for reading alone, so that to read the one and to write to the other is EBADF. Messages to a
    /// closed standard error are dropped.
    static func openClosed() {
        let modes = [STDIN_FILENO: O_WRONLY, STDOUT_FILENO: O_RDONLY, STDERR_FILENO: O_WRONLY]
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number is the one that is missing.
            _ = unsafe open("/dev/null", modes[descriptor] ?? O_RDWR)
        }
    }
}
