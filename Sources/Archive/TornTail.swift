/// The end of an archive file that stops inside a frame, as after a crash.
public struct TornTail: Hashable, Sendable {
    /// The file.
    public let path: String

    /// How many bytes of it are whole frames: where to cut before appending.
    public let wholeBytes: Int

    /// How many bytes follow them.
    public let tornBytes: Int
}
