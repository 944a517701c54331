"""A name server that takes its time: it answers every question by NXDOMAIN after some seconds."""

from __future__ import annotations

import collections
import socket
import threading
import time

ADDRESS, PORT = "127.0.0.55", 10056
ADDRESS_AND_PORT = f"{ADDRESS}:{PORT}"
DELAY_SECONDS = 8


def _answer(question: bytes) -> bytes:
    # A response, NXDOMAIN but for the root; the question again, no records.
    is_root = question[12:13] == b"\0"
    header = question[:2] + bytes([0x81, 0x80 if is_root else 0x83]) + question[4:6] + bytes(6)
    end = question.index(0, 12) + 5
    return header + question[12:end]


def serve(done: threading.Event) -> None:
    """Answers until it is told to end; questions for the resolver's health at once."""
    waiting: collections.deque[tuple[float, bytes, tuple]] = collections.deque()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 26)
        server.bind((ADDRESS, PORT))
        server.settimeout(0.05)
        while not done.is_set():
            try:
                question, client = server.recvfrom(1500)
                is_control = question[12:13] == b"\0" or b"\x07invalid\0" in question
                due = 0 if is_control else time.monotonic() + DELAY_SECONDS
                if is_control:
                    server.sendto(_answer(question), client)
                else:
                    waiting.append((due, _answer(question), client))
            except TimeoutError:
                pass
            while waiting and waiting[0][0] <= time.monotonic():
                _, answer, client = waiting.popleft()
                server.sendto(answer, client)
