internal import CCurl
internal import DNS
internal import EventLoop
import Glibc
internal import TLS

/// An easy handle and the fetch it is used for; handles are reused for later fetches.
@safe final class Transfer {
    /// What is asked for, from whom, and until when.
    struct Request {
        var host: DomainName
        var url: String
        var port: Int
        /// One of each family at most.
        var addresses: [IPAddress]
        var end: Instant
        var undoesCodings = true
    }

    /// How much later libcurl begins with the second family (RFC 8305 §5), in milliseconds.
    static let secondFamilyMilliseconds = 200
    /// RFC 8461 §3.3: policy bodies are suggested to be limited to 64 kilobytes.
    static let bodyLimit = 65_536
    /// All header lines of a response together.
    static let headerLimit = 65_536

    let easy: UnsafeMutableRawPointer
    private let verifier: ChainVerifier
    fileprivate let sources: SourceAddresses
    private var errorBuffer = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var addressList: UnsafeMutablePointer<curl_slist>?
    /// What the handle's last fetch left in libcurl's address cache.
    private var cachedAddress: String?

    private(set) var handshake: Handshake?
    private(set) var body: [UInt8] = []
    private(set) var contentType: [UInt8]?
    private(set) var contentEncoding: [UInt8]?
    private(set) var location: [UInt8]?
    private(set) var isTooLarge = false
    /// Whether the header says where the body ends (RFC 9112 §6.3).
    private(set) var isDelimited = false
    private var headerBytes = 0
    /// The Content-Length of the response that comes.
    private var contentLength: [UInt8]?
    /// What is wrong with the response, where libcurl knows only that it was not taken.
    fileprivate(set) var fault: String?
    /// Whether libcurl wanted to repeat the request on a connection of its own choice.
    fileprivate(set) var isRepetitionRefused = false
    /// Why the last socket could not be made or bound; nil where it could.
    fileprivate(set) var socketError: Int32?
    /// Whether an address of the request is none of IPv4.
    private(set) var usesIPv6 = false
    private let connectMilliseconds: Int
    private var onFinish: ((CURLcode) -> Void)?

    init(_ options: PolicyFetchOptions, _ verifier: ChainVerifier, from sources: SourceAddresses) {
        guard let easy = unsafe curl_easy_init() else { preconditionFailure("out of memory") }
        unsafe self.easy = easy
        self.verifier = verifier
        self.sources = sources
        connectMilliseconds =
            options.connectTimeoutMilliseconds + options.handshakeTimeoutMilliseconds
        unsafe errorBuffer[0] = 0
        configure(options)
        let owner = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_set_pointer(easy, CURLOPT_PRIVATE, owner)
        unsafe ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorBuffer)
        unsafe ccurl_on_bytes(easy, CURLOPT_WRITEFUNCTION, transferBody)
        unsafe ccurl_set_pointer(easy, CURLOPT_WRITEDATA, owner)
        unsafe ccurl_on_bytes(easy, CURLOPT_HEADERFUNCTION, transferHeader)
        unsafe ccurl_set_pointer(easy, CURLOPT_HEADERDATA, owner)
        unsafe ccurl_make_socket(easy, transferMakesSocket)
        unsafe ccurl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, owner)
        unsafe ccurl_on_socket(easy, transferSocket)
        unsafe ccurl_set_pointer(easy, CURLOPT_SOCKOPTDATA, owner)
        unsafe ccurl_on_context(easy, transferContext)
        unsafe ccurl_set_pointer(easy, CURLOPT_SSL_CTX_DATA, owner)
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(addressList)
        unsafe errorBuffer.deallocate()
    }

    private func configure(_ options: PolicyFetchOptions) {
        unsafe ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "https")  // RFC 8461 §3.3
        unsafe ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)  // RFC 8461 §3.3
        unsafe ccurl_set_long(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        unsafe ccurl_set_string(easy, CURLOPT_USERAGENT, options.userAgent)
        unsafe ccurl_set_long(
            easy, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, Self.secondFamilyMilliseconds)
        unsafe ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        unsafe ccurl_set_string(easy, CURLOPT_PROXY, "")
        // A coding that a server applies unasked is undone (RFC 9110 §8.4); limits count what it
        // becomes.
        unsafe ccurl_set_string(easy, CURLOPT_ACCEPT_ENCODING, "identity")
        unsafe ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
        unsafe ccurl_set_long(easy, CURLOPT_FORBID_REUSE, 1)
        // The verifier of module TLS checks chain and name: libcurl's own check of the name would
        // fall back to the CN, and its trust store would be parsed again for each connection.
        unsafe ccurl_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1)
        unsafe ccurl_set_long(easy, CURLOPT_SSL_VERIFYHOST, 0)
        unsafe ccurl_set_string(easy, CURLOPT_CAINFO, nil)
        unsafe ccurl_set_string(easy, CURLOPT_CAPATH, nil)
        unsafe ccurl_set_long(easy, CURLOPT_SSL_SESSIONID_CACHE, 0)
    }

    /// Whether TCP is established.
    var isConnected: Bool { handshake?.hasBegun == true }

    /// Sets the handle up for one request; `onFinish` is called once, on the loop.
    func prepare(
        _ request: Request, at now: Instant, _ onFinish: @escaping (CURLcode) -> Void
    ) {
        handshake = Handshake(with: request.host, .require, verifier)
        body = []
        contentType = nil
        contentEncoding = nil
        location = nil
        fault = nil
        isRepetitionRefused = false
        socketError = nil
        usesIPv6 = request.addresses.contains { !$0.isV4 }
        isTooLarge = false
        isDelimited = false
        headerBytes = 0
        contentLength = nil
        unsafe errorBuffer[0] = 0
        self.onFinish = onFinish
        unsafe ccurl_set_string(easy, CURLOPT_URL, request.url)
        unsafe ccurl_set_long(easy, CURLOPT_PORT, request.port)
        let rest = max(1, request.end.milliseconds(since: now))
        unsafe ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, rest)
        // Of TCP and TLS together; TCP alone is limited by a deadline of the fetcher.
        unsafe ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, min(rest, connectMilliseconds))
        unsafe ccurl_set_long(
            easy, CURLOPT_HTTP_CONTENT_DECODING, request.undoesCodings ? 1 : 0)
        setAddresses("\(request.host.text):\(request.port)", request.addresses)
    }

    /// Has libcurl connect to `addresses` only, and forget those of the fetch before.
    private func setAddresses(_ endpoint: String, _ addresses: [IPAddress]) {
        unsafe curl_slist_free_all(addressList)
        unsafe addressList = nil
        if let cachedAddress {
            unsafe addressList = unsafe curl_slist_append(addressList, "-\(cachedAddress)")
        }
        let list = addresses.map(\.description).joined(separator: ",")
        unsafe addressList = curl_slist_append(addressList, "\(endpoint):\(list)")
        cachedAddress = endpoint
        unsafe ccurl_set_list(easy, CURLOPT_RESOLVE, addressList)
    }

    func finished(_ result: CURLcode) {
        let onFinish = self.onFinish
        self.onFinish = nil
        onFinish?(result)
    }

    /// libcurl's message for the last failure, without times, which are others each time.
    var errorText: String? {
        unsafe errorBuffer[0] == 0 ? nil : withoutTimes(String(cString: errorBuffer))
    }

    // MARK: Called from libcurl's callbacks

    /// Returns how many bytes were taken; fewer than given ends the transfer.
    fileprivate func receiveBody(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let room = Self.bodyLimit - body.count
        unsafe body.append(contentsOf: bytes.prefix(room))
        guard bytes.count <= room else {
            isTooLarge = true
            return 0
        }
        return bytes.count
    }

    fileprivate func receiveHeader(_ line: UnsafeBufferPointer<UInt8>) -> Int {
        headerBytes += line.count
        guard headerBytes <= Self.headerLimit else { return 0 }
        // An interim response (RFC 9110 §15.2) is followed by another.
        if unsafe line.starts(with: "HTTP/".utf8) { (contentLength, contentEncoding) = (nil, nil) }
        if let value = unsafe headerValue(line, "content-length") {
            // RFC 9112 §6.3: what is no length, or lengths that differ, makes the message invalid.
            let length = commonLength(value)
            guard let length, contentLength == nil || contentLength == length else {
                fault = "Content-Length is no number, or not the same everywhere"
                return 0
            }
            contentLength = length
            isDelimited = true
        }
        if unsafe headerValue(line, "transfer-encoding") != nil { isDelimited = true }
        if let value = unsafe headerValue(line, "content-type") {
            contentType = contentType ?? value
        }
        if let value = unsafe headerValue(line, "content-encoding") {
            // RFC 9110 §5.3: fields of one name are one list.
            contentEncoding = contentEncoding.map { $0 + Array(", ".utf8) + value } ?? value
        }
        if let value = unsafe headerValue(line, "location") { location = location ?? value }
        return line.count
    }

    fileprivate func prepareTLS(_ context: UnsafeMutableRawPointer) {
        guard let handshake else { return }
        unsafe prepareContext(context, for: handshake)
    }
}

/// The value of a header line whose name is `name`, which is in lower case.
private func headerValue(_ line: UnsafeBufferPointer<UInt8>, _ name: String) -> [UInt8]? {
    guard let colon = unsafe line.firstIndex(of: UInt8(ascii: ":")),
        unsafe line[..<colon].count == name.utf8.count,
        unsafe zip(line[..<colon], name.utf8).allSatisfy({ ($0 | 0x20) == $1 })
    else { return nil }
    let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
    var value = unsafe line[(colon + 1)...].drop(while: isSpace)
    while let last = unsafe value.last, isSpace(last) { unsafe value.removeLast() }
    return unsafe Array(value)
}

/// The length that a Content-Length states, once or as often as a list has it (RFC 9110 §8.6); nil
/// where it is none.
private func commonLength(_ value: [UInt8]) -> [UInt8]? {
    let isBlank = { (octet: UInt8) in octet == 0x20 || octet == 0x09 }
    let members = value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        .map { Array($0.drop(while: isBlank).reversed().drop(while: isBlank).reversed()) }
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard let first = members.first, !first.isEmpty, first.allSatisfy(digits.contains),
        members.allSatisfy({ $0 == first })
    else { return nil }
    return first
}

/// A message without `after 4001 milliseconds` and `after 12 ms`.
private func withoutTimes(_ message: String) -> String {
    var words = message.split(separator: " ", omittingEmptySubsequences: false)
    for place in words.indices.dropFirst().dropLast(2).reversed()
    where words[place] == "after" && Int(words[place + 1]) != nil {
        let unit = words[place + 2]
        guard let name = ["milliseconds", "ms"].first(where: unit.hasPrefix) else { continue }
        // What stands behind the unit, such as a colon, ends what comes before.
        words[place - 1] += unit.dropFirst(name.count)
        words.removeSubrange(place...(place + 2))
    }
    return words.joined(separator: " ")
}

private func received(
    _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ transfer: UnsafeMutableRawPointer?,
    _ take: (Transfer, UnsafeBufferPointer<UInt8>) -> Int
) -> Int {
    guard let transfer = unsafe transfer else { return 0 }
    let owner = unsafe Unmanaged<Transfer>.fromOpaque(transfer).takeUnretainedValue()
    return unsafe UnsafeBufferPointer(start: bytes, count: count).withMemoryRebound(to: UInt8.self)
    {
        unsafe take(owner, $0)
    }
}

private func transferBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ transfer: UnsafeMutableRawPointer?
) -> Int {
    unsafe received(bytes, size * count, transfer) { unsafe $0.receiveBody($1) }
}

private func transferHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ transfer: UnsafeMutableRawPointer?
) -> Int {
    unsafe received(bytes, size * count, transfer) { unsafe $0.receiveHeader($1) }
}

/// Called by libcurl when it has made the SSL_CTX of a connection.
private func transferContext(
    _ easy: UnsafeMutableRawPointer?, _ context: UnsafeMutableRawPointer?,
    _ transfer: UnsafeMutableRawPointer?
) -> CURLcode {
    guard let context = unsafe context, let transfer = unsafe transfer else {
        return CURLE_ABORTED_BY_CALLBACK
    }
    unsafe Unmanaged<Transfer>.fromOpaque(transfer).takeUnretainedValue().prepareTLS(context)
    return CURLE_OK
}

/// Called by libcurl for each socket, whose errors it does not tell.
private func transferMakesSocket(
    _ owner: UnsafeMutableRawPointer?, _ purpose: curlsocktype,
    _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let owner = unsafe owner, let address = unsafe address?.pointee else {
        return CURL_SOCKET_BAD
    }
    let kind = address.socktype | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.family, kind, address.protocol)
    if descriptor < 0 {
        unsafe Unmanaged<Transfer>.fromOpaque(owner).takeUnretainedValue().socketError = errno
    }
    return descriptor
}

/// Called by libcurl with each socket before it connects: binds it to a source address, and has the
/// system take no more from the peer ahead of what is read than the fetch would.
private func transferSocket(
    _ owner: UnsafeMutableRawPointer?, _ socket: curl_socket_t, _ purpose: curlsocktype
) -> Int32 {
    guard let owner = unsafe owner else { return CURL_SOCKOPT_ERROR }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(owner).takeUnretainedValue()
    // A stream that the peer refuses (RFC 9113 §8.7) libcurl repeats five times at once; here the
    // next attempt is made after a while, like any other.
    guard !transfer.isConnected else {
        transfer.isRepetitionRefused = true
        transfer.fault = "the peer refused the request, or ended the session, before an answer"
        return CURL_SOCKOPT_ERROR
    }
    limitReceiveBuffer(of: socket)
    guard transfer.sources.bind(socket) else {
        transfer.socketError = errno
        return CURL_SOCKOPT_ERROR
    }
    return CURL_SOCKOPT_OK
}
