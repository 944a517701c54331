"""What a client hello offers, and how large it is: some servers never answer one of two packets.

STSURVEY_OPENSSL names an `openssl` of another version than this machine's, such as 3.5.
"""

import contextlib
import os
import subprocess
import time

import pytest

from helpers.chains import authority, issue
from helpers.hello import OCTETS_MAX, HelloServer
from helpers.policies import Net, scan
from helpers.program import read_manifest

OPENSSL = os.environ.get("STSURVEY_OPENSSL", "openssl")
HYBRID = "X25519MLKEM768"
HOST, DOMAIN = "mx.hello.test", "of.mx.hello.test"


class HelloNet(Net):
    """A domain whose host and policy host have a good certificate."""

    def __init__(self, folder):
        super().__init__([HOST])
        self.root = authority("Root of Tests")
        leaf = issue("leaf", self.root, names=[HOST, f"mta-sts.{DOMAIN}"])
        self.context = leaf.context(folder)
        self.pem = folder / f"{leaf.certificate.serial_number}.pem"


@pytest.fixture
def net(tmp_path):
    """The domain, with its policy."""
    with HelloNet(tmp_path) as made:
        made.policy(DOMAIN, made.context, HOST)
        yield made


def offered(folder):
    """The groups that the manifest states."""
    return read_manifest(folder)["tls"]["groups_offered"]


@contextlib.contextmanager
def serving(net, port, *options):
    """`openssl s_server` with the leaf, once it answers."""
    process = subprocess.Popen(
        [OPENSSL, "s_server", "-accept", f"127.13.3.1:{port}", "-cert", net.pem, "-key", net.pem,
         "-quiet", *options], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            assert process.poll() is None, "no server"
            probe = subprocess.run(
                ["ss", "-Hltn", f"sport = :{port}"], capture_output=True, text=True)
            if probe.stdout.strip():
                break
            time.sleep(0.1)
        yield
    finally:
        process.kill()
        process.wait()


def test_a_client_hello_fits_a_packet(net, tmp_path):
    """RFC 8446 §4.2.8: a group may be offered without a key share of its own."""
    net.zone[f"mta-sts.{DOMAIN}"] = [("A", "127.13.2.99")]
    with (contextlib.closing(HelloServer(net.hosts[HOST], 20025, True)) as smtp,
          contextlib.closing(HelloServer("127.13.2.99", 20443, False)) as https):
        scan(net, tmp_path, [net.root], "--reply-timeout", 1, "--policy-timeout", 1)
    stated = offered(tmp_path / "out")
    for hello in (smtp.hellos[0], https.hellos[0]):
        assert hello.octets <= OCTETS_MAX, hello
        assert hello.key_shares == ["X25519"], hello
        assert hello.groups[:2] == stated[:2], (hello, stated)


def test_a_server_that_hangs_on_large_hellos_is_measured(net, tmp_path):
    with serving(net, 23443), contextlib.closing(
            HelloServer(net.hosts[HOST], 20025, True, ("127.13.3.1", 23443))):
        _, hosts = scan(net, tmp_path, [net.root], "--reply-timeout", 5)
    session = hosts[HOST]["sessions"][0]
    assert session["tls_version"] == "TLSv1.3", session
    # OpenSSL's own server prefers the hybrid group where it has it.
    assert session["tls_group"] in ("x25519", HYBRID), session
    assert session["certificate"]["errors"] == []


def test_the_group_that_a_server_retries_for_is_known(net, tmp_path):
    """RFC 8446 §4.1.4: by HelloRetryRequest a server gets a key share that was not sent."""
    groups = f"{HYBRID}:P-384" if has_hybrid() else "P-384"
    net.zone[f"mta-sts.{DOMAIN}"] = [("A", "127.13.2.99")]
    with (serving(net, 23444, "-groups", groups),
          serving(net, 23445, "-groups", groups),
          contextlib.closing(
              HelloServer(net.hosts[HOST], 20025, True, ("127.13.3.1", 23444))) as smtp,
          contextlib.closing(
              HelloServer("127.13.2.99", 20443, False, ("127.13.3.1", 23445))) as https):
        records, hosts = scan(
            net, tmp_path, [net.root], "--reply-timeout", 5, "--policy-timeout", 5)
    # What the program's own OpenSSL lacks is not chosen.
    both = has_hybrid() and HYBRID in offered(tmp_path / "out")
    wanted = HYBRID if both else "secp384r1"
    session, policy = hosts[HOST]["sessions"][0], records[DOMAIN]["policy"]
    assert session["tls_group"] == wanted, session
    assert policy["tls_group"] == wanted, policy
    # One connection each: the second client hello comes over the same one.
    assert [len(server.hellos) for server in (smtp, https)] == [1, 1]


def has_hybrid():
    """Whether the server's OpenSSL has the hybrid group."""
    listed = subprocess.run([OPENSSL, "list", "-kem-algorithms"], capture_output=True, text=True)
    return HYBRID in listed.stdout
