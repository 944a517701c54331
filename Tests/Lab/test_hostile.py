"""Whatever strangers send, records are valid, of bounded size, and terminals see no raw octets."""

import json
import re
import subprocess

import jsonschema
import pytest

from helpers.hostile import (
    GOOD_POLICY,
    MEGABYTE,
    MX,
    NASTY,
    TXT,
    A,
    World,
    mail_server,
    mx,
    policy_host,
    txt,
)
from helpers.program import read_records, run
from helpers.rejudging import check_identical

# What 512 MX records with names of 250 octets come to, each octet escaped as "\\\\ddd".
RECORD_LIMIT = 5 << 19
# RFC 5321 lines end by CR LF, which the octets must not hold where they are to be one line.
LINE = NASTY.replace(b"\r", b"").replace(b"\n", b"")
# What may stand in a reply: everything else makes it none.
TEXT = bytes(octet for octet in LINE if octet == 9 or (octet >= 32 and octet != 127))
# What a terminal would act on: C0 but the line feed, DEL, C1, and changes of direction.
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def build(world):
    nasty_names = [
        b"mx.names.test", NASTY, b"*." + NASTY, b"a" * 5000, b"mx.names.test\0.evil.test"]
    many = [b"host%d.many.test" % number for number in range(3000)]
    names = world.context(*nasty_names, b"mta-sts.names.test", subject=NASTY * 3)
    crowd = world.context(*many, b"mta-sts.crowd.test", subject=MEGABYTE[:20000])
    world.domain("greeting", mail=mail_server(greeting=b"220 " + LINE + b"\r\n"))
    world.domain("greeting-mb", mail=mail_server(greeting=b"220 " + MEGABYTE))
    world.domain("greeting-lines", mail=mail_server(greeting=b"220-" + LINE + b"\r\n" * 20000))
    world.domain("ehlo", mail=mail_server(
        ehlo=b"".join(b"250-" + TEXT + b"\r\n" for _ in range(60)) + b"250 STARTTLS\r\n",
        context=names))
    world.domain("ehlo-mb", mail=mail_server(ehlo=b"250-" + MEGABYTE))
    world.domain("starttls", mail=mail_server(starttls=b"454 " + TEXT + b"\r\n"))
    world.domain("names", mail=mail_server(context=names), context=names)
    world.domain("crowd", mail=mail_server(context=crowd), context=crowd)
    body = GOOD_POLICY % b"policy.test" + b"note: " + NASTY.replace(b"\n", b"") + b"\r\n"
    world.domain("policy", policy=policy_host(
        headers=b"Content-Type: text/plain; note=" + LINE.replace(b"\0", b"") + b"\r\n", body=body))
    world.domain("policy-mx", policy=policy_host(
        body=b"version: STSv1\r\n" + (b"mx: " + LINE[:60] + b"\r\n") * 800))
    world.domain("policy-64k", policy=policy_host(body=b"\x01" * 65536))
    world.domain("policy-mb", policy=policy_host(body=MEGABYTE))
    world.domain("redirect", policy=policy_host(
        b"302 " + LINE.replace(b"\0", b""),
        b"Location: https://x/" + LINE.replace(b"\0", b"") * 40 + b"\r\n"))
    header = b"X: " + MEGABYTE.replace(b"\0", b"") + b"\r\n"
    world.domain("header-mb", policy=policy_host(headers=header))
    world.domain("txt", record=b"v=STSv1; id=" + NASTY)
    world.domain("txt-64k", record=b"v=STSv1; " + MEGABYTE[:60000])
    build_dns(world)


def build_dns(world):
    """Names of raw octets, and answers that unpack to far more than their 64 KiB."""
    odd = (NASTY[:60].lower(), b"odd", b"test")
    name = world.domain("odd-mx")
    world.names.add(name, MX, mx(odd, 5))
    world.names.add(odd, A, b"\x7f\x4d\xfe\x01")
    world.names.alias("mta-sts.odd-policy.test", odd)
    world.domain("odd-policy")
    del world.names.records[(b"mta-sts", b"odd-policy", b"test"), A]
    # Each exchange is one octet before a pointer to the first one's 250 octets.
    long = (b"\x01" * 63, b"\x02" * 63, b"\x03" * 63, b"\x04" * 50)
    crowded = world.domain("dns-mx")
    del world.names.records[(b"dns-mx", b"test"), MX]
    # Header, question (12 + name + 4), then the first record's head: where its exchange stands.
    first = 12 + len(crowded) + 2 + 4 + 12 + 2
    pointers = [b"\0\x0a\x02" + b"%02x" % (number % 256) + bytes([0xC0 | first >> 8, first & 255])
                for number in range(3000)]
    world.names.add(crowded, MX, mx(long), *pointers)
    many = world.domain("dns-a")
    world.names.add(f"mx.{many}", A, *(bytes([127, 78, n >> 8, n & 255]) for n in range(3900)))
    world.names.add(f"_smtp._tls.{many}", TXT, *(txt(LINE[:40]) for _ in range(1000)))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("hostile"))
    build(world)
    world.start()
    yield world
    world.loop.call_soon_threadsafe(world.loop.stop)


@pytest.fixture(scope="module")
def scanned(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scan")
    lines = [*(name.encode() for name in world.domains.values()),
             NASTY, b"evil-" + NASTY + b".test", b"x" * 2**20, b"\xff\xfe\x00b\x00",
             "dömäin.test".encode()]
    (folder / "list\x1b[31m.txt").write_bytes(b"\n".join(lines) + b"\n")
    process = run("scan", folder / "list\x1b[31m.txt", "--output", folder / "out", *world.flags,
                  "--log-level", "debug", "--retry-delays", "none")
    assert process.returncode == 0, process.stderr
    return folder / "out", process, len(lines)


@pytest.mark.parametrize("kind", ["domain", "host"])
def test_each_record_is_one_line_of_valid_json_of_bounded_size(scanned, kind):
    folder, _, _ = scanned
    schema = json.loads(run("schema", "--record", kind).stdout)
    validator = jsonschema.Draft202012Validator(schema)
    text = subprocess.run(
        ["zstdcat", *folder.glob(f"{kind}s-*.zst")], capture_output=True, check=True).stdout
    lines = text.split(b"\n")
    assert lines.pop() == b""
    for line in lines:
        assert not STEERING.search(line.decode("utf-8", "strict")), line[:200]
        record = json.loads(line)
        errors = [f"{error.json_path}: {error.message[:200]}"
                  for error in validator.iter_errors(record)]
        assert not errors, errors[:3]
        assert len(line) <= RECORD_LIMIT, (record.get("domain") or record.get("host"), len(line))


def test_every_line_has_its_record_and_verify_is_content(scanned):
    folder, _, count = scanned
    assert len(read_records(folder, "domains")) == count
    done = run("verify", folder)
    assert done.returncode == 0, done.stdout
    assert not STEERING.search(done.stdout)


def test_what_was_cut_is_marked(scanned):
    folder, _, _ = scanned
    domains = {record["domain"]: record for record in read_records(folder, "domains")}
    hosts = {record["host"]: record for record in read_records(folder, "hosts")}
    session = {name[3:-5]: host["sessions"][0] for name, host in hosts.items()
               if name.startswith("mx.") and host["sessions"]}
    assert session["greeting-mb"]["greeting"].endswith("…")
    assert "\\000" in session["greeting"]["greeting"]
    assert "\\255" in session["starttls"]["starttls_reply"]
    assert any("\\15531m" in line for line in session["ehlo"]["extensions"])
    names = session["names"]["certificate"]["names"]
    assert names[0] == "mx.names.test"
    # Names decide the verdict: all are kept.
    assert not [name for name in names if name.endswith("…")]
    assert len(session["crowd"]["certificate"]["names"]) == 3001
    assert session["crowd"]["certificate"]["subject"].endswith("…")
    policy = {name[:-5]: record["policy"] for name, record in domains.items()
              if name and record["policy"]}
    assert policy["redirect"]["location"].endswith("…")
    assert policy["policy-64k"]["body"] == "\x01" * 65536
    assert policy["policy-mb"]["body_bytes"] >= 65536
    assert domains["policy-mb.test"]["policy_fetch_status"] == "too_large"
    assert domains["odd-policy.test"]["policy"]["a"]["cnames"] == [
        mx_name for mx_name in hosts if mx_name.endswith(".odd.test")]
    long_line = next(record for record in read_records(folder, "domains")
                     if (record["input"] or "").startswith("xxx"))
    assert long_line["input"].endswith("…") and long_line["invalid_reason"] == "line_too_long"


def test_terminals_see_no_raw_octets(world, scanned):
    _, process, _ = scanned
    assert not STEERING.search(process.stderr), STEERING.findall(process.stderr)
    for name in world.domains.values():
        for options in [[], ["--json"]]:
            done = run("check", name, *world.flags, *options)
            assert done.returncode in (0, 1, 2), done.stderr
            assert not STEERING.search(done.stdout + done.stderr), name
            assert len(done.stdout) <= RECORD_LIMIT


def test_the_worst_octets_are_read_back_whole(scanned, tmp_path):
    folder, _, _ = scanned
    check_identical(folder, tmp_path / "new")
