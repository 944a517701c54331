public import DNS

/// Answers that a server must keep giving: questions for which it has found records, and names
/// below which it has denied random names.
///
/// A few of each type, to find a server that begins to deny one type only.
public struct ReferenceAnswers: Sendable {
    private static let perType = 16
    private static let types: [RecordType] = [.mx, .txt, .a, .ns]
    private static let parentsMax = 8

    /// Questions that were answered by records.
    public private(set) var found: [Question] = []
    /// Names below which random names do not exist.
    private(set) var parents: [DomainName] = []
    /// The types of which there is room for more, a bit for each.
    private var wanted = types.reduce(into: 0 as UInt64) { $0 |= 1 << UInt64($1.rawValue) }

    /// None.
    public init() {}

    /// Those of a resumed scan: questions that were answered by records.
    public init(found: [Question]) {
        for question in found { learn(question) }
    }

    /// Whether there is room for more questions of a type.
    func wants(_ type: RecordType) -> Bool { wanted >> UInt64(type.rawValue) & 1 == 1 }

    /// Takes a question that was answered by records.
    mutating func learn(_ question: Question) {
        guard wants(question.type), !question.name.isRoot,
            !found.contains(where: { $0.type == question.type && $0.name == question.name })
        else { return }
        found.append(question)
        if found.count(where: { $0.type == question.type }) == Self.perType {
            wanted &= ~(1 << UInt64(question.type.rawValue))
        }
    }

    /// Takes a name below which random names do not exist.
    mutating func learn(parent: DomainName) {
        guard parents.count < Self.parentsMax, !parents.contains(parent) else { return }
        parents.append(parent)
    }

    /// Leaves out what is no longer so: names go, and single ones may be filtered.
    mutating func forget(_ question: Question) {
        found.removeAll { $0.type == question.type && $0.name == question.name }
        if Self.types.contains(question.type) { wanted |= 1 << UInt64(question.type.rawValue) }
    }

    /// So many of the questions, beginning anywhere.
    func sample(_ count: Int) -> [Question] { Array(found.shuffled().prefix(count)) }
}
