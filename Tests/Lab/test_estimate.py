"""What a scan will take, said before it is begun."""

import json
import re
import resource
import subprocess

import pytest

from helpers.program import PROGRAM, QUICKSTART, ROOT, run

PAGE = (ROOT / "Sources/stsurvey/Manual.docc/BigScans.md").read_text()
# An address of documentation, where nothing answers.
NOWHERE = ("--name-servers", "192.0.2.1")
TABLE = ("--name-servers", "127.0.0.1:5300", "--assume", "cores=2")
SIZES = (10_000, 1_000_000, 10_000_000, 160_000_000, 400_000_000)
HEAD = ("| domains | time | limited by | questions a second, and to name servers | out, in "
        "| line in all | memory, and of the resolver | disk | machines for a day |\n"
        "|" + "---:|" * 2 + "---|" + "---:|" * 6)


def estimate(*arguments):
    """The estimate in JSON."""
    done = run("scan", *arguments, "--estimate", "--json", timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refusal(*arguments):
    """How an estimate is refused."""
    done = run("scan", "--estimate", *arguments, timeout=60)
    assert not done.stdout
    return done.returncode, done.stderr


def test_nothing_is_sent_and_nothing_is_written(tmp_path):
    done = run("scan", QUICKSTART, "--estimate", *NOWHERE, "--output", tmp_path / "out",
               "--status-updates-file", tmp_path / "status", timeout=20)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1,000 domains: ")
    assert "nothing was sent" in done.stdout and "hosts=" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert not list(tmp_path.iterdir())


def test_names_are_counted_as_the_scan_would_read_them(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("rank,domain\n" + "".join(f"{n},d{n}.example\n" for n in range(1, 41))
                    + "41,d1.example\n42,no name at all\n")
    found = estimate(path, *NOWHERE)
    assert (found["domains"], found["entries"]) == (41, 42)
    assert estimate(path, *NOWHERE, "--unique")["domains"] == 40
    assert estimate(path, *NOWHERE, "--shard", "1/4")["entries"] == 11
    piped = subprocess.run(
        [PROGRAM, "scan", "-", "--estimate", "--json", *NOWHERE], input=path.read_text(),
        capture_output=True, text=True, timeout=60)
    assert json.loads(piped.stdout)["domains"] == 41


def test_options_and_assumptions_count():
    million = ("--assume", "domains=1000000")
    every, none = estimate(*million, *TABLE), estimate(
        *million, *TABLE, "--probe", "none", "--fetch", "none")
    assert every["hosts"] > 300_000 and every["policies"] > 5_000
    assert none["hosts"] == none["policies"] == 0 and none["seconds"] < every["seconds"]
    limited = estimate(*million, *TABLE, "--max-dns-rate", "100")
    assert limited["limit"] == "dns_rate"
    assert limited["seconds_by_limit"]["dns_rate"] == pytest.approx(
        limited["questions"] / 100, abs=1)
    known = estimate(*million, *TABLE, "--assume", "hosts=5000", "--assume", "records=70")
    assert (known["hosts"], known["policies"]) == (5000, 70)
    assert known["assumed"]["hosts"] == 5000
    assert estimate(*million, *TABLE, "--shard", "0/4")["domains"] == 250_000


@pytest.mark.parametrize(("arguments", "code", "said"), [
    ((), 64, "name a list of domains, or their number by --assume domains="),
    ((QUICKSTART, "--assume", "domains=5"), 64, "name no list beside it"),
    (("--assume", "sky=1"), 64, "--assume takes names with numbers"),
    (("nowhere.txt",), 66, "nowhere.txt"),
    (("--resume", "folder"), 64, "--estimate does not go together with --resume"),
    (("--ask-again", "folder"), 64, "--estimate does not go together with --ask-again"),
])
def test_what_cannot_be_estimated_is_refused(arguments, code, said):
    found, message = refusal(*arguments)
    assert found == code and said in message, message


def test_options_of_an_estimate_need_it(tmp_path):
    done = run("scan", QUICKSTART, "--output", tmp_path / "out", "--json")
    assert done.returncode == 64 and "only with --estimate" in done.stderr


@pytest.mark.skipif(
    -1 < resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 20_000,
    reason="so few descriptors lower what may be under way")
def test_the_table_of_the_manual_is_what_the_command_says():
    def scaled(number, units):
        at = 0
        while number >= 1000 and at < len(units) - 1:
            number, at = number / 1000, at + 1
        return f"{number:.2g}" if number < 10 else f"{number:.0f}", units[at]

    def octets(number):
        return " ".join(scaled(number, ("B", "KB", "MB", "GB", "TB", "PB")))

    rows = []
    for size in SIZES:
        found = estimate(*TABLE, "--assume", f"domains={size}")
        text = run("scan", "--estimate", *TABLE, "--assume", f"domains={size}").stdout
        time, limit = re.match(
            r"[\d,]+ domains: (.+?), (?:limited by )?(.+?)(?: \(.*)?\n", text).groups()
        seconds = found["seconds"]
        line = [found["octets_sent"] + found["resolver_octets_sent"],
                found["octets_received"] + found["resolver_octets_received"]]
        rates = [" ".join(scaled(8 * n / seconds, ("bit/s", "kbit/s", "Mbit/s"))) for n in line]
        rows.append("| " + " | ".join([
            f"{size:,}", time, limit,
            f"{found['questions'] / seconds:,.0f}, {found['questions_upstream'] / seconds:,.0f}",
            ", ".join(rates), octets(sum(line)),
            f"{octets(found['memory_octets'])}, {octets(found['resolver_memory_octets'])}",
            octets(found["disk_octets"]), f"{found['machines_for_a_day']:,}"]) + " |")
    table = "\n".join([HEAD, *rows])
    assert table in PAGE, table
