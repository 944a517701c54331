"""The policy socket of Postfix, as the two feeders answer it (socketmap_table(5)).

What a feeder reads in a policy is in `lab.policy_readers`; how it hands that over stands here, read
from postfix-mta-sts-resolver 1.5.0, `responder.py`, and postfix-tlspol's `server.go`.
"""

from __future__ import annotations

import asyncio
import base64
import threading
from typing import Any

from lab import policy_readers, sender_truth

Record = dict[str, Any]


def response(record: Record) -> policy_readers.Response | None:
    """What the policy host has answered; None where there is no policy to read."""
    policy = record["policy"]
    status = record["policy_fetch_status"]
    # A coding that could not be undone breaks the rules of HTTP, and leaves the body as sent.
    is_coded = status == "http_protocol" and policy["body_is_coded"]
    is_read = status in ("ok", "too_large") or is_coded
    if record["sts_record_status"] != "ok" or not is_read:
        return None
    body = (base64.b64decode(policy["body_base64"]) if policy["body_base64"]
            else (policy["body"] or "").encode())
    coding = policy["content_encoding"]
    is_decoded = coding not in (None, "", "identity") and not policy["body_is_coded"]
    return policy_readers.Response(
        # What was sent is no text where a coding was undone.
        b"\xff" if is_decoded else body, policy["http_status"], policy["content_type"],
        coding.lower() if coding else None, body if is_decoded else None,
        status == "too_large")


def answer(sender: str, record: Record) -> str:
    """What the feeder of a sender says of a domain: NOTFOUND, TEMP, or OK and a policy."""
    known = response(record)
    reading = policy_readers.read(sender, known) if known else "none"
    has_tlsa = any(mx["dane_status"] in sender_truth.WITH_TLSA for mx in record["mx"])
    if "tlspol" in sender and any(mx["dane_status"] == "tempfail" for mx in record["mx"]):
        return "TEMP TLSA records could not be looked up"
    if "tlspol" in sender and has_tlsa:
        # postfix-tlspol says dane, which is the level that Postfix has here anyway.
        return "NOTFOUND "
    if reading == "broken":
        # Its patterns, which Postfix cannot take apart, are those of the policy.
        return _policy(sender, record, record["policy"]["mx"] or [" "])
    if isinstance(reading, str) or reading[0] != "enforce":
        return "NOTFOUND "
    return _policy(sender, record, sorted(reading[1]))


def _policy(sender: str, record: Record, patterns: list[str]) -> str:
    words = ["OK secure match=" + ":".join(name.lstrip("*") for name in patterns),
             "servername=hostname"]
    if "legacy" not in sender:
        domain = record["domain"]
        words += [f"policy_type=sts policy_domain={domain}"]
        if "tlspol" in sender:
            words += [f"policy_ttl={min(record['sts_max_age'] or 1, 604800)}"]
        words += [f"mx_host_pattern={name}" for name in patterns]
        words += ["{ policy_string = version: STSv1 }", "{ policy_string = mode: enforce }"]
        words += [f"{{ policy_string = mx: {name} }}" for name in patterns]
        words += [f"{{ policy_string = max_age: {record['sts_max_age'] or 0} }}"]
    return " ".join(words)


class PolicySocket:
    """Answers on a free port, on a thread of its own; `with` starts and ends it."""

    def __init__(self, answers: dict[tuple[str, str], str]) -> None:
        self.answers = answers
        self.tasks: set[asyncio.Task[None]] = set()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self) -> PolicySocket:
        self.thread.start()
        self.server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0), self.loop).result(10)
        self.port: int = self.server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    async def _close(self) -> None:
        self.server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self.tasks.add(task)
        try:
            while True:
                length = int((await reader.readuntil(b":"))[:-1])
                sender, _, domain = (await reader.readexactly(length + 1))[:-1].decode().partition(
                    " ")
                said = self.answers.get((sender, domain.lower()), "NOTFOUND ").encode()
                writer.write(b"%d:%b," % (len(said), said))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            self.tasks.discard(task)
            writer.close()
