"""What Postfix delivers to the zoo, beside its verdicts.

STSURVEY_POSTFIX_ROOT names a chroot that has Postfix 3.10.5 or later, such as Debian 13.
"""

import os
import shutil
from pathlib import Path

import pytest

from delivery import postfix
from delivery.__main__ import deliver
from delivery.comparison import concerns

ROOT = Path(os.environ.get("STSURVEY_POSTFIX_ROOT", "/"))


@pytest.fixture
def postfix_root():
    """A root whose Postfix compares MX hosts with patterns, and may be run here."""
    version = postfix.version(ROOT) if os.getuid() == 0 else None
    if version is None or version < postfix.VERSION_MIN:
        pytest.skip("Postfix 3.10.5 or later is needed, and root: set STSURVEY_POSTFIX_ROOT to a "
                    "chroot of Debian 13 that has it")
    if shutil.which("iptables") is None:
        pytest.skip("iptables is needed to have Postfix connect to the lab's port")
    return ROOT


def test_postfix_does_what_the_verdicts_say(postfix_root, zoo, tmp_path):
    records = [record for record in zoo.domains if concerns(record)]
    assert len(records) >= 200
    compared = deliver(postfix_root, tmp_path / "postfix", records)
    assert [each for each in compared if each.rule == "unexplained"] == []
    seen = {(each.sender, each.seen) for each in compared}
    assert {("postfix_tlspol", "verified"), ("postfix_legacy_tlspol", "kept back")} <= seen
