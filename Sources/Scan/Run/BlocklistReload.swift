internal import Blocklist
internal import EventLoop
internal import Logging
internal import Records
internal import Synchronization

/// The blocklist of a run, which is read again on SIGHUP.
final class BlocklistReload: Sendable {
    private let name: String?
    private let log: Logger
    private let lists: Mutex<BlocklistHistory>

    init(_ options: ScanOptions, _ context: ScanContext) {
        name = options.blocklistFile
        log = options.log
        lists = Mutex(BlocklistHistory(context.blocklistFile))
    }

    /// All that were in force.
    var history: BlocklistHistory { lists.withLock { $0 } }

    /// Reads it again, and passes what it excludes to `exclude` on a loop; where it is not valid,
    /// the one in force stays.
    func readAgain(on loop: EventLoop, exclude: @escaping @Sendable (Blocklist) async -> Void) {
        guard let name else {
            return log.notice("SIGHUP: there is no blocklist to read again")
        }
        do throws(ScanError) {
            let file = try BlocklistFile(name)
            lists.withLock { $0.add(file) }
            Task(executorPreference: loop) { [log] in
                await exclude(file.list)
                log.notice(
                    "SIGHUP: the blocklist \(name) has \(grouped(file.list.count)) entries now")
            }
        } catch {
            log.error("SIGHUP: \(error.description); the blocklist of before stays in force")
        }
    }
}
