import DNS
import Testing

@testable import DomainList

@Suite("Names as people write them")
struct NameReaderTests {
    @Test(
        "a name has one canonical form",
        arguments: [
            ("example.com", "example.com"),
            ("Example.COM", "example.com"),  // letters match without case, RFC 4343
            ("example.com.", "example.com"),  // absolute
            ("com", "com"),  // a TLD can have mail
            ("_dmarc.example.com", "_dmarc.example.com"),  // underscore labels, RFC 8552
            ("3com.com", "3com.com"),  // a digit may lead, RFC 1123 §2.1
            ("1.2.3.4.example", "1.2.3.4.example"),  // digits in all labels but the last
            ("r3---sn-4g5e.example", "r3---sn-4g5e.example"),  // hyphens at the third place
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),  // an A-label as it is
            ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),  // an A-label in capitals
            ("bücher.example", "xn--bcher-kva.example"),  // a U-label
            ("BÜCHER.example", "xn--bcher-kva.example"),  // a U-label in capitals
            ("bu\u{308}cher.example", "xn--bcher-kva.example"),  // decomposed: NFC first
            ("faß.example", "xn--fa-hia.example"),  // nontransitional: ß stays
            ("例え。テスト", "xn--r8jz45g.xn--zckzah"),  // ideographic full stop
            ("ｅｘａｍｐｌｅ.com", "example.com"),  // full width maps to ASCII
            ("bücher.example.", "xn--bcher-kva.example"),  // absolute with a U-label
            ("_x.bücher.example", "_x.xn--bcher-kva.example"),  // underscore beside a U-label
        ])
    func accepts(text: String, canonical: String) throws {
        #expect(try NameReader.name(from: text).text == canonical)
    }

    @Test(
        "a text that is no name has a reason",
        arguments: [
            ("", "empty_label"),  // nothing
            (".", "empty_label"),  // the root
            (".example.com", "empty_label"),  // a dot leads
            ("example..com", "empty_label"),  // two dots
            ("example.com..", "empty_label"),  // one trailing dot is allowed, not two
            (String(repeating: "a", count: 64) + ".com", "label_too_long"),  // 64
            (String(repeating: "ü", count: 64) + ".com", "label_too_long"),  // 64 as an A-label
            (String(repeating: "a.", count: 126) + "aa", "name_too_long"),  // 254
            ("exa mple.com", "bad_character"),  // a blank
            ("exa\u{7}mple.com", "bad_character"),  // a control character
            ("example.com/path", "bad_character"),  // a path
            ("*.example.com", "bad_character"),  // a wildcard
            ("192.0.2.0/24", "bad_character"),  // a network
            ("bücher.exa mple", "bad_character"),  // a blank beside a U-label
            ("bü\0cher.example", "bad_character"),  // a NUL beside a U-label
            ("-example.com", "bad_hyphen"),  // a hyphen leads
            ("example-.com", "bad_hyphen"),  // a hyphen trails
            ("192.0.2.1", "ip_address"),
            ("192.0.2.1.", "ip_address"),  // absolute
            ("[192.0.2.1]", "ip_address"),  // an address literal, RFC 5321 §4.1.3
            ("2001:db8::1", "ip_address"),
            ("[2001:db8::1]", "ip_address"),
            ("fe80::1%eth0", "ip_address"),  // with a zone
            ("example.123", "numeric_tld"),
            ("192.0.2.256", "numeric_tld"),  // no address either
            ("12345", "numeric_tld"),
            ("user@example.com", "email_address"),
            ("user@bücher.example", "email_address"),
            ("https://example.com/", "url"),
            ("https://user@example.com/", "url"),  // a URL before a mailbox
            ("\u{338}x.example", "idna"),  // a combining mark leads, RFC 5891 §4.2.3.2
        ])
    func refuses(text: String, reason: String) {
        let fault = #expect(throws: InvalidName.self) { try NameReader.name(from: text) }
        #expect(fault?.reason.rawValue == reason, "\(fault?.message ?? "")")
    }

    @Test("63 bytes are the longest label, 253 the longest name")
    func longest() throws {
        let label = String(repeating: "a", count: 63) + ".example"
        #expect(try NameReader.name(from: label).text == label)
        let name = String(repeating: "a.", count: 126) + "a"
        #expect(try NameReader.name(from: name).text == name)
    }

    @Test("the message shows the value and what libidn2 says")
    func messages() {
        let blank = #expect(throws: InvalidName.self) { try NameReader.name(from: "a b.example") }
        #expect(blank?.message == "“a b.example” has a blank in it")
        let wakeSignal = #expect(throws: InvalidName.self) { try NameReader.name(from: "a\u{7}") }
        #expect(wakeSignal?.message.hasSuffix("the control character 0x7 in it") == true)
        let idna = #expect(throws: InvalidName.self) { try NameReader.name(from: "\u{338}x.com") }
        #expect(idna?.message.contains("combining") == true, "\(idna?.message ?? "")")
        let long = #expect(throws: InvalidName.self) {
            try NameReader.name(from: String(repeating: "x.", count: 200) + "y")
        }
        #expect(long?.message.contains("…” has 401 bytes") == true)
    }
}
