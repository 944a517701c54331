internal import Glibc
internal import Synchronization

/// A list that could be opened, before anything is read of it.
///
/// A regular file is closed, and opened again when it is to be read, so that any number of lists
/// can be given. A pipe stays open: closing it would end its writer.
public final class OpenedList: Sendable {
    /// How many first bytes are examined.
    private static let headBytes = 4096

    /// The list's name and path.
    public let location: ListLocation

    /// The size as stored; nil where it is no regular file.
    public let bytesTotal: Int?

    /// What its user says of its layout.
    let reading: ListReading

    /// What the list seems to be where its first bytes are no list of names; nil otherwise.
    public let appearance: String?

    /// What was found by looking at its beginning.
    private let found = Mutex(Found())

    private struct Found {
        var format: ListFormat?
        /// What was read of a pipe, to be read again.
        var kept: [UInt8] = []
    }

    /// Identifies what can be read once only; nil for regular files.
    private let stream: Stream?

    /// The open pipe or device; nil for regular files.
    private let descriptor: Int32?

    /// Opens a list; one that cannot be read, or is stored in a way that is not understood, throws.
    ///
    /// Its layout is `format` where that is known, else found when it is examined.
    public init(
        _ location: ListLocation, as reading: ListReading = ListReading(),
        format: ListFormat? = nil
    ) throws(ListError) {
        let descriptor = try Self.open(location)
        do throws(ListError) {
            let state = try Self.state(of: descriptor, location)
            let isRegular = state.st_mode & S_IFMT == S_IFREG
            let head = isRegular ? Self.head(of: descriptor) : []
            if case .unsupported(let reason) = Compression(magic: head) {
                throw ListError(.damaged, source: location.name, reason: reason)
            }
            self.location = location
            self.reading = reading
            bytesTotal = isRegular ? Int(state.st_size) : nil
            appearance = ListAppearance.describe(head)
            let isStream = !isRegular || Self.isInput(location)
            stream = isStream ? Stream(device: state.st_dev, number: state.st_ino) : nil
            self.descriptor = isRegular ? nil : descriptor
            if isRegular { Self.close(descriptor) }
            found.withLock { $0.format = format }
        } catch {
            Self.close(descriptor)
            throw error
        }
    }

    /// Whether the list is a file, which can be read any number of times.
    public var canBeReadAgain: Bool { stream == nil }

    deinit { if let descriptor { Self.close(descriptor) } }

    /// Opens lists in their order; a pipe that is given twice is refused.
    public static func open(
        _ locations: [ListLocation], as reading: ListReading = ListReading(),
        formats: [ListFormat?] = []
    ) throws(ListError) -> [OpenedList] {
        var lists: [OpenedList] = []
        var streams: Set<Stream> = []
        for (place, location) in locations.enumerated() {
            let format = formats.indices.contains(place) ? formats[place] : nil
            let list = try OpenedList(location, as: reading, format: format)
            if let stream = list.stream, !streams.insert(stream).inserted {
                throw ListError(
                    .misused, source: location.name,
                    reason: "it can be read once only and is given twice")
            }
            lists.append(list)
        }
        return lists
    }

    /// The layout; found by looking at the beginning, the first time that it is asked for.
    ///
    /// Waits until a pipe has brought something; a column that the list does not have throws.
    @discardableResult
    public func examine() throws(ListError) -> ListFormat {
        try examine(ListSource.Patience()) ?? ListFormat()
    }

    /// The same of a list that is there now; nil where a pipe brings nothing within a second, or
    /// `isOver`.
    public func examineNow(isOver: @escaping () -> Bool) throws(ListError) -> ListFormat? {
        try examine(ListSource.Patience(startMilliseconds: 1000, isOver: isOver))
    }

    private func examine(_ patience: ListSource.Patience) throws(ListError) -> ListFormat? {
        if let format = found.withLock({ $0.format }) { return format }
        let source = try ListSource(self, .beginning(patience))
        let sample = Self.sample(of: source)
        if sample.bytes.isEmpty, let failure = source.failure, failure.kind == .damaged {
            throw failure
        }
        guard !sample.bytes.isEmpty || !source.wasSilent else { return nil }
        let isCompressed = source.compression?.name != nil
        if let what = Compression.inner(sample.bytes, isCompressed: isCompressed) {
            throw ListError(.damaged, source: location.name, reason: what)
        }
        var format = FormatDetection(sample, as: reading).format()
        format.storage = [
            source.compression?.name.map { "compressed by \($0)" },
            source.isUTF16 ? "in UTF-16" : nil,
        ].compactMap(\.self)
        try format.take(reading, of: location.name)
        if format.kind == .zone { format.delegations = delegations(of: format) }
        found.withLock { $0.format = format }
        return format
    }

    /// The beginning; where the list is damaged, what is before that.
    private static func sample(of source: ListSource) -> ListSample {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: ListSource.chunkBytes)
        var lineFeeds = 0
        while bytes.count < ListSample.bytesMax, lineFeeds < ListSample.linesMax {
            let count =
                unsafe (try? chunk.withUnsafeMutableBytes { unsafe try source.read(into: $0) }) ?? 0
            guard count > 0 else { return ListSample(bytes, isWhole: true) }
            bytes += chunk[..<count]
            lineFeeds += chunk[..<count].count { $0 == UInt8(ascii: "\n") }
        }
        return ListSample(bytes, isWhole: false)
    }

    /// About how many delegations the list has, by how many its beginning has; nil where its size
    /// is not known.
    private func delegations(of format: ListFormat) -> Int? {
        guard let bytesTotal else { return nil }
        found.withLock { $0.format = format }
        let reader = ListReader([self])
        var count = 0
        while count < 20_000, (try? reader.next()) != nil { count += 1 }
        let read = reader.progress.bytesRead
        return read == 0 ? 0 : Int(Double(count) * Double(bytesTotal) / Double(read))
    }

    /// Keeps what was read of a pipe, so that it can be read again.
    func keep(_ bytes: UnsafeRawBufferPointer) {
        found.withLock { $0.kept += unsafe Array(bytes) }
    }

    /// Puts what was kept, from a place on, into `room`; returns how much.
    func kept(from place: Int, into room: UnsafeMutableRawBufferPointer) -> Int {
        found.withLock {
            let part = $0.kept.dropFirst(place).prefix(room.count)
            unsafe room.copyBytes(from: part)
            return part.count
        }
    }

    /// Waits for the writer of a pipe.
    func waitForWriter() {
        if let descriptor { Self.waitForWriter(descriptor) }
    }

    /// A descriptor to read from, and whether the reader closes it.
    func descriptorToRead() throws(ListError) -> (number: Int32, isOwned: Bool) {
        if let descriptor { return (descriptor, false) }
        let descriptor = try Self.open(location)
        do throws(ListError) {
            _ = try Self.state(of: descriptor, location)
        } catch {
            Self.close(descriptor)
            throw error
        }
        return (descriptor, descriptor != STDIN_FILENO)
    }

    private static func open(_ location: ListLocation) throws(ListError) -> Int32 {
        guard !isInput(location) else {
            let mode = fcntl(STDIN_FILENO, F_GETFL)
            guard mode >= 0, mode & O_ACCMODE != O_WRONLY else {
                throw ListError(
                    .unavailable, source: location.name, reason: "standard input is closed")
            }
            return STDIN_FILENO
        }
        // Without O_NONBLOCK the opening of a named pipe would wait for its writer.
        let descriptor = unsafe Glibc.open(location.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unavailable(location, errno) }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        return descriptor
    }

    /// Whether the path is that of standard input.
    private static func isInput(_ location: ListLocation) -> Bool {
        ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].contains(location.path)
    }

    private static func state(
        of descriptor: Int32, _ location: ListLocation
    ) throws(ListError) -> stat {
        var state = stat()
        guard unsafe fstat(descriptor, &state) == 0 else { throw unavailable(location, errno) }
        let reason: String? =
            switch state.st_mode & S_IFMT {
            case S_IFDIR: "is a directory: name the files in it, each as a list"
            case S_IFBLK: "is a block device"
            default: nil
            }
        if let reason {
            throw ListError(.unavailable, source: location.name, reason: reason)
        }
        return state
    }

    /// The first bytes of a regular file, from its current offset, which does not change.
    private static func head(of descriptor: Int32) -> [UInt8] {
        let position = max(0, lseek(descriptor, 0, SEEK_CUR))
        var bytes = [UInt8](repeating: 0, count: headBytes)
        let count = unsafe pread(descriptor, &bytes, bytes.count, position)
        return Array(bytes.prefix(max(0, count)))
    }

    /// A named pipe that no process has opened for writing yet would read as ended.
    private static func waitForWriter(_ descriptor: Int32) {
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while unsafe poll(&state, 1, -1) < 0, errno == EINTR {}
    }

    private static func close(_ descriptor: Int32) {
        if descriptor != STDIN_FILENO { Glibc.close(descriptor) }
    }

    private static func unavailable(_ location: ListLocation, _ number: Int32) -> ListError {
        unsafe ListError(
            .unavailable, source: location.name, reason: String(cString: strerror(number)))
    }

    private struct Stream: Hashable, Sendable {
        let device: dev_t
        let number: ino_t
    }
}

/// What a file seems to be by its first bytes, where it is no list of names.
private enum ListAppearance {
    /// What the file seems to be; nil where it may be a list, or is compressed.
    static func describe(_ head: [UInt8]) -> String? {
        guard Compression(magic: head) == .none, UTF16Text(start: head) == nil else { return nil }
        let text = head.drop { $0 <= 0x20 }
        if text.starts(with: Array("%PDF-".utf8)) { return "a PDF file" }
        if head.contains(0) { return "binary (it has NUL octets)" }
        if text.first == UInt8(ascii: "<") { return "HTML or XML" }
        return json(text)
    }

    /// What JSON the text is, where it is not an object a line, nor a name or an object a line in
    /// brackets.
    private static func json(_ text: ArraySlice<UInt8>) -> String? {
        let line = text.prefix { $0 != UInt8(ascii: "\n") }
        guard line.count < text.count else { return nil }
        switch text.first {
        case UInt8(ascii: "[") where line.dropFirst().first.map(isJSONValue) == true:
            return "a JSON array on one line (jq -c '.[]' makes it an entry a line)"
        case UInt8(ascii: "{") where JSONLine(line.span) == nil:
            return "JSON of several lines an object (jq -c . makes it an object a line)"
        default: return nil
        }
    }

    /// Whether a value of JSON can begin with a byte that follows a bracket.
    private static func isJSONValue(_ byte: UInt8) -> Bool {
        isDigit(byte) || "\"{[".utf8.contains(byte)
    }
}
