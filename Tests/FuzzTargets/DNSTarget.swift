internal import DNS

/// The first octet chooses the type asked for, the rest is the message.
func takeDNS(_ octets: [UInt8]) {
    let types: [RecordType] = [.a, .cname, .mx, .txt, .aaaa, .tlsa]
    let type = types[Int(octets.first ?? 0) % types.count]
    let question = Question(DomainName(canonical: "a.example"), type)
    let lookup = Lookup(answering: question, message: Array(octets.dropFirst()).span)
    precondition((lookup.status == .found) == !lookup.records.isEmpty)
    precondition(lookup.aliases.count <= Lookup.aliasesMax)
    lookup.aliases.forEach(check)
    for case .mx(_, let exchange) in lookup.records { check(exchange) }
    takeNames(octets)
}

/// A name reads back as what it was written as, and fits the wire.
private func check(_ name: DomainName) {
    precondition((try? DomainName(name.description)) == name)
    precondition(name.wire.count <= 255 && name.wire.last == 0)
    precondition(name.labels.joined(separator: ".") == name.text)
    precondition(name.isRoot || name.parent.map { name.isWithin($0) } == true)
}

private func takeNames(_ octets: [UInt8]) {
    if let name = try? DomainName(presentation: octets) { check(name) }
    let text = String(decoding: octets, as: UTF8.self)
    guard let address = IPAddress(text) else { return }
    precondition(IPAddress(address.description) == address)
}
