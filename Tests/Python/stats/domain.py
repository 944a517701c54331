"""A domain as the lab's truth has it, under the names that tables count by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

FAILURES = {None, "servfail", "refused", "timeout", "unreachable", "dns_error"}
MODES = ("enforce", "testing", "none")
# Longer than a check takes, and the least that the lab's policies have, but for 0.
LEAST_MAX_AGE = 86_400
PROTECTED = {"protected_sts", "protected_dane"}


@dataclass
class Known:
    """A line of `expected.ndjson`; `is_again` where the scan goes by an earlier one."""

    line: dict[str, Any]
    is_again: bool = False

    @property
    def is_scanned(self) -> bool:
        """Whether the line names a domain."""
        return self.line["domain"] is not None

    @property
    def verdict(self) -> str | None:
        """What becomes of mail."""
        verdict: str | None = self.line["verdict"]
        return verdict

    @property
    def mx_status(self) -> str | None:
        """Where mail goes."""
        return self.line.get("mx_status")

    @property
    def record(self) -> str | None:
        """The status of the record."""
        return self.line.get("sts_record_status")

    @property
    def mode(self) -> str | None:
        """The mode of a policy that senders have: no sender fetches one behind a bad record."""
        return self.line.get("sts_mode") if self.has_policy else None

    @property
    def fetch(self) -> str | None:
        """How the fetch ended."""
        return self.line.get("policy_fetch_status")

    @property
    def policy(self) -> str | None:
        """The status of the policy."""
        return self.line.get("policy_status")

    @cached_property
    def takes_mail(self) -> bool:
        """Mail goes somewhere."""
        return self.mx_status in ("has_mx", "implicit", "null_mx_plus")

    @cached_property
    def has_record(self) -> bool:
        """Something is there that means to be a record."""
        return self.record not in FAILURES | {"absent", "unrelated"}

    @property
    def has_policy(self) -> bool:
        """Senders have a policy: a valid one, behind a valid record."""
        return self.record == "ok" and self.policy == "ok"

    @property
    def is_carried_over(self) -> bool:
        """Senders have the policy from before: valid, the id the same, max_age not over."""
        return (self.is_again and self.has_policy and self.record == "ok"
                and self.line["sts_max_age"] >= LEAST_MAX_AGE)

    @property
    def _lacks_response(self) -> bool:
        """Senders have the policy from before, and nothing of the response that they object to."""
        return self.is_carried_over and any(
            finding[0] == "policy_fetch" for finding in self.line["findings"])

    @property
    def findings(self) -> list[tuple[str, ...]]:
        """Everything found; what was carried over has no response."""
        dropped = {("policy", "senders_differ")} if self._lacks_response else set()
        return [tuple(finding) for finding in self.line["findings"]
                if (finding[0] != "policy_fetch" or not self.is_carried_over)
                and tuple(finding[:2]) not in dropped]

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict for each sender; Exim reads no policies."""
        known: dict[str, str] = self.line["verdicts"]
        if not self._lacks_response:
            return known
        return {sender: verdict if sender == "exim" else known["rfc"]
                for sender, verdict in known.items()}

    @property
    def postfix_verdict(self) -> str:
        """The verdict of `postfix_legacy_tlspol`."""
        return self.verdicts["postfix_legacy_tlspol"]

    @property
    def depends_on_sender(self) -> bool:
        """Whether that differs from the RFC's, for the domain or a host."""
        depends: bool = self.line["depends_on_sender"]
        return depends and not self._lacks_response

    @property
    def is_protected(self) -> bool:
        """A compliant sender authenticates the hosts."""
        return self.verdict in PROTECTED

    @cached_property
    def bad_certificates(self) -> set[str]:
        """The first errors of the certificates that hosts show."""
        return {e for e in self._certificates if e != "ok"}

    @cached_property
    def _certificates(self) -> list[str]:
        shown = (host["certificate_status"] for host in self.line.get("mx", ()))
        return [status for status in shown if status]

    @property
    def are_all_bad(self) -> bool:
        """No host shows a good certificate, and some show one."""
        return bool(self._certificates) and "ok" not in self._certificates

    @cached_property
    def near_misses(self) -> list[str]:
        """Of the hosts that a policy that senders have does not allow, how each comes near."""
        return self.unmatched if self.has_policy else []

    @cached_property
    def unmatched(self) -> list[str]:
        """The same, whatever the record."""
        return [host["near_miss"] for host in self.line.get("mx", ())
                if host["policy_match"] == "none"]

    @property
    def are_none_named(self) -> bool:
        """The policy names none of the hosts."""
        return bool(self.near_misses) and len(self.near_misses) == len(self.line["mx"])

    @cached_property
    def adoption(self) -> list[str]:
        """The columns of adoption that the domain counts in."""
        bad, enforced = self.bad_certificates, self.mode == "enforce"
        columns = {
            "domains": True, "mail": self.takes_mail, "records": self.has_record,
            "policies": self.has_policy, self.mode or "": self.mode is not None,
            "bad_certificate": self.has_record and bad,
            "all_bad_certificates": self.has_record and self.are_all_bad,
            "enforce_bad_certificate": enforced and bad,
            "mismatch": self.near_misses, "all_mismatch": self.are_none_named,
            "enforce_mismatch": enforced and self.near_misses,
            "tlsrpt": self.line.get("tlsrpt_status") == "ok",
            "dane": self.line.get("dane_status") in ("ok", "partial", "failed"),
        }
        verdicts = {*PROTECTED, "partial", "refused", "testing_would_fail"}
        if not self.takes_mail:
            return ["domains"]
        found = [column for column, counts in columns.items() if counts]
        if (verdict := self.verdict) and verdict in verdicts:
            found.append(verdict)
        return found
