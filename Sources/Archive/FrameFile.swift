internal import Glibc

/// A file that is a sequence of whole frames at any time that its writer can see to.
struct FrameFile: ~Copyable {
    private let descriptor: Descriptor
    private(set) var bytes = 0

    var path: String { descriptor.path }

    /// Creates the file, which must not be there yet.
    init(creating path: String) throws(ArchiveError) {
        descriptor = try Descriptor(path, O_WRONLY | O_CREAT | O_EXCL, operation: .create)
    }

    /// Continues an open file after the given bytes.
    init(_ descriptor: consuming Descriptor, bytes: Int) {
        self.descriptor = descriptor
        self.bytes = bytes
    }

    /// Writes a frame whole, or leaves the file as it was and throws.
    mutating func append(_ frame: UnsafeRawBufferPointer) throws(ArchiveError) {
        do throws(ArchiveError) {
            try unsafe descriptor.write(frame, at: bytes)
        } catch {
            while ftruncate(descriptor.number, off_t(bytes)) != 0, errno == EINTR {}
            throw error
        }
        bytes += frame.count
    }

    func sync() throws(ArchiveError) { try descriptor.sync() }
}
