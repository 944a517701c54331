"""Every record of the lab's list against what the lab knows of it."""

from helpers.truth import differences


def test_every_domain_is_as_the_lab_made_it(quickstart, truth):
    records = {}
    for record in quickstart.domains:
        records.setdefault(record["domain"], record)
    found = [line for expected in truth
             for line in differences(expected, records[expected["domain"]])]
    assert not found, f"{len(found)} differences:\n" + "\n".join(found[:40])


def test_one_record_for_each_line_that_names_a_domain(quickstart, truth):
    assert len(quickstart.domains) == len(truth)
    assert sorted(record["index"] for record in quickstart.domains) == list(range(len(truth)))


def test_each_host_is_described_once_and_every_reference_leads_somewhere(quickstart):
    names = [host["host"] for host in quickstart.hosts]
    assert len(names) == len(set(names))
    referred = {host["host"] for record in quickstart.domains for host in record["mx"]}
    assert referred == set(names)


def test_the_manifest_counts_what_the_files_hold(quickstart):
    manifest = quickstart.manifest
    assert manifest["state"] == "complete"
    assert sum(file["records"] for file in manifest["domain_files"]) == len(quickstart.domains)
    assert sum(file["records"] for file in manifest["host_files"]) == len(quickstart.hosts)
    for key in ["verdict", "mx_status", "sts_record_status", "tlsrpt_status", "sts_mode"]:
        counted = {}
        for record in quickstart.domains:
            value = record[key] or "null"
            counted[value] = counted.get(value, 0) + 1
        told = {value: count for value, count in manifest["totals"][key].items() if count}
        assert told == counted, key
