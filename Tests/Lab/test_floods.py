"""A peer that sends octets without end is left after a bounded number of them."""

import json

import pytest

from helpers.flood import FLOOD_LIMIT, HTTP1, HTTP2, Flood, frame, http2_context
from helpers.hostile import World
from helpers.program import read_records, run

# What is read in the handshake and after it, and what systems hold of a connection.
OCTETS_MAX = (2 * 256 + 1024) << 10
# A record of TLS that a client passes over: change_cipher_spec (RFC 8446 §5).
PASSED_OVER = b"\x14\x03\x03\0\x01\x01"


def starttls_flood(flood):
    async def serve(reader, writer):
        flood.connections += 1
        writer.write(b"220 mx\r\n")
        await reader.readline()
        writer.write(b"250-mx\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(b"220 go\r\n")
        await reader.read(1)
        await flood.send(writer, PASSED_OVER)
    return serve


def smtp_flood(flood, first, octets):
    async def serve(reader, writer):
        flood.connections += 1
        writer.write(first)
        await flood.send(writer, octets)
    return serve


@pytest.fixture(scope="module")
def flooded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("floods")
    world, floods = World(folder), {}
    for word, (head, octets) in HTTP1.items():
        floods[word] = Flood()
        world.domain(word, policy=floods[word].http1(head, octets))
    for word, octets in HTTP2.items():
        name = f"h2-{word}"
        flood = floods[name] = Flood()
        context = http2_context(world.context(f"mta-sts.{name}.test".encode()))
        policy = (flood.http2(octets) if word != "continuation"
                  else flood.http2(octets, frame(1, 0, 1, b"\x88")))
        world.domain(name, policy=policy, context=context)
    for word, serve in [
            ("smtp-tls", starttls_flood),
            ("smtp-greeting", lambda flood: smtp_flood(flood, b"220-", b"x" * 64)),
            ("smtp-lines", lambda flood: smtp_flood(flood, b"", b"220-a\r\n")),
            ("smtp-replies", lambda flood: smtp_flood(flood, b"", b"220 a\r\n"))]:
        floods[word] = Flood()
        world.domain(word, mail=serve(floods[word]), record=b"none")
    world.start()
    path = folder / "list.txt"
    path.write_text("".join(f"{name}\n" for name in world.domains.values()))
    done = run("scan", path, "--output", folder / "out", *world.flags, "--retry-delays", "0.5,0.5",
               "--policy-timeout", "15", "--reply-timeout", "15")
    assert done.returncode == 0, done.stderr
    world.loop.call_soon_threadsafe(world.loop.stop)
    return floods, {record["domain"][:-5]: record for record in
                    read_records(folder / "out", "domains")}


@pytest.mark.parametrize("word", [*HTTP1, *(f"h2-{word}" for word in HTTP2)])
def test_a_policy_server_is_left_after_a_bounded_number_of_octets(flooded, word):
    floods, records = flooded
    flood, record = floods[word], records[word]
    assert flood.sent <= OCTETS_MAX < FLOOD_LIMIT, (
        word, flood.sent, flood.connections, record["policy_fetch_status"],
        record["policy"]["error"], record["policy"]["duration_ms"])
    assert flood.connections == 1, "it is not tried again"
    assert record["policy_fetch_status"] in ("too_large", "http_protocol"), json.dumps(
        record["policy"])[:500]
    if record["policy_fetch_status"] == "too_large":
        assert "octets after the handshake" in record["policy"]["error"]
    assert record["policy"]["duration_ms"] < 14_000


@pytest.mark.parametrize("word", ["smtp-tls", "smtp-greeting", "smtp-lines", "smtp-replies"])
def test_a_mail_server_is_left_after_a_bounded_number_of_octets(flooded, word):
    floods, records = flooded
    flood = floods[word]
    assert flood.sent <= OCTETS_MAX * flood.connections, flood.sent
    assert records[word]["mx"][0]["status"] in ("tls_protocol", "not_smtp", "starttls_not_offered")
