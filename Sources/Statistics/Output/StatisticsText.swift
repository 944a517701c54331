internal import Records

extension StatsTable {
    /// The table in columns for a terminal, with shares of the base.
    public var text: String {
        var lines = [title + (base.map { " (of \(grouped($0.count)) \($0.words))" } ?? "")]
        if !note.isEmpty { lines += wrapped(note, width: 78).map { "  " + $0 } }
        let shown = dropZeros().allRows
        guard !shown.isEmpty else { return lines.joined(separator: "\n") + "\n  none\n" }
        let kept = brief.filter { column in shown.contains { $0.counts[column] != 0 } }
        let named = labels.indices.filter { label in shown.contains { !$0.labels[label].isEmpty } }
        var cells = [named.map { labels[$0] } + heads(kept)]
        for row in shown { cells.append(named.map { row.labels[$0] } + values(row, kept)) }
        let widths = cells[0].indices.map { place in cells.map { $0[place].count }.max() ?? 0 }
        for row in cells {
            var line = "  "
            for (place, cell) in row.enumerated() {
                let pad = String(repeating: " ", count: widths[place] - cell.count)
                line += place < named.count ? cell + pad + "  " : pad + cell + "  "
            }
            while line.hasSuffix(" ") { line.removeLast() }
            lines.append(line)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func heads(_ kept: [Int]) -> [String] {
        kept.flatMap { isFollowed($0) ? [columns[$0], ""] : [columns[$0]] }
    }

    private func values(_ row: Row, _ kept: [Int]) -> [String] {
        kept.flatMap { column in
            let count = grouped(row.counts[column])
            guard isFollowed(column) else { return [count] }
            let share = shares.first { $0.part == column }
            let whole = share.map { row.counts[$0.whole] } ?? base?.count ?? 0
            return [count, percent(row.counts[column], of: whole)]
        }
    }

    /// Whether a share follows the column.
    private func isFollowed(_ column: Int) -> Bool {
        shares.isEmpty ? base != nil && column == 0 : shares.contains { $0.part == column }
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

/// Text in lines of at most `width` characters.
func wrapped(_ text: String, width: Int) -> [String] {
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
