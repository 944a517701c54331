import CLinux
internal import DequeModule
import Glibc

/// A bounded queue between a blocking thread and the tasks of loops, in either direction.
///
/// Used for batches, never for single domains: its lock is off the hot path. A full queue makes its
/// producer wait, so that a slow disk slows the intake.
///
/// `@unchecked Sendable`: everything is touched under the lock.
@safe public final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    private let capacity: Int
    private var elements = Deque<Element>()
    private var isFinished = false
    private var putters = unsafe Deque<UnsafeContinuation<Void, Never>>()
    private var takers = unsafe Deque<UnsafeContinuation<Void, Never>>()
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    /// A queue of at most `capacity` elements.
    public init(capacity: Int) {
        self.capacity = capacity
        unsafe pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(changed, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
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

    /// Whether nothing waits to be taken.
    public var isEmpty: Bool { locked { elements.isEmpty } }

    /// Ends the input; elements in the queue can still be taken.
    public func finish() {
        locked {
            isFinished = true
            wakeAll()
        }
    }

    private func wakeAll() {
        unsafe pthread_cond_broadcast(changed)
        while let taker = unsafe takers.popFirst() { unsafe taker.resume() }
        while let putter = unsafe putters.popFirst() { unsafe putter.resume() }
    }

    private func wakeTakers() {
        unsafe pthread_cond_broadcast(changed)
        unsafe takers.popFirst()?.resume()
    }

    private func wakePutters() {
        unsafe pthread_cond_broadcast(changed)
        unsafe putters.popFirst()?.resume()
    }

    // MARK: For threads that may block

    /// Puts an element, waiting for room; false where the queue was finished.
    public func putBlocking(_ element: Element) -> Bool {
        locked {
            while elements.count >= capacity && !isFinished {
                unsafe pthread_cond_wait(changed, lock)
            }
            guard !isFinished else { return false }
            elements.append(element)
            wakeTakers()
            return true
        }
    }

    /// How a blocking take ended.
    public enum Taken {
        /// An element.
        case element(Element)
        /// No element arrived in time.
        case timedOut
        /// The queue is finished and empty.
        case finished
    }

    /// Takes an element, waiting up to `milliseconds` for one.
    public func takeBlocking(milliseconds: Int) -> Taken {
        var limit = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &limit)
        limit.tv_sec += milliseconds / 1000
        limit.tv_nsec += milliseconds % 1000 * 1_000_000
        if limit.tv_nsec >= 1_000_000_000 {
            limit.tv_sec += 1
            limit.tv_nsec -= 1_000_000_000
        }
        return locked {
            while elements.isEmpty && !isFinished {
                if unsafe pthread_cond_timedwait(changed, lock, &limit) == ETIMEDOUT {
                    return .timedOut
                }
            }
            guard let element = elements.popFirst() else { return .finished }
            wakePutters()
            return .element(element)
        }
    }

    /// Waits until the queue is finished.
    func waitUntilFinished() {
        locked { while !isFinished { unsafe pthread_cond_wait(changed, lock) } }
    }

    // MARK: For tasks

    /// Puts an element, suspending until there is room; false where the queue was finished.
    public func put(_ element: Element) async -> Bool {
        while true {
            if let done = tryPut(element) { return done }
            await unsafe suspend { [self] in
                if elements.count < capacity || isFinished { return false }
                unsafe putters.append($0)
                return true
            }
        }
    }

    /// Puts an element if there is room at once.
    public func offer(_ element: Element) -> Bool { tryPut(element) ?? false }

    /// Puts an element if there is room; nil where there is none.
    private func tryPut(_ element: Element) -> Bool? {
        locked {
            if isFinished { return false }
            guard elements.count < capacity else { return nil }
            elements.append(element)
            wakeTakers()
            return true
        }
    }

    /// Takes an element, suspending until there is one; nil where the queue is finished.
    public func take() async -> Element? {
        while true {
            switch tryTake() {
            case .element(let element): return element
            case .finished: return nil
            case .timedOut:
                await unsafe suspend { [self] in
                    if !elements.isEmpty || isFinished { return false }
                    unsafe takers.append($0)
                    return true
                }
            }
        }
    }

    private func tryTake() -> Taken {
        locked {
            guard let element = elements.popFirst() else {
                return isFinished ? .finished : .timedOut
            }
            wakePutters()
            return .element(element)
        }
    }

    /// Suspends unless `enlist`, called under the lock, sees that the wait is over already.
    private func suspend(_ enlist: (UnsafeContinuation<Void, Never>) -> Bool) async {
        await unsafe withUnsafeContinuation { continuation in
            let isWaiting = locked { unsafe enlist(continuation) }
            if !isWaiting { unsafe continuation.resume() }
        }
    }
}
