internal import Archive
internal import EventLoop
import Glibc

extension LineStream {
    func endProgramWhenUnread() throws(SystemShortage) {
        try startThread("output watch") {
            self.waitUntilUnread()
            endProgramUnread()
        }.detach()
    }
}
func endProgramUnread() -> Never { _exit(74) }
extension ArchiveError { var hasNoReader: Bool { systemError == EPIPE } }
