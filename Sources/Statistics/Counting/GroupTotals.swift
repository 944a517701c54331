/// What is counted of groups that a column of the list makes, and by weights that another has.
///
/// Sums of weights are exact, in millionths. Memory grows with the groups, up to `groupsMax`.
struct GroupTotals: Sendable {
    private static let width = AdoptionColumn.allCases.count
    /// How many of these are one whole.
    static let parts: Int128 = 1_000_000

    private let groupsMax: Int
    /// The domains of each group, under the indexes of `AdoptionColumn`.
    private(set) var groups: GroupTable<String>
    /// The weights of each group.
    private(set) var groupWeights: [String: [Int128]] = [:]
    /// The weights of groups for which there was no room.
    private(set) var otherWeights = [Int128](repeating: 0, count: width)
    /// The weights of all domains.
    private(set) var weights = [Int128](repeating: 0, count: width)
    /// The domains whose weight is known.
    private(set) var weighed = [Int](repeating: 0, count: width)
    /// All domains.
    private(set) var domains = [Int](repeating: 0, count: width)
    /// Whether some weight is no whole number.
    private(set) var hasFractions = false

    init(groupsMax: Int) {
        self.groupsMax = groupsMax
        groups = GroupTable(width: Self.width, capacity: groupsMax)
    }

    /// Counts a domain in columns.
    mutating func add(_ columns: [Int], _ facts: DomainFacts) {
        if let group = facts.group { groups.count(columns, of: group) }
        guard let weight = facts.weight else { return }
        for column in columns { domains[column] += 1 }
        guard let value = weight.millionths else { return }
        if value % Self.parts != 0 { hasFractions = true }
        for column in columns {
            weights[column] += value
            weighed[column] += 1
        }
        if let group = facts.group { addWeight(value, columns, of: group) }
    }

    private mutating func addWeight(_ value: Int128, _ columns: [Int], of group: String) {
        if groupWeights[group] == nil {
            guard groupWeights.count < groupsMax else {
                for column in columns { otherWeights[column] += value }
                return
            }
            groupWeights[group] = [Int128](repeating: 0, count: Self.width)
        }
        for column in columns { groupWeights[group]?[column] += value }
    }

    mutating func merge(_ other: GroupTotals) {
        groups.merge(other.groups)
        for (group, sums) in other.groupWeights {
            if groupWeights[group] != nil || groupWeights.count < groupsMax {
                let before = groupWeights[group] ?? [Int128](repeating: 0, count: Self.width)
                groupWeights[group] = zip(before, sums).map { $0 + $1 }
            } else {
                otherWeights = zip(otherWeights, sums).map { $0 + $1 }
            }
        }
        otherWeights = zip(otherWeights, other.otherWeights).map { $0 + $1 }
        weights = zip(weights, other.weights).map { $0 + $1 }
        weighed = zip(weighed, other.weighed).map { $0 + $1 }
        domains = zip(domains, other.domains).map { $0 + $1 }
        hasFractions = hasFractions || other.hasFractions
    }
}

/// The weight of a domain as a column of the list has it.
public struct DomainWeight: Hashable, Sendable {
    /// The weight in millionths; nil where the column has no number of 0 or more.
    public let millionths: Int128?

    /// The weight that a text of decimal digits says, with a point and up to six digits or without.
    public init(_ text: String?) {
        millionths = text.flatMap(Self.millionths)
    }

    private static func millionths(_ text: String) -> Int128? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
            .map { Array($0.utf8) }
        guard let whole = parts.first, !whole.isEmpty, whole.count <= 18,
            parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDecimal) })
        else { return nil }
        let fraction = parts.count > 1 ? parts[1] : []
        var value: Int128 = 0
        for digit in whole { value = value * 10 + Int128(digit & 15) }
        var digits = fraction.prefix(6)
        while digits.count < 6 { digits.append(UInt8(ascii: "0")) }
        for digit in digits { value = value * 10 + Int128(digit & 15) }
        return value
    }

    private static func isDecimal(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }
}
