internal import Glibc

/// Whole lines of NDJSON that go to standard output, or to another descriptor, as they come; blocks
/// on writes.
///
/// # The whole story
///
/// **Writing.** `write` returns when the system has all of the lines: a reader that is slow slows
/// the writer, and nothing is kept back. Where another process that shares the descriptor has made
/// it non-blocking, `write` waits until there is room.
///
/// **Who reads.** `waitUntilUnread` blocks as long as anybody may still read. A command calls it on
/// a thread of its own and ends when it returns: then nobody is left for what it does, also where
/// it has nothing to write just then.
///
/// **What happens on failure.** An error has the system's reason. After it the last line may be
/// there in part.
public final class LineStream: Sendable {
    /// How long one wait for room lasts where the descriptor is non-blocking.
    private static let roomMilliseconds: Int32 = 1000

    private let descriptor: Int32
    /// What messages call it.
    private let name: String

    /// Lines to standard output.
    public static let standardOutput = LineStream(STDOUT_FILENO, name: "standard output")

    /// Lines to a descriptor, which stays its owner's.
    public init(_ descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    /// Writes whole lines, each with its line feed.
    public func write(_ lines: UnsafeRawBufferPointer) throws(ArchiveError) {
        var rest = unsafe lines[...]
        while unsafe !rest.isEmpty {
            let part = unsafe UnsafeRawBufferPointer(rebasing: rest)
            let count = unsafe Glibc.write(descriptor, part.baseAddress, part.count)
            if count > 0 {
                unsafe rest = rest.dropFirst(count)
            } else if count < 0, errno == EAGAIN {
                waitForRoom()
            } else if count == 0 || errno != EINTR {
                throw error(.write, count == 0 ? ENOSPC : errno)
            }
        }
    }

    /// Finds out whether all that was written has been taken: some file systems report only when a
    /// file is closed that there was no room.
    public func finish() throws(ArchiveError) {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw error(.close, errno) }
        guard close(copy) == 0 || errno == EINTR else { throw error(.close, errno) }
    }

    /// Waits until nobody can read what is written.
    ///
    /// That is when the last reader of a pipe, or the peer of a socket, has closed its end. For a
    /// file it never returns.
    public func waitUntilUnread() {
        // Of what is not asked for, errors and hang-ups are reported always (poll(2)).
        var state = pollfd(fd: descriptor, events: 0, revents: 0)
        while unsafe poll(&state, 1, -1) <= 0 {}
    }

    private func waitForRoom() {
        var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        unsafe poll(&state, 1, Self.roomMilliseconds)
    }

    private func error(_ operation: ArchiveError.Operation, _ number: Int32) -> ArchiveError {
        ArchiveError(operation, name, errno: number)
    }
}
