"""Where enforcing domains have their mail, by pandas, which reads part by part."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import zstandard


def parts(record: str) -> Iterator[Any]:
    """The records of a kind, 20,000 at a time."""
    for path in sorted(Path(sys.argv[1]).glob(f"{record}s-*.ndjson.zst")):
        with zstandard.open(path, "rt", encoding="utf-8") as file:
            lines = pd.read_json(file, lines=True, dtype=False, convert_dates=False,
                                 chunksize=20_000)
            yield from (part for part in lines if len(part))


def first_hosts(part: Any) -> Any:
    """Host and observation of the first MX host of each enforcing domain."""
    listed = part[part["sts_mode"] == "enforce"]["mx"]
    return pd.DataFrame([{"host": mx[0]["host"], "observation": mx[0]["observation"]}
                         for mx in listed if mx], columns=["host", "observation"])


domains = pd.concat([first_hosts(part) for part in parts("domain")])
hosts = pd.concat([part[["host", "observation", "certificate_status"]] for part in parts("host")])
joined = domains.dropna().astype({"observation": int}).merge(hosts, on=["host", "observation"])
joined["provider"] = joined["host"].str.replace(r"^[^.]*\.", "", regex=True)
joined["valid"] = joined["certificate_status"] == "ok"
found = joined.groupby("provider")["valid"].agg(["size", "sum"])
for provider, (count, valid) in found.sort_index().iterrows():
    print(provider, count, valid, sep="\t")
