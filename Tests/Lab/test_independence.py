"""A verdict is the same whatever OpenSSL's configuration, the order, and what comes late.

The whole matrix is `scripts/independence`.
"""

import pytest

from helpers.worker import LAB
from independence.__main__ import Population, Trials
from independence.forwarder import Answering, reordered
from independence.variations import Variation, write_settings

SCANS = [
    Variation(),
    Variation("strong", 2, 2, "reversed", Answering(1, "policies")),
    Variation("broken", 1, 3, "shuffled", Answering(2, "hosts")),
]


@pytest.fixture
def zoo_population(zoo_flags):
    """The zoo, to be scanned several times."""
    names = (LAB / "zoo-domains.txt").read_text().split()
    return Population("zoo", names, zoo_flags, "50")


def test_no_verdict_depends_on_settings_order_or_delays(zoo_population, tmp_path):
    write_settings(tmp_path)
    trials = Trials(zoo_population, tmp_path)
    for variation in SCANS:
        trials.run(variation)
    assert trials.bad == 0, "\n".join(trials.table())


def test_records_are_put_in_another_order_and_none_is_lost():
    owner = b"\1a\4test\0"
    records = [b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + bytes([127, 0, 0, number])
               for number in range(1, 6)]
    head = b"\0\1\x81\xa0\0\1\0\5\0\0\0\0" + owner + b"\0\1\0\1"
    answer = head + b"".join(records)
    others = [reordered(answer, order) for order in range(1, 5)]
    assert reordered(answer, 0) == answer and len(set(others)) > 1
    for other in others:
        assert other[:len(head)] == head
        body = other[len(head):]
        size = len(owner) + 14
        found = {body[at:at + size][-4:] for at in range(0, len(body), size)}
        assert found == {record[-4:] for record in records}
