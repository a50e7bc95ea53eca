"""A mail API of Mailgun's kind, to measure senders with: reads each call whole, says yes, and counts.

`python benchmarks/mail_api.py --delay 0.2 --keep FOLDER` is it as a process of its own; `MailApi` starts one and ends it. Blocking
sockets and a thread a connection: of what a call costs here, nearly all is the kernel's.
"""

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_CHUNK = 1 << 20
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_TAKEN = b'{"id": "<1@example.net>", "message": "Queued. Thank you."}'


@dataclass(frozen=True, slots=True)
class Spent:
    """What a server has done since its start."""

    calls: int
    bytes: int
    cpu: float
    """Seconds of user and system time."""


class MailApi:
    """The API in a process of its own."""

    def __init__(self, delay: float = 0, keep: Path | None = None) -> None:
        """`delay` is in seconds before every answer; `keep` is where bodies go."""
        command = [sys.executable, __file__, "--delay", str(delay), *(["--keep", str(keep)] if keep else [])]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"

    def __enter__(self) -> Self:
        """It listens."""
        return self

    def __exit__(self, *_: object) -> None:
        """It is over: it lives as long as its input."""
        self._process.communicate()

    def spent(self) -> Spent:
        """Until now."""
        with urllib.request.urlopen(f"{self.url}/spent") as answer:
            return Spent(**json.load(answer))


class _Server:
    def __init__(self, delay: float, keep: Path | None) -> None:
        self._delay, self._keep = delay, keep
        self._counting = threading.Lock()
        self._calls = self._bytes = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]

    def serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        space = memoryview(bytearray(_CHUNK))
        with connection:
            while size := connection.recv_into(space):
                while (end := bytes(space[:size]).find(b"\r\n\r\n")) < 0:
                    size += connection.recv_into(space[size:])
                head = bytes(space[: end + 2])
                length = int(found[1]) if (found := _LENGTH.search(head)) else 0
                body = [bytes(space[end + 4 : size])] if self._keep else []
                missing = length - (size - end - 4)
                while missing > 0:
                    size = connection.recv_into(space)
                    missing -= size
                    if self._keep:
                        body.append(bytes(space[:size]))
                connection.sendall(self._answer(head, length, b"".join(body)))

    def _answer(self, head: bytes, length: int, body: bytes) -> bytes:
        if head.startswith(b"GET /spent"):
            said = json.dumps({"calls": self._calls, "bytes": self._bytes, "cpu": time.process_time()}).encode()
        else:
            said = _TAKEN
            with self._counting:
                self._calls += 1
                self._bytes += length
            if self._keep:
                (self._keep / f"{self._calls:06d}-{threading.get_ident()}").write_bytes(body)
            if self._delay:
                time.sleep(self._delay)
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(said), said)


def main() -> None:
    """Serve until the input ends, as it does with whoever began this process."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--delay", type=float, default=0)
    options.add_argument("--keep", type=Path)
    chosen = options.parse_args()
    server = _Server(chosen.delay, chosen.keep)
    threading.Thread(target=server.serve, daemon=True).start()
    print(server.port, flush=True)
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
