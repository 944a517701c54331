"""The schema against the records, by independent validators and readers."""

import json
import pathlib
import subprocess

import duckdb
import jsonschema
import polars
import pytest

from helpers.program import ROOT, run


def schema(record, form):
    done = run("schema", "--record", record, "--format", form)
    assert done.returncode == 0
    return done.stdout


@pytest.fixture(scope="module")
def sparse(quickstart, tmp_path_factory):
    """Files whose first 30,000 records have no policy: readers that guess types lose the rest."""
    path = tmp_path_factory.mktemp("sparse") / "domains-00000.ndjson.zst"
    plain = next(record for record in quickstart.domains if record["sts_record_status"] == "absent")
    with_policy = [record for record in quickstart.domains if record["policy_status"] == "ok"]
    lines = [json.dumps(plain)] * 30_000 + [json.dumps(record) for record in with_policy]
    frames = b""
    for start in range(0, len(lines), 10_000):
        text = "\n".join(lines[start:start + 10_000]) + "\n"
        frames += subprocess.run(
            ["zstd", "-c"], input=text.encode(), capture_output=True, check=True).stdout
    path.write_bytes(frames)
    return path, with_policy


@pytest.mark.parametrize("record", ["domain", "host"])
def test_every_record_is_valid_by_json_schema(quickstart, record):
    text = json.loads(schema(record, "jsonschema"))
    assert text["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(text)
    validator = jsonschema.Draft202012Validator(
        text, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    for line in quickstart.domains if record == "domain" else quickstart.hosts:
        errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(line)]
        assert not errors, errors[:3]


def test_the_keys_stand_in_the_schema_s_order(quickstart):
    for record, lines in [("domain", quickstart.domains), ("host", quickstart.hosts)]:
        keys = list(json.loads(schema(record, "jsonschema"))["properties"])
        assert all(list(line) == keys for line in lines)


def test_duckdb_loses_nothing_with_the_schema(sparse):
    path, with_policy = sparse
    database = duckdb.connect()
    database.execute(schema("domain", "duckdb"))
    rows = database.execute(
        f"SELECT domain, sts_mode, sts_max_age, policy.http_status, len(policy.mx), sts_id "
        f"FROM domains('{path}') WHERE policy_status = 'ok'").fetchall()
    assert rows == [
        (record["domain"], record["sts_mode"], record["sts_max_age"],
         record["policy"]["http_status"], len(record["policy"]["mx"]), record["sts_id"])
        for record in with_policy]
    assert database.execute(f"SELECT count(*) FROM domains('{path}')").fetchone()[0] == (
        30_000 + len(with_policy))


def test_duckdb_joins_domains_with_their_hosts(quickstart):
    database = duckdb.connect()
    for record in ["domain", "host"]:
        database.execute(schema(record, "duckdb"))
    [[count]] = database.execute(
        f"SELECT count(*) FROM (SELECT unnest(mx) m FROM domains('{quickstart.folder}/domains-*')) "
        f"JOIN hosts('{quickstart.folder}/hosts-*') ON m.host = host").fetchall()
    assert count == sum(len(record["mx"]) for record in quickstart.domains)


def test_polars_loses_nothing_with_the_schema(sparse):
    path, with_policy = sparse
    names = {}
    exec(schema("domain", "polars"), names)
    frame = polars.scan_ndjson(path, schema=names["domain_schema"]).filter(
        polars.col("policy_status") == "ok").collect()
    assert frame["domain"].to_list() == [record["domain"] for record in with_policy]
    assert frame["sts_max_age"].to_list() == [record["sts_max_age"] for record in with_policy]
    codes = [policy["http_status"] for policy in frame["policy"].to_list()]
    assert codes == [200] * len(with_policy)


def test_the_spark_schema_has_every_key_with_its_type(quickstart):
    def check(field, value, path):
        kind = field["type"]
        if value is None:
            return
        if isinstance(kind, dict) and kind["type"] == "struct":
            assert [child["name"] for child in kind["fields"]] == list(value), path
            for child in kind["fields"]:
                check(child, value[child["name"]], f"{path}.{child['name']}")
        elif isinstance(kind, dict):
            assert kind["type"] == "array" and isinstance(value, list), path
            for item in value:
                check({"type": kind["elementType"]}, item, path)
        else:
            python = {"long": int, "string": str, "boolean": bool}.get(kind, str)
            assert isinstance(value, python), (path, kind, value)

    for record, lines in [("domain", quickstart.domains), ("host", quickstart.hosts)]:
        struct = json.loads(schema(record, "spark"))
        for line in lines:
            check({"type": struct}, line, record)


def test_the_pages_of_fields_are_up_to_date():
    for record in ["domain", "host", "policy"]:
        page = (ROOT / f"datasets/schema/{record}.md").read_text()
        assert page.endswith(schema(record, "markdown")), "run scripts/schema-pages"


def test_the_page_of_options_is_up_to_date():
    page = (ROOT / "Sources/stsurvey/Manual.docc/Options.md").read_text()
    assert page.endswith(run("options").stdout), "run scripts/schema-pages"


def test_the_schemas_name_every_file_of_a_scan(quickstart):
    names = sorted(path.name for path in pathlib.Path(quickstart.folder).iterdir())
    assert names == ["domains-00000.ndjson.zst", "hosts-00000.ndjson.zst", "manifest.json"]


def test_the_taxonomy_is_up_to_date():
    table = run("schema", "--format", "taxonomy").stdout
    assert (ROOT / "datasets/zoo/taxonomy.md").read_text().endswith(table)
