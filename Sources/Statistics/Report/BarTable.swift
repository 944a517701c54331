internal import Records

/// A table with a bar in each row: a chart that can be read out, copied and printed.
///
/// A bar is a rate: the row's share of its own whole, drawn on a scale that all rows have in
/// common, so that the longest bar is that of the largest share.
struct BarTable {
    /// A part of each bar.
    struct Segment {
        /// The column that it shows.
        var column: String
        /// The class that gives its colour: `good`, `fair`, `poor`, `bad`, `plain`.
        var tone: String
    }

    /// Rows of a smaller whole get a pale bar: their share says little.
    static let leastWhole = 20

    var table: StatsTable
    /// The column whose count is shown in each row.
    var count: String
    var segments: [Segment]
    /// What the counted part of each row has besides the segments; nil where there is nothing.
    var remainder: (words: String, tone: String)?
    /// The column that each row's bar and share are of; the base of the table by default.
    var shareOf: String?
    /// Whether the share is written beside the count.
    var hasShare = true
    /// How many rows, of those that count anything.
    var limit = 15
    /// What the rows are about; the first label's name by default.
    var head: String?
    /// The colour of a row's first part; that of the segment by default.
    var tone: (([String]) -> String)?
    /// Other columns shown in each row.
    var extra: [String] = []

    /// Whether there is nothing to show.
    var isEmpty: Bool { shown.isEmpty }

    /// The values that the rows shown are about.
    var terms: [GlossaryTerm] { shown.flatMap { GlossaryTerm.all(of: table.name, $0.labels) } }

    private var shown: ArraySlice<StatsTable.Row> {
        let column = table.place(count)
        return table.rows.filter { $0.counts[column] > 0 }.prefix(limit)
    }

    /// The table as HTML.
    var html: String {
        let scale = Scale(largest: largestShare)
        var text = "<table class=\"bars\">\n<thead><tr><th scope=\"col\">"
        text += "\(head ?? table.labels[0].columnWords)</th>"
        text += "<th scope=\"col\">\(count.columnWords)</th>"
        if hasShare {
            let interval = table.isSample ? " (95% interval)" : ""
            text += "<th scope=\"col\">share\(interval)</th>"
        }
        for name in extra { text += "<th scope=\"col\" class=\"extra\">\(name.columnWords)</th>" }
        text += "<th scope=\"col\" class=\"bar\"><span class=\"aloud\">bar, </span>"
        text += "<span>0</span><span>\(scale.words)</span></th></tr></thead>\n<tbody>\n"
        for row in shown { text += html(row, scale) }
        return text + "</tbody></table>\n" + more
    }

    /// The link to all rows of the table.
    private var more: String {
        let left = table.rows.filter { $0.counts[table.place(count)] > 0 }.count - shown.count
        let words = left > 0 ? "\(grouped(left)) more rows, all columns" : "All columns"
        return "<p class=\"more\"><a href=\"#every-figure\" data-open=\"\(table.name)\">"
            + "\(words), CSV<span class=\"aloud\"> of: \(table.title.html)</span></a></p>\n"
    }

    private func html(_ row: StatsTable.Row, _ scale: Scale) -> String {
        let place = table.place(count)
        let labels = GlossaryTerm.all(of: table.name, row.labels).map(\.html)
        var text = "<tr data-table=\"\(table.name)\" "
        text += "data-row=\"\(row.labels.joined(separator: "/").html)\""
        text += " data-column=\"\(count)\" data-count=\"\(row.counts[place])\">"
        text += "<th scope=\"row\">\(labels.joined(separator: " — "))</th>"
        text += "<td>\(grouped(row.counts[place]))</td>"
        if hasShare {
            let share = percent(row.counts[place], of: whole(of: row)).html
            text += "<td class=\"share\">\(share)\(interval(row).html)</td>"
        }
        for name in extra {
            let value = row.counts[table.place(name)]
            text += "<td class=\"extra\" data-column=\"\(name)\" data-count=\"\(value)\">"
            text += "\(grouped(value))</td>"
        }
        return text + "<td class=\"bar\">\(bar(row, scale))</td></tr>\n"
    }

    /// The 95 % interval of a row's share, after it; nothing where the list is no sample.
    private func interval(_ row: StatsTable.Row) -> String {
        let place = table.place(count)
        guard table.isSample, table.countColumns[place].unit == .domains,
            let interval = Share(row.counts[place], of: whole(of: row))?.interval
        else { return "" }
        return " (\(interval.text))"
    }

    private func whole(of row: StatsTable.Row) -> Int {
        shareOf.map { row.counts[table.place($0)] } ?? table.base?.count
            ?? row.counts[table.place(count)]
    }

    /// What the bar shows of a row: the segments, and the rest of the count.
    private func parts(of row: StatsTable.Row) -> [(words: String, tone: String, count: Int)] {
        var parts = segments.map { segment in
            (
                segment.column.columnWords, tone?(row.labels) ?? segment.tone,
                row.counts[table.place(segment.column)]
            )
        }
        if let remainder {
            let rest = row.counts[table.place(count)] - parts.reduce(0) { $0 + $1.2 }
            parts.append((remainder.words, remainder.tone, max(0, rest)))
        }
        return parts
    }

    /// The largest share that a bar shows, in millionths.
    private var largestShare: Int {
        let telling = shown.filter { whole(of: $0) >= Self.leastWhole }
        return (telling.isEmpty ? Array(shown) : telling).map { row in
            let (part, whole) = (parts(of: row).reduce(0) { $0 + $1.count }, whole(of: row))
            return whole > 0 ? millionths(part, of: whole) : 0
        }.max() ?? 0
    }

    /// SVG, because backgrounds are often not printed.
    private func bar(_ row: StatsTable.Row, _ scale: Scale) -> String {
        let whole = whole(of: row)
        let few = whole < Self.leastWhole ? " class=\"few\"" : ""
        var text = "<svg viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" "
        text += "aria-hidden=\"true\"\(few)>"
        text += "<rect class=\"track\" width=\"1000\" height=\"10\"/>"
        var start = 0
        for part in parts(of: row) where part.count > 0 && whole > 0 && start < 1000 {
            let length = scale.length(millionths(part.count, of: whole))
            // What is there at all is seen.
            let width = min(1000 - start, max(4, length))
            text += "<rect class=\"\(part.tone)\" x=\"\(start)\" width=\"\(width)\" height=\"10\">"
            text += "<title>\(part.words.html): \(grouped(part.count)), "
            text += "\(percent(part.count, of: whole).html)</title></rect>"
            start += width
        }
        return text + "</svg>"
    }
}

/// The scale that shares are drawn on: from 0 to a round share.
struct Scale {
    /// Its end, in millionths.
    let end: Int

    /// The smallest scale on which a share fits.
    init(largest: Int) {
        let ends = [1, 2, 5, 10, 20, 25, 30, 40, 50, 75, 100].map { $0 * 10_000 }
        end = ends.first { largest <= $0 } ?? max(largest, 1)
    }

    /// The end in percent.
    var words: String { "\(end / 10_000)%" }

    /// The length of a share, of 1000.
    func length(_ millionths: Int) -> Int { (millionths * 1000 + end / 2) / end }
}

/// A share in millionths; sums of weights are large.
func millionths(_ part: Int, of whole: Int) -> Int {
    Int(clamping: (Int128(part) * 1_000_000 + Int128(whole) / 2) / Int128(max(whole, 1)))
}
