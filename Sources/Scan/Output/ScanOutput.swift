public import Archive
public import EventLoop
import Glibc
internal import Records
internal import ScanFolder
internal import TLS

/// Where the records of a scan go, and its manifest.
enum ScanOutput: Sendable {
    /// A folder, which has both.
    case folder(OutputFolder)
    /// Standard output, and a file for the manifest where one is wanted.
    case stream(LineStream, manifest: String?)

    /// Writes the manifest anew, whole or not at all.
    func write(_ manifest: Manifest) throws(FolderError) {
        switch self {
        case .folder(let folder): try manifest.write(into: folder.path)
        case .stream(_, let path?): try manifest.write(to: path)
        case .stream(_, nil): break
        }
    }

    /// Writes the manifest of a scan that has ended, and removes what a finished one has no use
    /// for.
    func finish(_ manifest: Manifest, _ end: ScanEnd) throws(ScanError) {
        do throws(FolderError) {
            try write(manifest)
        } catch {
            // Where records could not be written, that error is reported.
            guard case .outputFailed = end else { throw ScanError(error) }
        }
        if end.state == .complete, case .folder(let folder) = self { folder.removeCheckpoint() }
    }

    /// Removes what was made for a scan that did not begin.
    func discard() {
        switch self {
        case .folder(let folder): folder.discard()
        case .stream(_, let path?): unsafe unlink(path)
        case .stream(_, nil): break
        }
    }
}

extension ScanOptions {
    /// Standard output, where the records go there; from here on the program ends when nobody
    /// reads it.
    func openStream() throws(ScanError) -> LineStream? {
        guard isFilter else { return nil }
        let stream = LineStream.standardOutput
        do throws(SystemShortage) {
            try stream.endProgramWhenUnread()
        } catch {
            throw .system("\(error)")
        }
        return stream
    }

    /// Makes the folder of a run that begins, with what it takes to go on with it.
    func makeFolder(
        of targets: TargetKind? = nil, _ context: ScanContext, startedAt: Int64
    ) throws(ScanError) -> OutputFolder {
        var manifest = Manifest(
            options: self, context: context, state: .running, startedAt: startedAt)
        manifest.targets = targets
        let progress = CommittedProgress(
            of: targets, startedAt: startedAt, finished: FinishedSet(), totals: ScanTotals().table)
        let checkpoint = Checkpoint(
            progress, options: StoredOptions(self, trustSHA256: context.trust.sha256), lists: [])
        return try ScanError.rethrowing { () throws(FolderError) in
            try OutputFolder.create(output) { (path) throws(FolderError) in
                // With a checkpoint alone the scan can be resumed, with a manifest alone it cannot.
                do throws(ArchiveError) {
                    try checkpoint.write(into: path)
                } catch {
                    throw .unwritable("\(error)")
                }
                try manifest.write(into: path)
            }
        }
    }
}

extension LineStream {
    /// Ends the program as soon as nobody reads what it writes.
    public func endProgramWhenUnread() throws(SystemShortage) {
        try startThread("output watch") {
            self.waitUntilUnread()
            endProgramUnread()
        }.detach()
    }
}

/// Ends a program whose standard output nobody reads, without a word, with the exit code for
/// output.
///
/// The records that it would still make are for nobody: an engine whose process was killed has the
/// same names scanned by another.
func endProgramUnread() -> Never { _exit(74) }
