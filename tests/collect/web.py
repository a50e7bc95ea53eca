"""A web server on this machine that sends exactly the bytes it is told to, and a clock that only the test moves."""

import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True)
class Asked:
    """A request as it arrived; names of header fields are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


Reply = bytes | Callable[[Asked], Iterable[bytes]]


class ResetConnection(Exception):
    """Raised by a reply: the connection ends without a goodbye."""


def answer(body: bytes = b"", status: str = "200 OK", *fields: str, length: int | None = None, last: bool = True) -> bytes:
    """An HTTP answer, the last on its connection unless told otherwise; its stated length may lie."""
    stated = f"Content-Length: {len(body) if length is None else length}"
    ending = f"Connection: {'close' if last else 'keep-alive'}"
    return "\r\n".join([f"HTTP/1.1 {status}", *fields, stated, ending, "", ""]).encode() + body


def redirect(target: str, status: str = "302 Found") -> bytes:
    """An answer that leads elsewhere."""
    return answer(b"", status, f"Location: {target}")


class _Handler(socketserver.BaseRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        try:
            while self._answer() and self.server.web.keeps_connections:
                pass
        except ResetConnection:
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.request.close()
        except OSError:
            pass  # the client has had enough

    def _answer(self) -> bool:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self.request.recv(1)
            if not byte:
                return False
            head += byte
        asked = _asked(head.decode("latin-1"))
        body = self._received(int(asked.headers.get("content-length", "0")))
        for piece in self.server.web.reply(replace(asked, body=body)):
            self.request.sendall(piece)
        return True

    def _received(self, size: int) -> bytes:
        body = b""
        while len(body) < size:
            piece = self.request.recv(size - len(body))
            if not piece:
                raise ConnectionError("the client has sent half of what it announced")
            body += piece
        return body


def _asked(head: str) -> Asked:
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    fields = (line.split(": ", 1) for line in lines)
    return Asked(method, path, {name.lower(): value for name, value in fields})


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    web: "Web"

    def handle_error(self, request: object, client_address: object) -> None:
        """A TLS handshake that the client breaks off."""


class Web:
    """Serves `pages` by path under any host name; 404 for the others. Of a list of replies, each is given once, the last always."""

    def __init__(self, *, keeps_connections: bool = False, tls: ssl.SSLContext | None = None, address: str = "127.0.0.1") -> None:
        """It listens at once."""
        self.pages: dict[str, Reply | list[Reply]] = {}
        self.asked: list[Asked] = []
        self.connections = 0
        self.keeps_connections = keeps_connections
        self._tls = tls
        self._server = _Server((address, 0), _Handler)
        self._server.web = self
        self._server.get_request = self._accept  # type: ignore[method-assign]
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def _accept(self) -> tuple[socket.socket, object]:
        connection, peer = self._server.socket.accept()
        self.connections += 1
        if self._tls is not None:
            connection.settimeout(30)
            connection = self._tls.wrap_socket(connection, server_side=True)
        return connection, peer

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, path: str = "/", host: str = "one.example") -> str:
        """The address of a page."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{host}:{self.port}{path}"

    def reply(self, asked: Asked) -> Iterable[bytes]:
        """The pieces to send."""
        self.asked.append(asked)
        reply = self.pages.get(asked.path, answer(b"", "404 Not Found"))
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        return [reply] if isinstance(reply, bytes) else reply(asked)

    @property
    def paths(self) -> list[str]:
        """What was asked for, robots.txt aside."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]


class Clock:
    """Stands still unless someone sleeps or moves it."""

    def __init__(self) -> None:
        """It is 1000 seconds after whenever."""
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Takes no time."""
        self.slept.append(seconds)
        self.now += seconds
