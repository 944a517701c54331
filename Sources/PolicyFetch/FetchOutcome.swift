internal import CCurl
internal import ConnectionLimits
import Glibc
internal import Observations
internal import TLS

/// Names how a transfer ended, from what libcurl and the handshake have seen of it.
func fetchStatus(of transfer: Transfer, _ result: CURLcode) -> PolicyFetchStatus {
    if transfer.handshake?.isOverLimit == true, result != CURLE_OK { return .tooLarge }
    return switch result {
    case CURLE_OK: httpStatus(transfer)
    case CURLE_COULDNT_CONNECT: connectStatus(systemError(transfer))
    // The socket could not be bound to the source address.
    case CURLE_ABORTED_BY_CALLBACK: transfer.isRepetitionRefused ? .httpClosed : .tcpUnreachable
    case CURLE_OPERATION_TIMEDOUT: timeoutStatus(transfer)
    case CURLE_WRITE_ERROR: transfer.isTooLarge ? .tooLarge : .httpProtocol
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION: tlsStatus(transfer)
    // An HTTP/2 stream that the peer resets is the connection closed of HTTP/1.1.
    case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE,
        CURLE_HTTP2_STREAM:
        brokenStatus(transfer)
    // A connection that is closed when the request is written.
    case CURLE_HTTP2 where [EPIPE, ECONNRESET].contains(systemError(transfer)):
        brokenStatus(transfer)
    // A session that the peer has ended by GOAWAY (RFC 9113 §6.8): libcurl has no words for it.
    case CURLE_HTTP2 where transfer.errorText == nil: .httpClosed
    default: .httpProtocol
    }
}

/// Why this machine had no room for the transfer's connection; nil where it had.
func shortage(of transfer: Transfer, _ result: CURLcode) -> LocalShortage? {
    let isUnmade = result == CURLE_COULDNT_CONNECT || result == CURLE_ABORTED_BY_CALLBACK
    guard isUnmade, !transfer.isConnected else { return nil }
    return LocalShortage(
        transfer.socketError ?? systemError(transfer), isV4: !transfer.usesIPv6)
}

/// RFC 9112 §9.8: a body that nothing but the end of the connection delimits is whole only where
/// TLS ended first; libcurl takes a truncated body for the whole.
private func isWhole(_ transfer: Transfer) -> Bool {
    unsafe transfer.isDelimited || transfer.handshake?.hasEnded == true
        || ccurl_get_long(transfer.easy, CURLINFO_HTTP_VERSION) >= CURL_HTTP_VERSION_2_0
}

private func httpStatus(_ transfer: Transfer) -> PolicyFetchStatus {
    switch unsafe ccurl_get_long(transfer.easy, CURLINFO_RESPONSE_CODE) {
    case 200: isWhole(transfer) ? .ok : .httpClosed  // RFC 8461 §3.3: only 200 counts
    case 300..<400: .http3xx
    case 404: .http404
    case 400..<500: .http4xx
    case 500..<600: .http5xx
    default: .httpOther
    }
}

private func systemError(_ transfer: Transfer) -> Int32 {
    unsafe Int32(truncatingIfNeeded: ccurl_get_long(transfer.easy, CURLINFO_OS_ERRNO))
}

private func connectStatus(_ error: Int32) -> PolicyFetchStatus {
    switch error {
    case ECONNREFUSED: .tcpRefused
    case ETIMEDOUT: .tcpTimeout
    case ECONNRESET: .tcpReset
    default: .tcpUnreachable
    }
}

/// A phase that has not ended has no time yet; libcurl reports that of TCP only with that of TLS.
private func timeoutStatus(_ transfer: Transfer) -> PolicyFetchStatus {
    guard transfer.handshake?.hasBegun == true else { return .tcpTimeout }
    if unsafe ccurl_get_time(transfer.easy, CURLINFO_APPCONNECT_TIME_T) == 0 { return .tlsTimeout }
    return .httpTimeout
}

/// A connection that broke, in the handshake or after it.
private func brokenStatus(_ transfer: Transfer) -> PolicyFetchStatus {
    let hasSession = unsafe ccurl_get_time(transfer.easy, CURLINFO_APPCONNECT_TIME_T) > 0
    // libcurl has the same code for invalid chunks and for frames that HTTP/2 does not allow; only
    // its message distinguishes them.
    let isProtocol = ["chunk", "nghttp2_session_mem_recv"]
        .contains { transfer.errorText?.contains($0) == true }
    if hasSession, isProtocol { return .httpProtocol }
    return hasSession && transfer.handshake?.failure != .alert ? .httpClosed : tlsStatus(transfer)
}

private func tlsStatus(_ transfer: Transfer) -> PolicyFetchStatus {
    if transfer.handshake?.lacksVersion == true { return .tlsOldVersion }
    switch transfer.handshake?.failure {
    case .alert: return .tlsAlert
    case .closed: return .tlsClosed
    case .certificate:
        return certificateStatus(transfer.handshake?.observation.certificate?.errors.first)
    case .protocolError: return .tlsProtocol
    // What OpenSSL rejects is in its error queue; an empty queue means that the connection broke.
    case nil: return .tlsClosed
    }
}

private func certificateStatus(_ error: CertificateError?) -> PolicyFetchStatus {
    switch error {
    case .expired: .tlsExpired
    case .notYetValid: .tlsNotYetValid
    case .selfSigned: .tlsSelfSigned
    case .chainIncomplete: .tlsChainIncomplete
    case .untrusted: .tlsUntrusted
    case .nameMismatch: .tlsName
    case .cnOnly: .tlsCNOnly
    case .invalid, nil: .tlsInvalid
    }
}
