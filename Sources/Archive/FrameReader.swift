internal import Glibc

/// Reads one archive file frame by frame.
final class FrameReader {
    private let descriptor: Descriptor
    private let decompressor = Decompressor()
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 64)
    private let output = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 128 << 10, alignment: 64)
    private var unread = 0..<0
    private var bytesTaken = 0
    private var wholeBytes = 0

    init(_ path: String) throws(ArchiveError) { descriptor = try Descriptor(path, O_RDONLY) }

    deinit {
        input.deallocate()
        output.deallocate()
    }

    /// What is known of a torn end, once there are no more frames.
    var tornTail: TornTail? {
        guard bytesTaken > wholeBytes || wholeBytes == 0 else { return nil }
        return TornTail(
            path: descriptor.path, wholeBytes: wholeBytes, tornBytes: bytesTaken - wholeBytes)
    }

    /// Appends the next frame's content; false, with nothing appended, where no whole one follows.
    func appendFrame(to content: inout [UInt8]) throws(ArchiveError) -> Bool {
        let kept = content.count
        while true {
            if unread.isEmpty { unread = 0..<(try descriptor.read(into: input)) }
            let isAtEnd = unread.isEmpty
            let (taken, made) = try decompress()
            content.append(contentsOf: UnsafeRawBufferPointer(rebasing: output[..<made]))
            unread.removeFirst(taken)
            bytesTaken += taken
            if decompressor.isBetweenFrames, taken > 0 || made > 0 {
                wholeBytes = bytesTaken
                return true
            }
            if isAtEnd, made == 0 {
                content.removeSubrange(kept...)
                return false
            }
        }
    }

    private func decompress() throws(ArchiveError) -> (taken: Int, made: Int) {
        do throws(ArchiveError) {
            return try decompressor.decompress(
                UnsafeRawBufferPointer(rebasing: input[unread]), into: output, of: descriptor.path)
        } catch {
            let place = "the last whole frame ends at byte \(wholeBytes)"
            throw ArchiveError(.decompress, descriptor.path, reason: "\(error.reason); \(place)")
        }
    }
}
