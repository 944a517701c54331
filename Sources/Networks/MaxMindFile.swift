internal import CMaxMindDB
internal import DNS
internal import Glibc

/// A MaxMind DB: a binary tree over the bits of addresses, whose leaves lead to data.
///
/// It is read through mmap; `@unchecked Sendable`, since after it is checked nothing changes it.
@safe final class MaxMindFile: NetworkSource, @unchecked Sendable {
    let identity: NetworkFileIdentity
    // The library keeps the address of the structure.
    private let database: UnsafeMutablePointer<MMDB_s>
    private let keys: NetworkKeys

    init(_ path: String, _ content: FileContent) throws(NetworkFileError) {
        unsafe database = .allocate(capacity: 1)
        unsafe database.initialize(to: MMDB_s())
        let status = unsafe MMDB_open(path, UInt32(MMDB_MODE_MMAP), database)
        guard status == MMDB_SUCCESS else {
            unsafe database.deallocate()
            throw .refused("\(path) is a damaged MaxMind DB: \(Self.words(status))")
        }
        do throws(NetworkFileError) {
            let seen = try unsafe MaxMindCheck(database).check(path)
            keys = try NetworkKeys(of: seen, path)
        } catch {
            unsafe MMDB_close(database)
            unsafe database.deallocate()
            throw error
        }
        let metadata = unsafe database.pointee.metadata
        let type = unsafe metadata.database_type.map { unsafe String(cString: $0) } ?? ""
        let date = unsafe Int64(clamping: metadata.build_epoch)
        identity = unsafe NetworkFileIdentity(
            name: baseName(path), kind: "MMDB \(type)", date: date, dateSource: .build,
            bytes: content.bytes, sha256: content.sha256, entries: Int(metadata.node_count),
            keys: keys.names)
    }

    deinit {
        unsafe MMDB_close(database)
        unsafe database.deallocate()
    }

    func find(_ address: IPAddress) -> NetworkFacts? {
        var status: Int32 = 0
        var result = unsafe lookup(address, &status)
        guard status == MMDB_SUCCESS, unsafe result.found_entry,
            let values = unsafe LeafValues(&result.entry)
        else { return nil }
        var facts = keys.facts(in: values.values)
        guard facts != NetworkFacts() else { return nil }
        let length = unsafe Int(result.netmask)
        // Of an IPv4 address in a tree of IPv6 the library counts the 96 bits before it.
        let isMapped = address.isV4 && (unsafe database.pointee.metadata.ip_version == 6)
        facts.length = isMapped ? max(0, length - 96) : length
        return facts
    }

    private func lookup(_ address: IPAddress, _ status: inout Int32) -> MMDB_lookup_result_s {
        switch address {
        case .v4(let value):
            var place = sockaddr_in()
            place.sin_family = sa_family_t(AF_INET)
            place.sin_addr.s_addr = value.bigEndian
            return unsafe withUnsafePointer(to: &place) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe MMDB_lookup_sockaddr(database, $0, &status)
                }
            }
        case .v6:
            var place = sockaddr_in6()
            place.sin6_family = sa_family_t(AF_INET6)
            unsafe withUnsafeMutableBytes(of: &place.sin6_addr) {
                unsafe $0.copyBytes(from: address.bytes)
            }
            return unsafe withUnsafePointer(to: &place) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe MMDB_lookup_sockaddr(database, $0, &status)
                }
            }
        }
    }

    static func words(_ status: Int32) -> String {
        unsafe MMDB_strerror(status).map { unsafe String(cString: $0) } ?? "error \(status)"
    }
}

/// The check of a whole database: every node of its tree, and all data that they lead to.
@safe private struct MaxMindCheck {
    private let database: UnsafeMutablePointer<MMDB_s>
    /// The values that occur, by their keys: a few of each.
    private var seen: [String: LeafValue] = [:]
    private var checked: Set<UInt32> = []

    init(_ database: UnsafeMutablePointer<MMDB_s>) { unsafe self.database = database }

    /// The keys that occur, each with a value; damage is refused with its position.
    consuming func check(_ path: String) throws(NetworkFileError) -> [String: LeafValue] {
        let count = unsafe database.pointee.metadata.node_count
        for number in 0..<count {
            var node = unsafe MMDB_search_node_s()
            let status = unsafe MMDB_read_node(database, number, &node)
            guard status == MMDB_SUCCESS else {
                throw .refused(
                    "\(path) is a damaged MaxMind DB: node \(number) of \(count): "
                        + MaxMindFile.words(status))
            }
            try unsafe check(
                node.left_record_type, node.left_record, &node.left_record_entry, number, path)
            try unsafe check(
                node.right_record_type, node.right_record, &node.right_record_entry, number, path)
        }
        return seen
    }

    private mutating func check(
        _ type: UInt8, _ record: UInt64, _ entry: inout MMDB_entry_s, _ number: UInt32,
        _ path: String
    ) throws(NetworkFileError) {
        switch Int32(type) {
        case MMDB_RECORD_TYPE_SEARCH_NODE, MMDB_RECORD_TYPE_EMPTY: return
        case MMDB_RECORD_TYPE_DATA:
            guard unsafe checked.insert(entry.offset).inserted else { return }
            guard let values = unsafe LeafValues(&entry) else {
                throw unsafe .refused(
                    "\(path) is a damaged MaxMind DB: the data at \(entry.offset), of node "
                        + "\(number), cannot be read")
            }
            for (key, value) in values.values where seen[key].map(\.isEmpty) ?? true {
                seen[key] = value
            }
        default:
            throw .refused(
                "\(path) is a damaged MaxMind DB: node \(number) leads to \(record), "
                    + "which is outside it")
        }
    }
}

/// A value without members.
enum LeafValue: Hashable, Sendable {
    case text(String)
    case number(UInt64)
    case other

    /// Whether it says nothing.
    var isEmpty: Bool { self == .text("") || self == .number(0) }
}

/// The values of a leaf's data, by their keys; those in maps by both keys with a dot between.
struct LeafValues {
    /// More of one leaf are not read.
    private static let countMax = 512
    private(set) var values: [String: LeafValue] = [:]

    /// Reads the data of a leaf; nil where they are damaged.
    init?(_ entry: inout MMDB_entry_s) {
        var list: UnsafeMutablePointer<MMDB_entry_data_list_s>?
        let status = unsafe MMDB_get_entry_data_list(&entry, &list)
        defer { unsafe MMDB_free_entry_data_list(list) }
        guard status == MMDB_SUCCESS else { return nil }
        var place = unsafe list
        guard unsafe read(&place, "", depth: 0) else { return nil }
    }

    /// Reads one value, and goes on to what follows it; false where the list ends too early.
    private mutating func read(
        _ place: inout UnsafeMutablePointer<MMDB_entry_data_list_s>?, _ key: String, depth: Int
    ) -> Bool {
        guard let item = unsafe place, depth < 16 else { return false }
        let data = unsafe item.pointee.entry_data
        unsafe place = item.pointee.next
        switch unsafe Int32(data.type) {
        case MMDB_DATA_TYPE_MAP:
            for _ in 0..<(unsafe data.data_size) {
                guard let name = unsafe place,
                    let text = unsafe Self.text(name.pointee.entry_data)
                else { return false }
                unsafe place = name.pointee.next
                let inner = key.isEmpty ? text : "\(key).\(text)"
                guard unsafe read(&place, inner, depth: depth + 1) else { return false }
            }
        case MMDB_DATA_TYPE_ARRAY:
            for number in 0..<(unsafe data.data_size) {
                let inner = "\(key).\(number)"
                guard unsafe read(&place, inner, depth: depth + 1) else { return false }
            }
        default:
            if values.count < Self.countMax { values[key] = unsafe Self.value(data) }
        }
        return true
    }

    private static func value(_ data: MMDB_entry_data_s) -> LeafValue {
        switch unsafe Int32(data.type) {
        case MMDB_DATA_TYPE_UTF8_STRING: unsafe text(data).map { .text($0) } ?? .other
        case MMDB_DATA_TYPE_UINT16: unsafe .number(UInt64(data.uint16))
        case MMDB_DATA_TYPE_UINT32: unsafe .number(UInt64(data.uint32))
        case MMDB_DATA_TYPE_UINT64: unsafe .number(data.uint64)
        case MMDB_DATA_TYPE_INT32: unsafe .number(UInt64(clamping: data.int32))
        default: .other
        }
    }

    private static func text(_ data: MMDB_entry_data_s) -> String? {
        guard unsafe Int32(data.type) == MMDB_DATA_TYPE_UTF8_STRING else { return nil }
        guard let start = unsafe data.utf8_string else { return "" }
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: Int(data.data_size))
        return unsafe String(decoding: bytes, as: UTF8.self)
    }
}

/// The last part of a path.
func baseName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
}
