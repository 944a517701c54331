"""A name server that stands before the lab's and can be told to fail."""

import contextlib
import socket
import struct
import threading

LAB = ("127.0.0.1", 10053)


class NameServer:
    """Forwards questions to the lab's resolver, or does what `mode` says.

    Modes: `forward`; `silent` answers nothing; `servfail` and `refused` answer so whatever is
    asked; `invents` answers every question for an address with one, as resolvers do that rewrite
    NXDOMAIN.
    """

    RCODES = {"servfail": 2, "refused": 5}

    def __init__(self, mode="forward", idle_seconds=None):
        self.mode = mode
        # How long a TCP connection that brings no question is kept.
        self.idle_seconds = idle_seconds
        # Names, as octets of the question, and how often they fail before they are answered.
        self.failures = {}
        self.questions = 0
        self._take_port()
        self.upstream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.upstream.connect(LAB)
        self.askers = {}
        threading.Thread(target=self._receive, daemon=True).start()
        threading.Thread(target=self._return, daemon=True).start()
        threading.Thread(target=self._accept, daemon=True).start()

    def _take_port(self):
        """One port of both protocols: answers that are too large for UDP come over TCP."""
        for _ in range(100):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            self.socket.bind(("127.0.0.1", 0))
            self.port = self.socket.getsockname()[1]
            try:
                self.listener = socket.create_server(("127.0.0.1", self.port))
                return
            except OSError:
                # A connection of somebody's has the number.
                self.socket.close()
        raise OSError("no port is free for both protocols")

    @property
    def flag(self):
        """The server as the program takes it."""
        return f"127.0.0.1:{self.port}"

    def _receive(self):
        while True:
            message, asker = self.socket.recvfrom(4096)
            self.questions += 1
            name = message[12:-15]
            if self.failures.get(name, 0) > 0:
                self.failures[name] -= 1
                self.socket.sendto(self._failure(message, self.RCODES["servfail"]), asker)
            elif self.mode in self.RCODES:
                self.socket.sendto(self._failure(message, self.RCODES[self.mode]), asker)
            elif self.mode == "invents" and message[-15:-13] == b"\x00\x01":
                self.socket.sendto(self._invention(message), asker)
            elif self.mode != "silent":
                number = len(self.askers) & 0xFFFF
                self.askers[number] = (message[:2], asker)
                self.upstream.send(struct.pack("!H", number) + message[2:])

    def _return(self):
        while True:
            message = self.upstream.recv(65535)
            identity, asker = self.askers[struct.unpack("!H", message[:2])[0]]
            if self.mode != "silent":
                self.socket.sendto(identity + message[2:], asker)

    def fail(self, name, times):
        """Answers the next questions for a name by SERVFAIL."""
        wire = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
        self.failures[wire + b"\x00"] = times

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            if self.mode != "forward":
                client.close()
                continue
            client.settimeout(self.idle_seconds)
            server = socket.create_connection(LAB)
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    @staticmethod
    def _pump(source, target):
        try:
            while octets := source.recv(65536):
                target.sendall(octets)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            for end in (source, target):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _failure(message, rcode):
        question = message[12:-11]
        return message[:2] + struct.pack("!HHHHH", 0x8180 | rcode, 1, 0, 0, 0) + question

    @staticmethod
    def _invention(message):
        answer = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + bytes([127, 66, 66, 66])
        return message[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0) + message[12:-11] + answer
