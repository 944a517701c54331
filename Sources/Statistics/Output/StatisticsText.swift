internal import Records

extension StatsTable {
    /// The most characters of a line of prose.
    private static let proseWidth = 78
    /// How many characters of a label are shown at the least.
    private static let labelMin = 8

    /// The table in columns for people, with shares; in lines of at most `width` characters where
    /// there is a width.
    ///
    /// Where lines are short, labels are cut first, and then columns left out from the right, which
    /// is said.
    public func text(width: Int? = nil) -> String {
        let prose = min(width ?? Self.proseWidth, Self.proseWidth)
        let whole = base.map { " (of \(grouped($0.count)) \($0.words))" } ?? ""
        var lines = wrapped(title + whole, width: prose)
        lines += indented(note, prose)
        let shown = dropZeros().allRows
        guard !shown.isEmpty else { return lines.joined(separator: "\n") + "\n  none\n" }
        let kept = brief.filter { column in shown.contains { $0.counts[column] != 0 } }
        let named = labels.indices.filter { label in shown.contains { !$0.labels[label].isEmpty } }
        var grid = Grid(
            labels: named.map { label in [labels[label]] + shown.map { $0.labels[label] } },
            columns: kept.map { cells(of: $0, shown) })
        let left = width.map { grid.fit(into: $0, labelMin: Self.labelMin) } ?? 0
        lines += grid.lines
        if left > 0 {
            let names = kept.suffix(left).map { columns[$0] }.joined(separator: ", ")
            lines += indented("Not shown, since lines are too short: \(names).", prose)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A column: its head and its counts, and the same of the share beside it where there is one.
    private func cells(of column: Int, _ rows: [Row]) -> [[String]] {
        let counts = [columns[column]] + rows.map { grouped($0.counts[column]) }
        guard sharesShown.contains(columns[column]) else { return [counts] }
        return [counts, [""] + rows.map { share($0, in: column) }]
    }

    private func share(_ row: Row, in column: Int) -> String {
        guard let share = share(row, column) else { return "–" }
        let interval = interval(row, column).map { " (\($0.text))" } ?? ""
        return percent(share.part, of: share.whole) + interval
    }

    private func indented(_ text: String, _ width: Int) -> [String] {
        wrapped(text, width: width - 2).map { "  " + $0 }
    }
}

/// Cells in columns, those of labels first.
private struct Grid {
    /// The cells of each column of labels, its head first.
    private var labels: [[String]]
    /// The same of counts, each with the column of shares that belongs to it.
    private var columns: [[[String]]]

    private static let margin = 2

    init(labels: [[String]], columns: [[[String]]]) {
        self.labels = labels
        self.columns = columns
    }

    /// Makes the lines as short as `width` and gives how many columns were left out for it.
    ///
    /// One stays, in the worst case without its share.
    mutating func fit(into width: Int, labelMin: Int) -> Int {
        cutLabels(to: width, labelMin)
        var left = 0
        while self.width > width, columns.count > 1 {
            columns.removeLast()
            left += 1
        }
        if self.width > width { columns = columns.map { Array($0.prefix(1)) } }
        return left
    }

    private mutating func cutLabels(to width: Int, _ labelMin: Int) {
        while self.width > width,
            let widest = labels.indices.max(by: { Self.width(labels[$0]) < Self.width(labels[$1]) })
        {
            let now = Self.width(labels[widest])
            guard now > labelMin else { return }
            let limit = max(labelMin, now - (self.width - width))
            labels[widest] = labels[widest].map { cell in
                cell.count > limit ? cell.prefix(limit - 1) + "…" : cell
            }
        }
    }

    private static func width(_ cells: [String]) -> Int { cells.map(\.count).max() ?? 0 }

    private var width: Int {
        (labels + columns.flatMap(\.self)).reduce(0) { $0 + Self.margin + Self.width($1) }
    }

    var lines: [String] {
        let all = labels + columns.flatMap(\.self)
        let widths = all.map(Self.width)
        return (all.first ?? []).indices.map { row in
            var line = ""
            for (place, cells) in all.enumerated() {
                let padding = String(repeating: " ", count: widths[place] - cells[row].count)
                line += "  " + (place < labels.count ? cells[row] + padding : padding + cells[row])
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}

/// A share in percent with one decimal, or two where it is small; a dash where there is no whole.
///
/// A part above 0 is never shown as 0 %, and a part below the whole never as 100 %.
func percent(_ part: Int, of whole: Int) -> String {
    guard whole > 0 else { return "–" }
    // Sums of weights are large.
    let (part, whole) = (Int128(part), Int128(whole))
    let tenths = (part * 1000 + whole / 2) / whole
    if part < whole, tenths >= 1000 {
        let hundredths = (part * 10_000 + whole / 2) / whole
        return hundredths >= 10_000 ? ">99.99%" : "99.\(hundredths % 100)%"
    }
    if tenths >= 10 || part == 0 { return "\(tenths / 10).\(tenths % 10)%" }
    let hundredths = (part * 10_000 + whole / 2) / whole
    if hundredths == 0 { return "<0.01%" }
    return "0.\(hundredths / 10)\(hundredths % 10)%"
}

/// Text in lines of at most `width` characters, unless a word is longer.
public func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
        if !line.isEmpty, line.count + word.count + 1 > width {
            lines.append(line)
            line = ""
        }
        line += line.isEmpty ? String(word) : " " + word
    }
    return line.isEmpty ? lines : lines + [line]
}
