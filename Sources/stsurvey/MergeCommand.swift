import ArgumentParser
import Console
import Records
import Scan
import ScanFolder

struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Make one folder of all shards of a scan.",
        discussion: """
            The folders are those of finished scans with --shard 0/N to N-1/N of the same lists, \
            with the same version and the same options as far as records depend on them. Their \
            files are linked where the file system allows that, else copied; no record changes. \
            A host that several shards have observed has a record of each, and stats counts it \
            once.

            Example:
              stsurvey merge results/part-0 results/part-1 --output results/whole
            """)

    @Argument(help: "The folders of all shards, in any order.", completion: .directory)
    var folders: [String]

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The folder to write. It must be new or empty.", valueName: "dir"),
        completion: .directory)
    var output: String

    func run() throws {
        let merge: ShardMerge
        do throws(FolderError) {
            merge = try ShardMerge(
                folders, into: output, fixedOptions: ScanOption.fixedManifestKeys)
        } catch {
            throw CommandFailure(error)
        }
        let copied = merge.copied == 0 ? "linked" : "linked, \(grouped(merge.copied)) copied"
        try StandardOutput.writeLine(
            Message.visible(
                "\(merge.shards) shards with \(grouped(merge.domains)) domain records and "
                    + "\(grouped(merge.hosts)) host records: \(merge.output), "
                    + "\(grouped(merge.files)) files \(copied)"))
    }
}
