"""What programs make of lists of many layouts: a table with a row for each list.

  PYTHONPATH=Benchmarks python3 -m bench.formats NAME=PROGRAM… [--lists FOLDER] --options JSON

Each program scans each list with the options given, which point it at a lab, and its records
are compared with the names that the list is about: right, or what it made of it.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import json
import lzma
import subprocess
import tempfile
from pathlib import Path

TWO = ["a.test", "b.test"]


def _zstd(data: bytes) -> bytes:
    return subprocess.run(["zstd", "-cq"], input=data, capture_output=True, check=True).stdout


def _text(text: str, code: str = "utf-8") -> bytes:
    return text.encode(code)


ROWS = "rank,domain,sector\n1,a.test,city\n2,b.test,bank\n"
# What a list holds, and the names that it is about.
LISTS: dict[str, tuple[bytes, list[str]]] = {
    "names": (b"a.test\nb.test\n", TWO),
    "rank,name (Tranco, Umbrella)": (b"1,a.test\r\n2,b.test\r\n", TWO),
    "name,rank": (b"a.test,1\nb.test,2\n", TWO),
    "name,rank with a header": (b"domain,rank\na.test,1\nb.test,2\n", TWO),
    "ranks with thousands separators": (b'rank,domain\n"1,001",a.test\n"1,002",b.test\n', TWO),
    "ranks with points": (b"rank;domain\n1.001;a.test\n1.002;b.test\n", TWO),
    "semicolons, header in German": (_text("Rang;Domäne;Branche\n1;a.test;x\n2;b.test;y\n"), TWO),
    "header in French": (_text("rang,nom de domaine\n1,a.test\n2,b.test\n"), TWO),
    "header in Spanish": (_text("puesto,dominio\n1,a.test\n2,b.test\n"), TWO),
    "header in Polish": (_text("lp;domena\n1;a.test\n2;b.test\n"), TWO),
    "Excel's sep=;": (b"sep=;\nrank;domain\n1;a.test\n2;b.test\n", TWO),
    "pipes": (b"id|domain|org\n1|a.test|x\n2|b.test|y\n", TWO),
    "tabs": (b"org\tdomain\nAcme\ta.test\nFoo\tb.test\n", TWO),
    "blanks in columns": (b"rank   domain\n1      a.test\n2      b.test\n", TWO),
    "quotes, commas and line ends in cells": (
        b'org,domain\n"Acme, Inc.\nLtd ""X""",a.test\n"Foo",b.test\n', TWO),
    "a contact in each row": (
        b"domain,type,contact\na.test,City,x@m.test\nb.test,City,y@m.test\n", TWO),
    "a contact in each row, no header": (b"a.test,City,x@m.test\nb.test,City,y@m.test\n", TWO),
    "a URL in each row": (
        b"domain;site\na.test;https://www.x.test/a,b\nb.test;https://www.y.test/\n", TWO),
    "all cells quoted": (b'"rank","domain"\n"1","a.test"\n"2","b.test"\n', TWO),
    "BOM": (b"\xef\xbb\xbfa.test\nb.test\n", TWO),
    "BOM and header": (b"\xef\xbb\xbfdomain,org\na.test,x\nb.test,y\n", TWO),
    "UTF-16 LE": (b"\xff\xfe" + _text(ROWS, "utf-16-le"), TWO),
    "UTF-16 BE": (b"\xfe\xff" + _text(ROWS, "utf-16-be"), TWO),
    "UTF-16 LE without BOM": (_text(ROWS, "utf-16-le"), TWO),
    "Latin-1": (_text("Domäne;Träger\na.test;Köln\nb.test;Bär\n", "latin-1"), TWO),
    "old Mac line ends": (b"a.test\rb.test\r", TWO),
    "a NUL in a line": (b"a.test\nb\0.test\nb.test\n", TWO),
    "gzip": (gzip.compress(_text(ROWS)), TWO), "bzip2": (bz2.compress(_text(ROWS)), TWO),
    "xz": (lzma.compress(_text(ROWS)), TWO),
    "lzma": (lzma.compress(_text(ROWS), format=lzma.FORMAT_ALONE), TWO),
    "zstd": (_zstd(_text(ROWS)), TWO),
    "gzip of two members": (gzip.compress(b"a.test\n") + gzip.compress(b"b.test\n"), TWO),
    "URLs": (b"https://a.test/x?y\nhttp://b.test:8080/\n", TWO),
    "mail addresses": (b"x@a.test\nJohn Doe <y@b.test>\n", TWO),
    "hosts file": (b"127.0.0.1 localhost\n0.0.0.0 a.test\n0.0.0.0 b.test\n", TWO),
    "adblock list": (b"! Title: x\n||a.test^\n||b.test^$third-party\n", TWO),
    "dnsmasq": (b"address=/a.test/0.0.0.0\naddress=/b.test/0.0.0.0\n", TWO),
    "wildcards": (b"*.a.test\n*.b.test\n", TWO),
    "NDJSON": (b'{"rank":1,"domain":"a.test"}\n{"rank":2,"domain":"b.test"}\n', TWO),
    "NDJSON, nested keys": (
        b'{"id":1,"site":{"domain":"a.test"}}\n{"id":2,"site":{"domain":"b.test"}}\n', TWO),
    "JSON array of objects": (b'[{"domain":"a.test"},\n{"domain":"b.test"}]\n', TWO),
    "JSON array of texts": (b'["a.test", "b.test"]\n', TWO),
    "JSON, pretty printed": (b'[\n  {\n    "domain": "a.test"\n  },\n  {\n    "domain": "b.test"\n'
                             b"  }\n]\n", TWO),
    "zone file": (b"$ORIGIN test.\n$TTL 1\na NS ns1.x.test.\nb\tIN\tNS ns2.x.test.\n", TWO),
    "AXFR of dig": (b"test. 900 IN SOA n.test. h.test. 1 2 3 4 5\na.test. 900 IN NS n.x.test.\n"
                    b"b.test. 900 IN NS n.x.test.\ntest. 900 IN SOA n.test. h.test. 1 2 3 4 5\n",
                    TWO),
    "names in braces (JavaScript)": (b"'a.test',\n'b.test',\n", TWO),
    "comments": (b"# list\na.test # first\n; old\nb.test\n", TWO),
    "upper case and dots at the end": (b"A.TEST.\nB.Test.\n", TWO),
}
# Of the files in a folder of lists: the names that they are about.
KNOWN = {
    "crux.csv": ["www.a.test", "b.test"], "majestic.csv": TWO, "third-column.csv": TWO,
    "tlds.csv": ["com", "net", "org"], "tlds.tsv": ["xn--p1ai", "xn--fiqs8s"],
    "zone-spaces.txt": TWO,
}


def _inputs(folder: Path | None, room: Path) -> dict[str, tuple[Path, list[str]]]:
    found = {}
    for name, wanted in KNOWN.items() if folder else ():
        found[f"`{name}`"] = ((folder or room) / name, wanted)
    for number, (name, (data, wanted)) in enumerate(LISTS.items()):
        path = room / f"list-{number}"
        path.write_bytes(data)
        found[name] = (path, wanted)
    return found


def _made(program: str, path: Path, options: list[str], room: Path) -> tuple[str, list[str]]:
    """What a program says of a list, and the names of its records."""
    output = Path(tempfile.mkdtemp(dir=room)) / "out"
    done = subprocess.run(
        [program, "scan", path, "--output", output, "--probe", "none", *options],
        capture_output=True, text=True, errors="replace", check=False, timeout=120)
    files = sorted(output.glob("domains-*.zst"))
    if done.returncode or not files:
        fault = [line for line in done.stderr.splitlines() if line.strip()][-1:]
        return f"refused ({done.returncode}): {' '.join(fault)[:90]}", []
    text = subprocess.run(["zstdcat", *files], capture_output=True, check=True).stdout
    records = [json.loads(line) for line in text.splitlines() if line.strip()]
    names = [r["domain"] for r in sorted(records, key=lambda r: r["index"]) if r["domain"]]
    invalid = sum(r["domain"] is None for r in records)
    return f"{', '.join(names)[:50] or 'nothing'}" + (f"; {invalid} invalid" * (invalid > 0)), names


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", nargs="+", metavar="NAME=PROGRAM")
    parser.add_argument("--lists", type=Path)
    parser.add_argument("--options", default="", help="a JSON array of the program's options")
    arguments = parser.parse_args()
    options = json.loads(arguments.options or "[]")
    programs = dict(text.split("=", 1) for text in arguments.programs)
    print(f"| list | {' | '.join(programs)} |\n|---{'|---' * len(programs)}|")
    with tempfile.TemporaryDirectory() as scratch:
        room = Path(scratch)
        for name, (path, wanted) in _inputs(arguments.lists, room).items():
            cells = []
            for program in programs.values():
                said, names = _made(program, path, options, room)
                cells.append("right" if names == wanted and "invalid" not in said else
                             f"right; {said.split('; ')[-1]}" if names == wanted else said)
            row = " | ".join(cell.replace("|", "\\|") for cell in cells)
            print(f"| {name} | {row} |".replace("\0", "\\0"), flush=True)


if __name__ == "__main__":
    main()
