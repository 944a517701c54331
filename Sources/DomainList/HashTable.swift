internal import CAllocator
public import DNS
internal import Glibc

/// A set of 64-bit hashes in open addressing, in memory of its own.
///
/// The pages come from `mmap` and go back by `munmap`: tables that grow side by side would fragment
/// the heap.
@safe final class HashTable {
    private var slots: UnsafeMutablePointer<UInt64>
    private(set) var capacity: Int
    private(set) var count = 0

    private static let loadMax = 0.85
    private static let growth = 1.25

    init(capacity: Int) {
        self.capacity = capacity
        unsafe slots = Self.map(capacity)
    }

    deinit { unsafe Self.unmap(slots, capacity) }

    /// Inserts a hash, which is not 0; false where it is in the set already.
    func insert(_ hash: UInt64) -> Bool {
        if Double(count + 1) > Double(capacity) * Self.loadMax { grow() }
        guard put(hash) else { return false }
        count += 1
        return true
    }

    private func put(_ hash: UInt64) -> Bool {
        // The top 8 bits chose the table; those below, as a fraction, choose the slot.
        var slot = Int((hash << 8).multipliedFullWidth(by: UInt64(capacity)).high)
        while unsafe slots[slot] != 0 {
            if unsafe slots[slot] == hash { return false }
            slot += 1
            if slot == capacity { slot = 0 }
        }
        unsafe slots[slot] = hash
        return true
    }

    private func grow() {
        let (old, oldCapacity) = unsafe (slots, capacity)
        capacity = Int(Double(oldCapacity) * Self.growth)
        unsafe slots = Self.map(capacity)
        for slot in 0..<oldCapacity where unsafe old[slot] != 0 { _ = unsafe put(old[slot]) }
        unsafe Self.unmap(old, oldCapacity)
    }

    private static func map(_ capacity: Int) -> UnsafeMutablePointer<UInt64> {
        let bytes = capacity * MemoryLayout<UInt64>.size
        let memory = unsafe mmap(
            nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
            callocator_end_program()
        }
        return unsafe memory.bindMemory(to: UInt64.self, capacity: capacity)
    }

    private static func unmap(_ slots: UnsafeMutablePointer<UInt64>, _ capacity: Int) {
        unsafe munmap(slots, capacity * MemoryLayout<UInt64>.size)
    }
}

/// The names seen so far, each kept as a 64-bit hash.
///
/// Takes about 10.5 bytes a name. The probability that two names are taken for one is n² / 2⁶⁵ in
/// all: 0.03 % among 100 million names.
public final class UniqueNames {
    private let tables: [HashTable]

    /// What a name takes at most, in bytes.
    static let nameBytes = 11

    /// No names yet.
    public init() {
        // Capacities spread evenly over one step of growth, so that the tables grow one after the
        // other and not all at once.
        tables = (0..<256).map { HashTable(capacity: 2048 + $0 * 2) }
    }

    /// How many names there are.
    public var count: Int { tables.reduce(0) { $0 + $1.count } }

    /// The memory that the hashes take.
    public var bytes: Int { tables.reduce(0) { $0 + $1.capacity } * MemoryLayout<UInt64>.size }

    /// Inserts a name; false where it, or one of the same hash, was seen before.
    public func insert(_ name: DomainName) -> Bool { insert(text: name.text) }

    /// Inserts a name by its canonical text.
    func insert(text: String) -> Bool { insert(hash: UInt64(bitPattern: Int64(text.hashValue))) }

    /// Inserts a name by its hash.
    func insert(hash: UInt64) -> Bool {
        // An empty slot is 0, so the name that hashes to 0 shares the hash 1.
        tables[Int(hash >> 56)].insert(max(hash, 1))
    }
}
