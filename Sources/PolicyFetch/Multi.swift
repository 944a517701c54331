internal import CCurl
internal import EventLoop

/// The owner of a curl multi handle whose sockets and timer live on the loop.
@safe final class Multi: ReadinessHandler {
    private let multi: OpaquePointer
    private let loop: EventLoop
    private var timer: Deadline?

    init(loop: EventLoop) {
        guard let multi = unsafe curl_multi_init() else { preconditionFailure("out of memory") }
        unsafe self.multi = OpaquePointer(multi)
        self.loop = loop
        let owner = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_multi_set_pointer(handle, CURLMOPT_SOCKETDATA, owner)
        unsafe ccurl_multi_on_socket(handle, multiSocketChanged)
        unsafe ccurl_multi_set_pointer(handle, CURLMOPT_TIMERDATA, owner)
        unsafe ccurl_multi_on_timer(handle, multiTimerChanged)
        // Each policy host is contacted once: no connection is kept.
        unsafe ccurl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, 1)
    }

    deinit { unsafe curl_multi_cleanup(handle) }

    private var handle: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(multi) }

    /// Begins the transfer, which must be the handle's private data.
    ///
    /// One that libcurl does not take ends at once: nothing else would ever end it.
    func add(_ transfer: Transfer) {
        guard unsafe curl_multi_add_handle(handle, transfer.easy) == CURLM_OK else {
            return transfer.finished(CURLE_OUT_OF_MEMORY)
        }
    }

    /// Ends a transfer that libcurl has in progress, with this result.
    ///
    /// Not to be called from within a callback of libcurl.
    func end(_ transfer: Transfer, as result: CURLcode) {
        unsafe curl_multi_remove_handle(handle, transfer.easy)
        transfer.finished(result)
    }

    func descriptor(_ descriptor: Int32, isReadyFor readiness: Readiness) {
        var events: Int32 = 0
        if readiness.contains(.readable) { events |= CURL_CSELECT_IN }
        if readiness.contains(.writable) { events |= CURL_CSELECT_OUT }
        if !readiness.isDisjoint(with: .closed) { events |= CURL_CSELECT_ERR }
        act(descriptor, events)
    }

    private func act(_ descriptor: Int32, _ events: Int32) {
        var running: Int32 = 0
        unsafe curl_multi_socket_action(handle, descriptor, events, &running)
        finishDone()
    }

    private func finishDone() {
        var result = CURLE_OK
        while let easy = unsafe ccurl_multi_next_done(handle, &result) {
            guard let data = unsafe ccurl_get_private(easy) else {
                preconditionFailure("libcurl lost a transfer")
            }
            let transfer = unsafe Unmanaged<Transfer>.fromOpaque(data).takeUnretainedValue()
            unsafe curl_multi_remove_handle(handle, easy)
            transfer.finished(result)
        }
    }

    fileprivate func setTimer(milliseconds: Int) {
        if let timer { loop.cancel(timer) }
        timer = nil
        guard milliseconds >= 0 else { return }
        timer = loop.schedule(at: loop.now.advanced(milliseconds: milliseconds)) { [self] in
            timer = nil
            act(CURL_SOCKET_TIMEOUT, 0)
        }
    }

    /// Watches a socket as libcurl wants it; false where the system has no room for one more.
    fileprivate func watch(_ descriptor: Int32, _ what: Int32) -> Bool {
        switch what {
        case CURL_POLL_IN: return loop.watch(descriptor, for: .readable, self)
        case CURL_POLL_OUT: return loop.watch(descriptor, for: .writable, self)
        case CURL_POLL_INOUT: return loop.watch(descriptor, for: [.readable, .writable], self)
        default:
            loop.unwatch(descriptor)
            return true
        }
    }
}

/// Called by libcurl on the loop's thread when it wants a socket watched otherwise.
private func multiSocketChanged(
    _ easy: UnsafeMutableRawPointer?, _ descriptor: curl_socket_t, _ what: Int32,
    _ owner: UnsafeMutableRawPointer?, _ socket: UnsafeMutableRawPointer?
) -> Int32 {
    guard let owner = unsafe owner else { return -1 }
    return unsafe Unmanaged<Multi>.fromOpaque(owner).takeUnretainedValue().watch(descriptor, what)
        ? 0 : -1
}

/// Called by libcurl on the loop's thread when its next timeout changes; -1 takes it away.
private func multiTimerChanged(
    _ multi: UnsafeMutableRawPointer?, _ milliseconds: Int, _ owner: UnsafeMutableRawPointer?
) -> Int32 {
    guard let owner = unsafe owner else { return -1 }
    unsafe Unmanaged<Multi>.fromOpaque(owner).takeUnretainedValue().setTimer(
        milliseconds: milliseconds)
    return 0
}
