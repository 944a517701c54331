"""What an MX host's replies, addresses and names say of its TLS, and what they do not."""

from __future__ import annotations

import ssl

import pytest

from helpers.chains import authority, issue
from helpers.policies import Net, codes, scan
from helpers.program import read_records
from helpers.rejudging import check_identical, rejudge, write_anew

OFFER = b"250-mx.test\r\n250 STARTTLS\r\n"
# What is said at a step, the status, the verdict of a sender by the RFC and the attempts it takes.
CLIENT = {
    ("EHLO", b"421 4.7.0 Too many connections, try later\r\n"): ("ehlo_4xx", "unknown", 2),
    ("EHLO", b"450-Later\r\n450 please\r\n"): ("ehlo_4xx", "unknown", 2),
    ("EHLO", b"451 4.3.0 Later\r\n"): ("ehlo_4xx", "unknown", 2),
    ("EHLO", b"452 4.3.1 Full\r\n"): ("ehlo_4xx", "unknown", 2),
    ("EHLO", b"500 What?\r\n"): ("starttls_not_offered", "refused", 1),
    ("EHLO", b"501 5.5.4 Invalid name\r\n"): ("starttls_not_offered", "refused", 1),
    ("EHLO", b"502 5.5.1 What?\r\n"): ("starttls_not_offered", "refused", 1),
    ("EHLO", b"503 5.5.1 Bad sequence\r\n"): ("ehlo_5xx", "unknown", 1),
    ("EHLO", b"504 5.5.2 Full name needed\r\n"): ("ehlo_5xx", "unknown", 1),
    ("EHLO", b"521 5.5.0 No mail\r\n"): ("ehlo_5xx", "unknown", 1),
    ("EHLO", b"550 5.7.1 Not you\r\n"): ("ehlo_5xx", "unknown", 1),
    ("EHLO", b"554 5.7.1 Blocked\r\n"): ("ehlo_5xx", "unknown", 1),
    ("STAR", b"421 4.3.2 Closing\r\n"): ("starttls_4xx", "unknown", 2),
    ("STAR", b"454 4.7.0 TLS not available\r\n"): ("starttls_4xx", "unknown", 2),
    ("STAR", b"501 5.5.4 Syntax\r\n"): ("starttls_5xx", "refused", 1),
    ("STAR", b"502 5.5.1 What?\r\n"): ("starttls_5xx", "refused", 1),
    ("STAR", b"554 5.7.3 No TLS\r\n"): ("starttls_5xx", "refused", 1),
    ("STAR", b"250 Go on\r\n"): ("starttls_2xx", "refused", 1),
    ("220", b"421 4.3.2 Busy\r\n"): ("greeting_4xx", "unknown", 2),
    ("220", b"450 Later\r\n"): ("greeting_4xx", "unknown", 2),
    ("220", b"521 No mail\r\n"): ("greeting_5xx", "unknown", 1),
    ("220", b"554 No SMTP service here\r\n"): ("greeting_5xx", "unknown", 1),
    ("220", b"220\r\n"): ("ok", "protected_sts", 1),
    ("220", b"220-\r\n220-a\r\n220 \r\n"): ("ok", "protected_sts", 1),
}
KEYS = {"220": ("greeting_code", "greeting"), "EHLO": ("ehlo_code", "ehlo_reply"),
        "STAR": ("starttls_code", "starttls_reply")}


def served(net, folder, root, *hosts):
    """Each host as a good server, and its domain with a policy that is enforced and names it."""
    for host in hosts:
        net.smtp(net.hosts[host], issue(host, root, names=[host]).context(folder))
        web = issue("web", root, names=[f"mta-sts.of.{host}"])
        net.policy(f"of.{host}", web.context(folder), host)


@pytest.fixture(scope="module")
def replies(tmp_path_factory):
    """A scan of a host for each of the replies: the records, and its folder."""
    folder = tmp_path_factory.mktemp("replies")
    hosts = [f"mx.r{number}.test" for number in range(len(CLIENT))]
    root = authority("Root of Tests")
    with Net(hosts) as net:
        served(net, folder, root, *hosts)
        for host, (step, reply) in zip(hosts, CLIENT, strict=True):
            if step == "220":
                net.greetings[net.hosts[host]] = reply
            else:
                net.replies[net.hosts[host], step] = reply
        records, seen = scan(net, folder, [root], "--retry-delays", "0.1")
    return dict(zip(CLIENT, hosts, strict=True)), records, seen, folder / "out"


@pytest.mark.parametrize("said", CLIENT, ids=lambda said: f"{said[0]} {said[1][:3].decode()}")
def test_a_reply_is_a_fact_about_tls_or_not(replies, said):
    """RFC 5321 §4.2.1 and §4.1.4, RFC 3207 §4, RFC 8461 §5."""
    hosts, records, seen, _ = replies
    status, verdict, rounds = CLIENT[said]
    host, record = seen[hosts[said]], records[f"of.{hosts[said]}"]
    [session] = host["sessions"]
    assert (host["status"], record["verdict"], host["rounds"]) == (status, verdict, rounds)
    code, text = (session[key] for key in KEYS[said[0]])
    assert code == int(said[1][:3])
    assert text == said[1].decode().replace("\r\n", "\n").rstrip("\n")
    if verdict == "unknown":
        assert record["tlsrpt_result"] is None and record["mx_reached"] == 0
    if status == "starttls_2xx":
        assert record["postfix_verdict"] == "protected_sts"
        assert [finding["is_contested"] for finding in record["findings"]] == [True]


def test_replies_are_judged_again_from_the_records(replies, tmp_path):
    check_identical(replies[3], tmp_path / "new")


def test_a_record_without_the_reply_does_not_decide(replies, tmp_path):
    """Earlier programs kept neither the reply nor its code, and took each for a fact."""
    hosts, _, _, folder = replies

    def older(record):
        assert record["schema_version"] == 2
        for session in record["sessions"]:
            for key in ("server_name", "greeting_code", "ehlo_code", "ehlo_reply", "starttls_code",
                        "tls_ehlo_code", "tls_ehlo_reply", "requiretls", "reply_deviations",
                        "tls_alert_code"):
                del session[key]
            if session["status"] == "ehlo_4xx":
                session["status"] = record["status"] = "ehlo_rejected"
        del record["requiretls"]
        return record

    write_anew(folder, "hosts", older)
    rejudge(folder, tmp_path / "new")
    verdicts = {record["domain"]: record["verdict"]
                for record in read_records(tmp_path / "new", "domains")}
    for said, host in hosts.items():
        assert verdicts[f"of.{host}"] == CLIENT[said][1]
    [first] = {record["sessions"][0]["ehlo_code"]: 0
               for record in read_records(tmp_path / "new", "hosts")}
    assert first is None


def test_after_a_refusal_the_next_address_is_tried(tmp_path):
    """RFC 5321 §5.1: whatever order an answer has, one good address is enough for the host."""
    says = {"ehlo": ("EHLO", b"421 4.7.0 Too many\r\n"), "client": ("EHLO", b"554 Not you\r\n"),
            "starttls": ("STAR", b"454 Later\r\n"), "plain": ("EHLO", b"250 mx.test\r\n")}
    hosts = [f"mx.{name}.test" for name in says]
    root = authority("Root of Tests")
    found = []
    with Net(hosts) as net:
        served(net, tmp_path, root, *hosts)
        for number, (name, (verb, reply)) in enumerate(says.items()):
            host, bad = f"mx.{name}.test", f"127.13.0.{number + 1}"
            net.smtp(bad, net.contexts[net.hosts[host]])
            net.replies[bad, verb] = reply
            net.zone[host].append(("A", bad))
        for output in ("first", "rotated"):
            records, seen = scan(net, tmp_path, [root], output=output)
            found.append({domain: (record["verdict"], sorted(codes(record)))
                          for domain, record in records.items()})
            assert all([session["address"] for session in host["sessions"]]
                       == sorted(session["address"] for session in host["sessions"])
                       for host in seen.values())
            for host in hosts:
                net.zone[host].reverse()
    plain = ("protected_sts", ["smtp.address_fails"])
    assert found[0] == found[1] == {
        f"of.mx.{name}.test": plain if name == "plain" else ("protected_sts", []) for name in says}


def test_one_good_address_is_enough_and_a_bad_one_is_named(tmp_path):
    """A self-signed certificate at IPv4, a good one at IPv6, and the other way round."""
    hosts = ["mx.four.test", "mx.six.test", "mx.both.test"]
    root = authority("Root of Tests")
    good = issue("good", root, names=hosts).context(tmp_path)
    bad = issue("bad", names=hosts).context(tmp_path)
    with Net(hosts) as net:
        served(net, tmp_path, root, *hosts)
        net.smtp("::1", good)
        for host, context in zip(hosts, [bad, good, bad], strict=True):
            net.contexts[net.hosts[host]] = context
            net.zone[host].append(("AAAA", "::1"))
        four, seen = scan(net, tmp_path, [root], domains=["of.mx.four.test"], output="four")
        assert [session["certificate"]["errors"] for session in seen[hosts[0]]["sessions"]] == [
            ["self_signed"], []]
        net.contexts["::1"] = bad
        rest, _ = scan(net, tmp_path, [root], output="rest",
                       domains=["of.mx.six.test", "of.mx.both.test"])
    for record, address in ((four["of.mx.four.test"], net.hosts[hosts[0]]),
                            (rest["of.mx.six.test"], "::1")):
        assert record["verdict"] == record["postfix_verdict"] == "protected_sts"
        [finding] = record["findings"]
        assert (finding["code"], finding["severity"]) == ("address_fails", "warning")
        assert f"{address} (self_signed)" in finding["message"]
    assert rest["of.mx.both.test"]["verdict"] == "refused"
    assert codes(rest["of.mx.both.test"]) == {"certificate.self_signed"}


def test_no_more_connections_are_made_than_are_needed(tmp_path):
    """A host that is good costs one connection a family, one that is bad three at most."""
    hosts = ["mx.good.test", "mx.bad.test"]
    root = authority("Root of Tests")
    with Net(hosts) as net:
        served(net, tmp_path, root, *hosts)
        net.contexts[net.hosts["mx.bad.test"]] = issue("bad", names=hosts).context(tmp_path)
        for number, host in enumerate(hosts):
            for last in range(1, 6):
                address = f"127.13.{3 + number}.{last}"
                net.smtp(address, net.contexts[net.hosts[host]])
                net.zone[host].append(("A", address))
        scan(net, tmp_path, [root])
        assert len(net.visits) == 1 + 3
        net.visits.clear()
        _, seen = scan(net, tmp_path, [root], "--all-addresses", output="all")
        assert len(net.visits) == 6 + 6
    assert all(session["status"] == "ok" for session in seen["mx.good.test"]["sessions"])


def by_name(folder, names, other):
    """A context that shows the first certificate to one name and the other to all others."""
    context, wanted = other.context(folder), {
        name: member.context(folder) for name, member in names.items()}

    def choose(connection, name, _):
        if name in wanted:
            connection.context = wanted[name]
    context.sni_callback = choose
    return context


def test_each_sender_asks_by_its_own_name(tmp_path):
    """RFC 8461 §7.1: the MX host's name; RFC 7672 §8.1: the TLSA base domain."""
    hosts = ["mx.alias.test", "mx.same.test"]
    base = "target.base.test"
    root = authority("Root of Tests")
    ours = issue("ours", root, names=["mx.alias.test"])
    theirs = issue("theirs", names=[base])
    with Net(hosts) as net:
        served(net, tmp_path, root, *hosts)
        address = net.hosts["mx.alias.test"]
        net.contexts[address] = by_name(tmp_path, {"mx.alias.test": ours}, theirs)
        net.zone["mx.alias.test"] = [("CNAME", base)]
        net.zone[base] = [("A", address)]
        net.tlsa(base, theirs.tlsa(3))
        net.secure |= {base, f"_25._tcp.{base}"}
        same = issue("same", root, names=["mx.same.test"])
        net.contexts[net.hosts["mx.same.test"]] = same.context(tmp_path)
        net.tlsa("mx.same.test", same.tlsa(3))
        net.zone["signed.test"] = [("MX", "mx.alias.test")]
        net.secure.add("signed.test")
        records, seen = scan(
            net, tmp_path, [root], domains=["of.mx.alias.test", "of.mx.same.test", "signed.test"])
        assert len(net.visits) == 2 + 1
    assert records["of.mx.alias.test"]["verdict"] == "protected_sts"
    assert records["signed.test"]["verdict"] == "protected_dane"
    assert records["of.mx.same.test"]["verdict"] == "protected_sts"
    told = [(session["server_name"], session["dane_match"],
             session["certificate"]["errors"]) for session in seen["mx.alias.test"]["sessions"]]
    assert told == [(base, True, ["self_signed", "name_mismatch"]), ("mx.alias.test", None, [])]
    check_identical(tmp_path / "out", tmp_path / "again")


def test_success_is_what_the_peer_has_agreed_to(tmp_path):
    """RFC 8446 §4.4.2.4: a client is done before the server has seen its certificate."""
    kinds = ["required", "required12", "asked", "closing", "silent"]
    hosts = [f"mx.{kind}.test" for kind in kinds]
    root = authority("Root of Tests")
    with Net(hosts) as net:
        served(net, tmp_path, root, *hosts)
        for kind, host in zip(kinds, hosts, strict=True):
            context = net.contexts[net.hosts[host]]
            if kind.startswith("required"):
                context.verify_mode = ssl.CERT_REQUIRED
            if kind == "required12":
                context.maximum_version = ssl.TLSVersion.TLSv1_2
            if kind == "asked":
                context.verify_mode = ssl.CERT_OPTIONAL
        net.after_tls = {net.hosts["mx.closing.test"]: "close", net.hosts["mx.silent.test"]: "wait"}
        records, seen = scan(
            net, tmp_path, [root], "--retry-delays", "0.1", "--reply-timeout", "2")
    found = {kind: (seen[host]["status"], seen[host]["sessions"][0]["tls_alert_code"],
                    records[f"of.{host}"]["verdict"], seen[host]["rounds"])
             for kind, host in zip(kinds, hosts, strict=True)}
    assert found == {
        "required": ("tls_alert", 116, "refused", 1),
        "required12": ("tls_alert", 40, "refused", 1),
        "asked": ("ok", None, "protected_sts", 1),
        "closing": ("tls_ehlo_closed", None, "unknown", 2),
        "silent": ("tls_ehlo_timeout", None, "unknown", 2)}
    for host in hosts:
        assert seen[host]["certificate_status"] in ("ok", None)
