/// Lines or points over an axis, as SVG; the figures stand in a table beside it.
struct Chart {
    /// A line, or points without one.
    struct Series {
        var words: String
        /// The class that gives its colour.
        var tone: String
        /// Positions along the axis from 0 to 1, and shares from 0 to 1.
        var points: [(x: Double, share: Double, words: String)]
        var kind = Kind.line
    }

    enum Kind {
        case line
        /// A share stays until the next position.
        case steps
        case points
    }

    /// What the chart shows, as a sentence for those who do not see it.
    var summary: String
    /// What the axis along the bottom is.
    var axis: String
    var ticks: [(x: Double, words: String)]
    var series: [Series]

    private static let (width, height) = (460.0, 250.0)
    private static let (left, right, top, bottom) = (40.0, 14.0, 12.0, 44.0)

    /// The chart as an SVG element.
    var html: String {
        let largest = series.flatMap(\.points).map(\.share).max() ?? 0
        let scale = Scale(largest: Int(largest * 1_000_000))
        var text = "<svg class=\"chart\" viewBox=\"0 0 460 250\" role=\"img\" "
        text += "aria-label=\"\(summary.html)\">\n"
        text += axes(scale)
        for (place, series) in series.enumerated() { text += html(series, place, scale) }
        return text + "</svg>\n"
    }

    /// What the lines are; nothing where there is one.
    var legend: String {
        guard series.count > 1 else { return "" }
        let items = series.enumerated().map { place, series in
            "<li><svg viewBox=\"0 0 24 8\" aria-hidden=\"true\" class=\"\(series.tone)\">"
                + "<path class=\"line dash\(place)\" d=\"M0 4H24\"/></svg>"
                + "\(series.words.html)</li>"
        }
        return "<ul class=\"legend lines\">\(items.joined())</ul>\n"
    }

    private func axes(_ scale: Scale) -> String {
        var text = ""
        for part in 0...4 {
            let y = Self.y(Double(part) / 4)
            text += "<line class=\"grid\" x1=\"\(Self.left)\" x2=\"\(Self.width - Self.right)\" "
            text += "y1=\"\(Self.shown(y))\" y2=\"\(Self.shown(y))\"/>"
            text += "<text x=\"\(Self.left - 6)\" y=\"\(Self.shown(y + 4))\" class=\"end\">"
            text += "\(Self.percentage(scale.end * part / 4))</text>\n"
        }
        for tick in ticks {
            text += "<text x=\"\(Self.shown(Self.x(tick.x)))\" y=\"\(Self.height - 26)\" "
            text += "class=\"middle\">\(tick.words.html)</text>\n"
        }
        let middle = (Self.left + Self.width - Self.right) / 2
        return text + "<text x=\"\(middle)\" y=\"\(Self.height - 6)\" class=\"middle soft\">"
            + "\(axis.html)</text>\n"
    }

    private func html(_ series: Series, _ place: Int, _ scale: Scale) -> String {
        let points = series.points.map { point in
            (
                x: Self.x(point.x), y: Self.y(point.share * 1_000_000 / Double(scale.end)),
                words: point.words
            )
        }
        var text = "<g class=\"series \(series.tone)\">\n"
        if series.kind != .points {
            text += "<path class=\"line dash\(place)\" d=\"\(path(points, series.kind))\"/>\n"
        }
        guard series.kind != .steps else { return text + "</g>\n" }
        for point in points {
            text += "<circle cx=\"\(Self.shown(point.x))\" cy=\"\(Self.shown(point.y))\" r=\"4\">"
            text += "<title>\(point.words.html)</title></circle>\n"
        }
        return text + (series.kind == .points ? Self.names(points) : "") + "</g>\n"
    }

    private func path(_ points: [(x: Double, y: Double, words: String)], _ kind: Kind) -> String {
        var text = ""
        for point in points {
            let (x, y) = (Self.shown(point.x), Self.shown(point.y))
            if text.isEmpty {
                text = "M\(x) \(y)"
            } else {
                text += kind == .steps ? "H\(x)V\(y)" : "L\(x) \(y)"
            }
        }
        return text
    }

    /// The names of points, those first that come first, as far as they find room.
    private static func names(_ points: [(x: Double, y: Double, words: String)]) -> String {
        var text = ""
        var taken: [(x: Double, y: Double, width: Double)] = []
        for point in points {
            let name = point.words.prefix { $0 != ":" }
            let width = Double(name.count) * 7 + 4
            let x = point.x + 7 + width > Self.width ? point.x - 7 - width : point.x + 7
            let isFree = taken.allSatisfy {
                x + width < $0.x || $0.x + $0.width < x || abs($0.y - point.y) > 12
            }
            guard isFree else { continue }
            taken.append((x, point.y, width))
            text += "<text x=\"\(shown(x))\" y=\"\(shown(point.y + 4))\">"
            text += "\(String(name).html)</text>\n"
        }
        return text
    }

    private static func x(_ part: Double) -> Double { left + part * (width - left - right) }

    private static func y(_ part: Double) -> Double {
        height - bottom - min(1, part) * (height - top - bottom)
    }

    /// A number with one decimal.
    private static func shown(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }

    /// Millionths in percent, with a decimal where that is needed.
    private static func percentage(_ millionths: Int) -> String {
        let (whole, rest) = (millionths / 10_000, millionths / 100 % 100)
        guard rest != 0 else { return "\(whole)%" }
        guard rest % 10 != 0 else { return "\(whole).\(rest / 10)%" }
        return "\(whole).\(rest < 10 ? "0" : "")\(rest)%"
    }
}
