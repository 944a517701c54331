"""Makes a large folder of a scan out of a small one: its records again and again, with other names.

  PYTHONPATH=Benchmarks python3 -m bench.multiply FOLDER RECORDS OUTPUT

Names of domains and hosts and digests of certificates differ from copy to copy, and the folder is
whole: `stats` and `verify --no-lists` take it for a finished scan.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

NAMES = (b'"domain":"', b'"host":"', b'"exchange":"')
INDEX = re.compile(rb'"index":(\d+)')
DIGEST = re.compile(rb'"sha256":"[0-9a-f]{8}')


def _copy(text: bytes, number: int, first: int) -> bytes:
    """The records of one kind as copy `number`; indexes count from `first`."""
    for name in NAMES:
        text = text.replace(name, name + b"c%d-" % number)
    text = INDEX.sub(lambda found: b'"index":%d' % (first + int(found[1])), text)
    return DIGEST.sub(b'"sha256":"%08x' % number, text)


def _write(texts: list[bytes], counts: list[int], wanted: int, path: Path, kind: int) -> int:
    """Writes copies, a frame each, until there are `wanted` records; the number of copies."""
    with path.open("wb") as file:
        copies = -(-wanted // counts[0])
        for number in range(copies):
            part = _copy(texts[kind], number, number * counts[0])
            packed = subprocess.run(["zstd", "-1", "-q", "-c"], input=part, capture_output=True,
                                    check=True)
            file.write(packed.stdout)
    return copies


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def multiply(folder: Path, wanted: int, output: Path) -> None:
    """Writes a folder of at least `wanted` domain records, made of those of a finished scan."""
    output.mkdir(parents=True)
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    kinds = ("domains", "hosts")
    texts = [subprocess.run(["zstdcat", *sorted(folder.glob(f"{kind}-*.zst"))],
                            capture_output=True, check=True).stdout for kind in kinds]
    counts = [text.count(b"\n") for text in texts]
    copies = 0
    for place, kind in enumerate(kinds):
        path = output / f"{kind}-00000.ndjson.zst"
        copies = _write(texts, counts, wanted, path, place)
        manifest[f"{kind[:-1]}_files"] = [{
            "name": path.name, "bytes": path.stat().st_size, "records": counts[place] * copies,
            "sha256": _digest(path)}]
        manifest["totals"][kind] = counts[place] * copies
    for words in manifest["totals"].values():
        if isinstance(words, dict):
            words.update({word: count * copies for word, count in words.items()})
    del manifest["sha256"]
    body = json.dumps(manifest, indent=2, ensure_ascii=False).removesuffix("\n}") + ",\n"
    seal = hashlib.sha256(body.encode()).hexdigest()
    (output / "manifest.json").write_text(f'{body}  "sha256": "{seal}"\n}}\n')


if __name__ == "__main__":
    multiply(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
