import Archive

/// Files that a command writes because the user names them.
enum OutputFile {
    /// Writes a text to a file, which readers see whole or not at all; `-` is standard output.
    static func write(_ text: String, to path: String) throws(CommandFailure) {
        guard path != "-" else { return try StandardOutput.write(text) }
        do throws(ArchiveError) {
            try AtomicFile.write(path, Array(text.utf8))
        } catch {
            throw CommandFailure(.output, error.description)
        }
    }
}
