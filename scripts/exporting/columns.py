"""The columns of each table, derived from the schema that stsurvey prints.

Objects are flattened (`dns.mx.status` is `dns_mx_status`), lists of values stay lists, and lists of
objects are nested detail: some of their values have a column of their own, and the whole of them is
a column where that is asked for. Names, meanings and values stand in the program alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from .folder import program

Node = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A column: where it comes from, how SQL gets it, and what the codebook says."""

    name: str
    key: str
    sql: str
    kind: str
    meaning: str
    values: tuple[str, ...] = ()
    is_nested: bool = False

    @property
    def is_text(self) -> bool:
        """Whether it may hold text that the program has not chosen."""
        return self.kind not in ("integer", "list of integers", "boolean", "timestamp",
                                 "dictionary")


# Values within lists of objects that have a column of their own.
FROM_LISTS = {
    "domain": {"mx_hosts": "mx[].host", "mx_observations": "mx[].observation",
               "mx_outcomes": "mx[].outcome", "finding_layers": "findings[].layer",
               "finding_codes": "findings[].code"},
    "host": {"session_addresses": "sessions[].address", "session_statuses": "sessions[].status",
             "session_certificates": "sessions[].certificate.sha256"},
}
# The lookups of a host, which stand under `dns` in a domain's record, have the same names here.
LOOKUPS = {"a": "dns_a", "aaaa": "dns_aaaa", "tlsa": "dns_tlsa"}
# What is the same wherever a certificate is shown. The rest depends on who shows it and when.
OF_CERTIFICATE = (
    "sha256", "spki_sha256", "subject", "issuer", "issuer_organization", "names", "not_before",
    "not_after", "lifetime_days", "key_type", "key_bits", "signature_algorithm",
    "extended_key_usages", "names_ocsp_responder")


@cache
def sources(record: str) -> dict[str, str]:
    """Where the value of each key of a record comes from: an RFC, the list, the clock."""
    rows = program("schema", "--record", record, "--format", "markdown").splitlines()
    cells = (re.split(r" \| ", row.strip("| ")) for row in rows if row.startswith("| `"))
    return {cell[0].strip("`"): cell[-1] for cell in cells}


@cache
def schema(record: str) -> Node:
    """The JSON schema of a kind of record."""
    node: Node = json.loads(program("schema", "--record", record))
    return node


def _type(node: Node) -> str:
    kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
    return str(next(kind for kind in kinds if kind != "null"))


def _kind(node: Node) -> str:
    """The type of a column, as the codebook names it."""
    kind = _type(node)
    if kind == "array":
        inner = _kind(node["items"])
        return _list_of(inner) if inner != "object" else "nested"
    if kind == "string":
        if node.get("format") == "date-time":
            return "timestamp"
        return "dictionary" if _values(node) else "string"
    return {"integer": "integer", "boolean": "boolean", "object": "object"}[kind]


def _values(node: Node) -> tuple[str, ...]:
    return tuple(value for value in node.get("enum", ()) if value is not None)


def _list_of(kind: str) -> str:
    """The type of a list: `list of strings`, `list of lists of strings`."""
    head, _, rest = kind.partition(" ")
    return "list of " + " ".join([
        {"dictionary": "strings"}.get(head, f"{head}s"), rest]).rstrip()


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text as SQL has it."""
    return "'" + value.replace("'", "''") + "'"


def _walk(node: Node, path: tuple[str, ...] = ()) -> Iterator[Column]:
    for key, child in node["properties"].items():
        here = (*path, key)
        kind, sql = _kind(child), ".".join(quoted(part) for part in here)
        name = "_".join((LOOKUPS.get(here[0], here[0]), *here[1:]))
        if kind == "object" and "properties" in child:
            yield from _walk(child, here)
        elif kind == "nested":
            yield Column(name, ".".join(here), sql, kind, child["description"], is_nested=True)
        elif kind != "object":
            yield _value(name, ".".join(here), sql, kind, child)


def _value(name: str, key: str, sql: str, kind: str, node: Node) -> Column:
    values = _values(node)
    if kind == "dictionary":
        sql = f"{sql}::ENUM({', '.join(map(text, values))})"
    return Column(name, key, sql, kind, node.get("description", ""),
                  values or _values(node.get("items", {})))


def _node(record: str, key: str) -> Node:
    node = schema(record)
    for part in key.split("."):
        node = node["properties"][part.removesuffix("[]")]
        if part.endswith("[]"):
            node = node["items"]
    return node


def _from_list(record: str, name: str, key: str) -> Column:
    listed, _, inner = key.partition("[].")
    node = _node(record, key)
    value = ".".join(quoted(part) for part in inner.split("."))
    sql = f"list_transform({quoted(listed)}, lambda x: x.{value})"
    kind = _kind(node)
    return Column(name, key, sql, _list_of(kind), node["description"], _values(node))


def of_record(record: str) -> list[Column]:
    """The columns of domains or of hosts; nested ones too, which only an option shows."""
    columns = list(_walk(schema(record)))
    columns += [_from_list(record, name, key) for name, key in FROM_LISTS[record].items()]
    names = [column.name for column in columns]
    # A key of a later schema may give a name a second time: it has its whole path then.
    return [replace(column, name=column.key.replace(".", "__"))
            if column.name in names[:place] else column for place, column in enumerate(columns)]


def of_list(carried: list[str]) -> list[Column]:
    """A column for each column of the lists that records keep, as `list_` and its name."""
    found: dict[str, Column] = {}
    for name in carried:
        column = f"list_{name}"
        while column.lower() in found:
            column += "_"
        found[column.lower()] = Column(
            column, f"list.{name}", f'"list"[{text(name)}]', "string",
            f"The column '{name}' of the list.")
    return list(found.values())


def of_certificate() -> list[Column]:
    """The columns of certificates, with how often each was seen."""
    node = _node("host", "sessions[].certificate")
    columns = [_value(key, f"certificate.{key}", quoted(key), _kind(node["properties"][key]),
                      node["properties"][key]) for key in OF_CERTIFICATE]
    return [*columns,
            Column("policy_hosts", "", "policy_hosts", "integer",
                   "How many fetches of policies were answered with it."),
            Column("sessions", "", "sessions", "integer",
                   "How many SMTP sessions with MX hosts were answered with it.")]


def nested_paths(record: str) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Key, type, meaning and values of what is inside lists of objects."""
    return list(_inside(schema(record), "", False))


def _inside(
    node: Node, path: str, is_listed: bool,
) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    for key, child in node["properties"].items():
        here, kind = f"{path}{key}", _kind(child)
        if is_listed:
            yield here, kind, child.get("description", ""), _values(child)
        if kind == "nested":
            yield from _inside(child["items"], f"{here}[].", True)
        elif kind == "object" and "properties" in child:
            yield from _inside(child, f"{here}.", is_listed)


def as_json(column: Column) -> Column:
    """A nested column as a JSON text."""
    return replace(column, sql=f"to_json({column.sql})::VARCHAR")
