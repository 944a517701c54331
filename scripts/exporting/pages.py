"""The pages of a data set: README, method, citation, licence."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

# SPDX identifiers of licences for data, with name and address.
LICENCES = {
    "CC-BY-4.0": ("Creative Commons Attribution 4.0 International",
                  "https://creativecommons.org/licenses/by/4.0/legalcode"),
    "CC-BY-SA-4.0": ("Creative Commons Attribution-ShareAlike 4.0 International",
                     "https://creativecommons.org/licenses/by-sa/4.0/legalcode"),
    "CC-BY-NC-4.0": ("Creative Commons Attribution-NonCommercial 4.0 International",
                     "https://creativecommons.org/licenses/by-nc/4.0/legalcode"),
    "CC0-1.0": ("Creative Commons Zero v1.0 Universal",
                "https://creativecommons.org/publicdomain/zero/1.0/legalcode"),
    "ODbL-1.0": ("Open Data Commons Open Database License v1.0",
                 "https://opendatacommons.org/licenses/odbl/1-0/"),
    "ODC-By-1.0": ("Open Data Commons Attribution License v1.0",
                   "https://opendatacommons.org/licenses/by/1-0/"),
    "PDDL-1.0": ("Open Data Commons Public Domain Dedication & License 1.0",
                 "https://opendatacommons.org/licenses/pddl/1-0/"),
}
# What the method page shows of the manifest's options: how was asked, never what the list was.
LIMITS = (
    "senders", "probe", "family", "all_addresses", "mx_limit", "limits", "dns_in_flight",
    "fetches_in_flight", "probes_in_flight", "dns_timeout_ms", "dns_tries", "connect_timeout_ms",
    "reply_timeout_ms", "policy_timeout_ms", "retry_delays_ms")
NAMES = {
    "plain": "Names of domains and hosts are as they were asked for.",
    "hashed": (
        "Names, addresses and all texts are HMAC-SHA-256 under a key that is not published. Equal "
        "texts have equal hashes, so tables can be joined. This is pseudonymous, not anonymous: "
        "who can ask DNS may recognise rare combinations of values and times."),
    "aggregated": (
        "There are statistics only. Counts from 1 to {below} are left out (empty), rare names too, "
        "and a second count where one alone could be computed from the others. Differences between "
        "tables may still be small."),
}
# What the README shows of reading the tables.
QUERIES = (
    r"SELECT verdict, count(*) FROM \"domains-*.parquet\" GROUP BY 1",
    r"SELECT h.status, count(*) FROM (SELECT domain, unnest(mx_hosts) AS host "
    r"FROM \"domains-*.parquet\") JOIN \"hosts-*.parquet\" h USING (host) GROUP BY 1",
)
UNKNOWN = """## What unknown means

- Empty (null) means not known or not asked, never "no". A SERVFAIL, a refusal or a timeout is a
  value of its own (`servfail`, `refused`, `timeout`), and is never counted as "has none".
- The verdict `unknown` means that DNS or the hosts did not answer well enough to judge.
- A boolean is true, false, or empty where the step was not reached.
- `excluded` domains (those who opted out), lines that name no domain, and second lines of a domain
  are not in the data set. The statistics count each line.
"""


@dataclass(frozen=True)
class Publication:
    """What the person who publishes says of the data set."""

    title: str
    authors: list[str]
    licence: str
    names: str
    least: int


def _quoted(text: str) -> str:
    """A text in YAML, where a JSON string is one too."""
    return json.dumps(text, ensure_ascii=False)


def citation(what: Publication, manifest: dict[str, Any]) -> str:
    """CITATION.cff, version 1.2.0 of the Citation File Format."""
    lines = ["cff-version: 1.2.0",
             'message: "If you use this data set, please cite it as below."',
             "type: dataset", f"title: {_quoted(what.title)}", "authors:"]
    for author in what.authors:
        family, comma, given = (part.strip() for part in author.partition(","))
        lines += ([f"  - family-names: {_quoted(family)}", f"    given-names: {_quoted(given)}"]
                  if comma else [f"  - name: {_quoted(author)}"])
    ended = manifest.get("ended_at") or manifest["started_at"]
    return "\n".join([*lines, f"date-released: {ended[:10]}", f"license: {what.licence}",
                      f"license-url: {_quoted(LICENCES[what.licence][1])}", ""])


def licence(what: Publication) -> str:
    """The licence by its SPDX identifier, its name and where its text is."""
    name, address = LICENCES[what.licence]
    return (f"SPDX-License-Identifier: {what.licence}\n\n{what.title}\n"
            f"by {'; '.join(what.authors)}\nis licensed under {name}.\n\n{address}\n")


def _facts(manifest: dict[str, Any]) -> list[tuple[str, object]]:
    options, counts = manifest["options"], manifest.get("list_statistics") or {}
    return [
        ("program", f"{manifest['program']} {manifest['version']}, {manifest.get('libraries')}"),
        ("schema version", manifest["schema_version"]),
        ("state", manifest["state"]),
        ("began", manifest["started_at"]), ("ended", manifest.get("ended_at")),
        ("from, by EHLO", options.get("ehlo_name")), ("contact", options.get("contact")),
        ("IPv4 and IPv6 at hand",
         f"{manifest.get('has_ipv4')} and {manifest.get('has_ipv6')}"),
        ("name servers asked", ", ".join(manifest.get("name_servers") or [])),
        ("resolver validates (sets AD)", manifest.get("resolver_sets_ad")),
        ("its AD bit is trusted", manifest.get("trusts_ad")),
        ("lines of the list that carry an entry", counts.get("entries")),
        ("of these, lines that name no domain", counts.get("invalid")),
    ]


def _cell(value: object) -> str:
    shown = "unknown" if value is None else str(value)
    return shown.replace("|", "\\|").replace("\n", " ")


def method(what: Publication, manifest: dict[str, Any]) -> str:
    """How the data came about, from the scan's manifest."""
    rows = "\n".join(f"| {name} | {_cell(value)} |" for name, value in _facts(manifest))
    limits = {key: manifest["options"][key] for key in LIMITS if key in manifest["options"]}
    return f"""# Method

The domains of a list were asked for MTA-STS (RFC 8461), TLSRPT (RFC 8460) and DANE (RFC 7672):
their DNS records, their policies over HTTPS, and their MX hosts by SMTP up to STARTTLS. No mail was
sent. The facts were recorded, then judged by the RFCs.

| what | value |
|---|---|
{rows}

Limits, in milliseconds where a name ends in `_ms`, in thousandths a second where it begins with
`milli`:

```json
{json.dumps(limits, indent=2)}
```

## Names

{NAMES[what.names].format(below=what.least - 1)}

{UNKNOWN}"""


def _reading(what: Publication) -> str:
    if what.names == "aggregated":
        return """```sh
head -n 3 statistics/funnel.csv
python3 -c "import csv; print(next(csv.DictReader(open('statistics/verdicts.csv'))))"
```"""
    queries = "\n".join(
        f'python3 -c "import duckdb; print(duckdb.sql(\'{query}\'))"' for query in QUERIES)
    return f"""With DuckDB (`pip install duckdb`), polars, pandas, Spark or R's arrow:

```sh
{queries}
head -n 3 statistics/funnel.csv
```"""


def readme(what: Publication, counts: dict[str, int], empty: list[str]) -> str:
    """The README: what is here, how it is checked and read."""
    rows = "\n".join(f"| `{name}-*.parquet` | {count:,} rows |" for name, count in counts.items())
    without = f"\nWithout rows, so not here: {', '.join(empty)}.\n" if empty else ""
    return f"""# {what.title}

By {'; '.join(what.authors)}. Licence: {what.licence} ([LICENCE](LICENCE)). Please cite it as
[CITATION.cff](CITATION.cff) says.

| file | holds |
|---|---|
{rows}
| `statistics/*.csv` | counts; empty cells are left out |
| `codebook.csv` | each column of each table: type, meaning, values |
| `METHOD.md` | when, from where, how, and what unknown means |
| `SHA256SUMS` | digests of all files |
{without}
Check the files:

```sh
sha256sum --check --quiet SHA256SUMS
```

{_reading(what)}
"""
