/// The octets of positional arguments, in their order.
///
/// A parsed argument is a string, in which octets that are not UTF-8 are replaced. Each one is
/// searched for after the one before it. Between them are flags and names of commands, which are
/// ASCII, so where they read the same they are the same.
func rawArguments(of parsed: [String]) -> [[UInt8]] {
    let raw = (1..<max(1, Int(CommandLine.argc))).compactMap { index in
        unsafe CommandLine.unsafeArgv[index].map(octets)
    }
    var position = 0
    return parsed.map { text in
        let place = raw[position...].firstIndex { String(decoding: $0, as: UTF8.self) == text }
        guard let place else { return Array(text.utf8) }
        position = place + 1
        return raw[place]
    }
}

private func octets(of text: UnsafeMutablePointer<CChar>) -> [UInt8] {
    var octets: [UInt8] = []
    var position = 0
    while unsafe text[position] != 0 {
        unsafe octets.append(UInt8(bitPattern: text[position]))
        position += 1
    }
    return octets
}
