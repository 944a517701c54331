import Archive
import Glibc
import Scan

/// Standard output: all that a command prints goes through here, and each write is checked.
enum StandardOutput {
    /// Writes all of a text.
    ///
    /// A reader that has closed the pipe, such as `head`, ends the program quietly: by SIGPIPE, or
    /// where that is ignored with the exit code for output and no message.
    static func write(_ text: String) throws(CommandFailure) {
        var text = text
        let failure = text.withUTF8 { bytes in unsafe write(UnsafeRawBufferPointer(bytes)) }
        if let failure { throw self.failure(failure) }
    }

    /// Writes octets, as `write` does a text.
    static func write(_ octets: [UInt8]) throws(CommandFailure) {
        let failure = unsafe octets.withUnsafeBytes { bytes in unsafe write(bytes) }
        if let failure { throw self.failure(failure) }
    }

    /// Ends the program as soon as nobody reads what it writes, also while it has nothing to write.
    static func endWhenUnread() throws(CommandFailure) {
        do {
            try LineStream.standardOutput.endProgramWhenUnread()
        } catch {
            throw CommandFailure(.system, "\(error)")
        }
    }

    /// Writes a text and ends the line.
    static func writeLine(_ text: String) throws(CommandFailure) { try write(text + "\n") }

    /// Closes standard output: some file systems report only now that there was no room.
    static func close() throws(CommandFailure) {
        guard Glibc.close(STDOUT_FILENO) == 0 || errno == EBADF || errno == EINTR else {
            throw failure(errno)
        }
    }

    /// Writes all bytes; the system's error number where that fails.
    private static func write(_ bytes: UnsafeRawBufferPointer) -> Int32? {
        var rest = unsafe bytes[...]
        while unsafe !rest.isEmpty {
            let part = unsafe UnsafeRawBufferPointer(rebasing: rest)
            let count = unsafe Glibc.write(STDOUT_FILENO, part.baseAddress, part.count)
            if count > 0 {
                unsafe rest = rest.dropFirst(count)
            } else if count < 0, errno == EAGAIN {
                waitUntilWritable()
            } else if count == 0 || errno != EINTR {
                return count == 0 ? ENOSPC : errno
            }
        }
        return nil
    }

    /// Waits where another process that shares the descriptor has made it non-blocking.
    private static func waitUntilWritable() {
        var state = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        unsafe poll(&state, 1, 1000)
    }

    private static func failure(_ number: Int32) -> CommandFailure {
        switch number {
        case EPIPE: CommandFailure(.output, "")
        case EBADF: CommandFailure(.output, "cannot write to standard output: it is closed")
        default:
            CommandFailure(
                .output,
                unsafe "cannot write to standard output: \(String(cString: strerror(number)))")
        }
    }
}

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
