internal import Records

/// A table with a bar in each row: a chart that can be read out, copied and printed.
struct BarTable {
    /// A part of each bar.
    struct Segment {
        /// The column that it shows.
        var column: String
        /// The class that gives its colour: `good`, `fair`, `poor`, `bad`, `plain`.
        var tone: String
    }

    var table: StatsTable
    /// The column whose count is shown in each row.
    var count: String
    var segments: [Segment]
    /// The count of the longest bar; the largest count by default.
    var whole: Int?
    /// The column that each row's share is of; the base of the table by default.
    var shareOf: String?
    /// How many rows, of those that count anything.
    var limit = 15
    /// What the rows are about; the first label's name by default.
    var head: String?
    /// The text for a row's labels.
    var words: ([String]) -> String = { $0[0].spoken }
    /// The colour of a row's first part; that of the segment by default.
    var tone: (([String]) -> String)?
    /// Other columns shown in each row.
    var extra: [String] = []

    /// The table as HTML; a sentence where there is nothing to show.
    var html: String {
        let column = table.place(count)
        let shown = table.rows.filter { $0.counts[column] > 0 }.prefix(limit)
        guard !shown.isEmpty else { return "<p class=\"empty\">None.</p>\n" }
        let scale = whole ?? shown.map { $0.counts[column] }.max() ?? 1
        var text = "<table class=\"bars\">\n<thead><tr><th scope=\"col\">"
        text += "\(head ?? table.labels[0].spoken)</th><th scope=\"col\">\(count.spoken)</th>"
        if hasShare { text += "<th scope=\"col\">share</th>" }
        for name in extra { text += "<th scope=\"col\" class=\"extra\">\(name.spoken)</th>" }
        text +=
            "<th scope=\"col\" class=\"bar\"><span class=\"aloud\">bar</span></th></tr></thead>\n"
        for row in shown { text += html(row, column, scale) }
        let left = table.rows.filter { $0.counts[column] > 0 }.count - shown.count
        if left > 0 || table.rest != nil {
            text += "<tfoot><tr><td colspan=\"\(3 + (hasShare ? 1 : 0) + extra.count)\">and "
            text += left > 0 ? "\(grouped(left)) more below, under " : "more, under "
            text += "<a href=\"#every-figure\">every figure</a></td></tr></tfoot>\n"
        }
        return text + "</table>\n"
    }

    private func html(_ row: StatsTable.Row, _ column: Int, _ scale: Int) -> String {
        let count = row.counts[column]
        let whole = shareOf.map { row.counts[table.place($0)] } ?? table.base?.count
        var text =
            "<tr data-table=\"\(table.name)\" "
            + "data-row=\"\(row.labels.joined(separator: "/").html)\""
        text += " data-column=\"\(self.count)\" data-count=\"\(count)\">"
        text += "<th scope=\"row\">\(words(row.labels).html)</th><td>\(grouped(count))</td>"
        if hasShare {
            text += "<td class=\"share\">\(whole.map { percent(count, of: $0).html } ?? "")</td>"
        }
        for name in extra {
            let value = row.counts[table.place(name)]
            text += "<td class=\"extra\" data-column=\"\(name)\" data-count=\"\(value)\">"
            text += "\(grouped(value))</td>"
        }
        return text + "<td class=\"bar\">\(bar(row, scale))</td></tr>\n"
    }

    private var hasShare: Bool { shareOf != nil || table.base != nil }

    /// SVG, because backgrounds are often not printed.
    private func bar(_ row: StatsTable.Row, _ scale: Int) -> String {
        var text = "<svg viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
        text += "<rect class=\"track\" width=\"1000\" height=\"10\"/>"
        var start = 0
        for segment in segments {
            let value = row.counts[table.place(segment.column)]
            guard value > 0, scale > 0 else { continue }
            // What is there at all is seen.
            let width = max(3, (value * 1000 + scale / 2) / scale)
            text +=
                "<rect class=\"\(tone?(row.labels) ?? segment.tone)\" x=\"\(start)\" "
                + "width=\"\(width)\" height=\"10\">"
            text += "<title>\(segment.column.spoken): \(grouped(value))</title></rect>"
            start += width
        }
        return text + "</svg>"
    }
}
