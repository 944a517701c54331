internal import Archive
internal import Glibc

/// Lets threads write one after the other, in a given order.
///
/// The thread that is next in the order never waits, so that all make progress; each holds the
/// lines that it has ready. `@unchecked Sendable`: everything is touched under the lock.
@safe final class OrderedWriter: @unchecked Sendable {
    private let write: ([UInt8]) throws(ArchiveError) -> Void
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var next = 0
    private var isEnded = false
    private var error: ArchiveError?

    init(_ write: @escaping ([UInt8]) throws(ArchiveError) -> Void) {
        self.write = write
        unsafe pthread_mutex_init(lock, nil)
        unsafe pthread_cond_init(changed, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(changed)
        unsafe pthread_mutex_destroy(lock)
        unsafe changed.deallocate()
        unsafe lock.deallocate()
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        return body()
    }

    /// Why writing ended early.
    var failure: ArchiveError? { locked { error } }

    /// Whether nothing is written any more.
    var hasEnded: Bool { locked { isEnded } }

    /// Ends all waits; nothing is written any more.
    func end() {
        locked {
            isEnded = true
            unsafe pthread_cond_broadcast(changed)
        }
    }

    /// Waits until `turn` is next, and writes.
    func take(_ turn: Int, _ lines: [UInt8]) {
        locked {
            while next != turn, !isEnded { unsafe pthread_cond_wait(changed, lock) }
            guard !isEnded else { return }
            do throws(ArchiveError) {
                try write(lines)
            } catch {
                self.error = error
                isEnded = true
            }
            next += 1
            unsafe pthread_cond_broadcast(changed)
        }
    }
}
