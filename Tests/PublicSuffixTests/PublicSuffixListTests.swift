import PublicSuffix
import Testing

@Suite struct PublicSuffixListTests {
    @Test(arguments: [
        ("mx1.example.com", "example.com"), ("example.com", "example.com"), ("com", nil),
        ("mail.example.co.uk", "example.co.uk"), ("co.uk", nil),
        ("a.b.example.co.jp", "example.co.jp"),
        ("www.city.kawasaki.jp", "city.kawasaki.jp"),  // an exception to a wildcard
        ("a.b.c.kawasaki.jp", "b.c.kawasaki.jp"),  // a wildcard
        ("me.github.io", "me.github.io"),  // a private suffix
        ("mx1.mailgrove.lab", "mailgrove.lab"),  // no rule: the last label is the suffix
        ("mail.xn--85x722f.com.cn", "xn--85x722f.com.cn"), ("localhost", nil),
    ])
    func registrableDomains(name: String, expected: String?) throws {
        let list = try #require(PublicSuffixList())
        #expect(list.registrableDomain(of: name) == expected)
    }
}
