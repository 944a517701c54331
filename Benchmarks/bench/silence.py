"""A name server that takes its time: it answers every question by NXDOMAIN after some seconds."""

from __future__ import annotations

import collections
import contextlib
import os
import socket
import threading
import time

from .load_lab import SERVER_CORE

ADDRESS, PORT = "127.0.0.55", 10056
ADDRESS_AND_PORT = f"{ADDRESS}:{PORT}"
DELAY_SECONDS = 8
Address = tuple[str, int]
# Without the limit that the system sets for others than root (socket(7)).
SO_RCVBUFFORCE, BUFFER = 33, 1 << 27


def _answer(question: bytes) -> bytes:
    # A response, NXDOMAIN but for the root; the question again, no records.
    is_root = question[12:13] == b"\0"
    header = question[:2] + bytes([0x81, 0x80 if is_root else 0x83]) + question[4:6] + bytes(6)
    end = question.index(0, 12) + 5
    return header + question[12:end]


class Server(threading.Thread):
    """Answers until it is left; questions for the resolver's health at once."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = 0
        self._done = threading.Event()
        self._waiting: collections.deque[tuple[float, bytes, Address]] = collections.deque()

    def __enter__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        option = SO_RCVBUFFORCE if os.getuid() == 0 else socket.SO_RCVBUF
        self._socket.setsockopt(socket.SOL_SOCKET, option, BUFFER)
        self._socket.bind((ADDRESS, PORT))
        self._socket.settimeout(0.05)
        self.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self.join()
        self._socket.close()

    def run(self) -> None:
        """Takes questions and answers those that have waited long enough."""
        os.sched_setaffinity(0, {SERVER_CORE})
        while not self._done.is_set():
            with contextlib.suppress(TimeoutError):
                self._take(*self._socket.recvfrom(1500))
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                _, answer, client = self._waiting.popleft()
                self._socket.sendto(answer, client)

    def _take(self, question: bytes, client: Address) -> None:
        answer = _answer(question)
        # The resolver's health is asked by the root and by names of one label.
        if question[12] == 0 or question[13 + question[12]] == 0:
            self._socket.sendto(answer, client)
            return
        self._waiting.append((time.monotonic() + DELAY_SECONDS, answer, client))
        self.most = max(self.most, len(self._waiting))
