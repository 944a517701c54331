internal import Logging
internal import ScanFolder
internal import TLS

/// A scan to go on with, or a run of given targets: its folder, locked, and its progress.
struct Resumption {
    let folder: OutputFolder
    let checkpoint: Checkpoint

    /// That of a folder in which all that is committed is there as it was written; `options` become
    /// those of before, changed by what was given now.
    init(
        _ path: String, of targets: TargetKind?, _ options: inout ScanOptions,
        _ given: GivenOptions
    ) throws(ScanError) {
        folder = try ScanError.rethrowing { () throws(FolderError) in
            try OutputFolder(resuming: path)
        }
        let read = try ScanError.rethrowing { () throws(FolderError) in
            try ScanFolder(resuming: path, of: targets)
        }
        for note in read.notes { options.log.warning("\(note)") }
        guard let stored = read.checkpoint else {
            preconditionFailure("a folder that can be resumed has a checkpoint")
        }
        checkpoint = try Checkpoint(stored, of: path)
        options = try checkpoint.options.options(now: options, given: given, output: path)
    }

    /// Refuses another trust store than that of the records that are there.
    func requireTrust(_ trust: TrustStore) throws(ScanError) {
        let before = checkpoint.options.trustSHA256
        guard before == trust.sha256 else {
            throw .usage(
                "the trust store \(trust.source) was \(before) in this scan and is "
                    + "\(trust.sha256) now")
        }
    }
}
