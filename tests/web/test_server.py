"""The web app on a port: real connections, from well-behaved clients and from others."""

import asyncio
import gzip
import http.client
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import brotli
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from hairfeed.shelf import Shelf
from hairfeed.web.connection import MOST_HEAD, Connection
from hairfeed.web.server import Server
from tests.test_cli import hairfeed as command
from tests.web.asking import CODINGS, files_of, tag_of
from tests.web.servers import hairfeed

PATIENCE = 300
UNPACK = {"identity": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
REQUEST = b"GET /feeds/feed.rss HTTP/1.1\r\nHost: hair.example.org\r\n\r\n"


class Unhurried(Connection):
    """A connection that is looked at when the test says so, and then only."""

    patience = 1e6


class Running:
    """A server in a thread of its own."""

    def __init__(self, app: ASGIApp) -> None:
        """Start it, on any free port."""
        listening = threading.Event()
        self._server = Server(app, "127.0.0.1", 0, lambda _: listening.set())
        self._server.config.http = Unhurried
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert listening.wait(PATIENCE)
        self.port: int = self._server.servers[0].sockets[0].getsockname()[1]

    def _run(self) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            await self._server.serve()

        asyncio.run(serve())

    def connect(self) -> socket.socket:
        """A connection that the server knows of."""
        before = len(self.connections)
        client = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        until(lambda: len(self.connections) == before + 1)
        return client

    @property
    def connections(self) -> set[Any]:
        """Those that are open."""
        return self._server.server_state.connections

    def look(self) -> None:
        """Have the server look at its one connection."""
        looked = threading.Event()

        def look() -> None:
            for connection in list(self.connections):
                connection.look_again()
            looked.set()

        self._loop.call_soon_threadsafe(look)
        assert looked.wait(PATIENCE)

    def stop(self) -> None:
        """End it, and all its connections with it."""
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


@contextmanager
def running(app: ASGIApp) -> Iterator[Running]:
    """A server for the length of a test."""
    server = Running(app)
    try:
        yield server
    finally:
        server.stop()


def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that is bound to happen."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def read_all(client: socket.socket) -> bytes:
    """All that comes until the server ends the connection."""
    received = b""
    while piece := client.recv(1 << 16):
        received += piece
    return received


@pytest.fixture
def public(tmp_path: Path) -> Path:
    """A feeds directory with a feed."""
    (tmp_path / "public").mkdir()
    (tmp_path / "public/feed.rss").write_bytes(b"<rss/>")
    return tmp_path / "public"


def test_every_answer_is_of_one_version_while_files_are_replaced(public: Path) -> None:
    versions = [(f"<rss>{number} ".encode() * 3000)[: 9000 + number % 3] for number in range(150)]
    is_over = threading.Event()

    def replace() -> None:
        for number, content in enumerate(versions):
            shelf = Shelf(public, {}, ("gzip", "br") if number % 2 else ())
            shelf.put("", "feed.rss", content)
        is_over.set()

    def read(number: int) -> set[bytes]:
        seen = set()
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        while not is_over.is_set() or versions[-1] not in seen:
            coding = CODINGS[number % len(CODINGS)]
            connection.request("GET", "/feeds/feed.rss", headers={"Accept-Encoding": coding})
            reply = connection.getresponse()
            content = UNPACK[coding](reply.read())
            assert reply.getheader("etag") == tag_of(content, coding)
            seen.add(content)
        connection.close()
        return seen

    with running(files_of(public)) as server, ThreadPoolExecutor(9) as pool:
        readers = [pool.submit(read, number) for number in range(8)]
        pool.submit(replace).result()
        seen = set().union(*(reader.result() for reader in readers))
    assert len(seen & set(versions)) > 1
    assert seen <= {*versions, b"<rss/>"}


def test_requests_in_one_piece_are_answered_in_turn(public: Path) -> None:
    with running(files_of(public)) as server, server.connect() as client:
        client.sendall(REQUEST + REQUEST.replace(b"GET", b"HEAD") + REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        answers = read_all(client).split(b"HTTP/1.1 200 OK\r\n")
    assert [answer.endswith(b"\r\n\r\n<rss/>") for answer in answers[1:]] == [True, False, True]


@pytest.mark.parametrize(
    "flood",
    [
        b"GET /feeds/" + b"x" * MOST_HEAD,
        b"GET / HTTP/1.1\r\nX-Long: " + b"x" * MOST_HEAD,
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * (MOST_HEAD // 6 + 1),
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"x" * MOST_HEAD * 2,
    ],
    ids=["path", "field", "fields", "chunk"],
)
def test_a_head_without_end_is_cut_off(public: Path, flood: bytes) -> None:
    with running(files_of(public)) as server, server.connect() as client:
        client.sendall(flood)
        with suppress(ConnectionError):
            while server.connections:
                client.sendall(b"x" * 4096)


def test_a_long_head_is_read(public: Path) -> None:
    with running(files_of(public)) as server, server.connect() as client:
        client.sendall(REQUEST[:-2] + b"Cookie: " + b"x" * (MOST_HEAD // 2) + b"\r\nConnection: close\r\n\r\n")
        assert read_all(client).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("request_", [b"GET /feeds/\xff HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n"])
def test_what_is_no_request_is_refused(public: Path, request_: bytes) -> None:
    with running(files_of(public)) as server, server.connect() as client:
        client.sendall(request_)
        assert read_all(client).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "beginning", [b"", b"GET /feeds/feed.rss HT", REQUEST[:-2], b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"]
)
def test_who_does_not_finish_a_request_is_cut_off(public: Path, beginning: bytes) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await receive()

    with running(app) as server, server.connect() as client:
        client.sendall(beginning)
        server.look()
        server.look()
        until(lambda: not server.connections)


def test_who_takes_an_answer_slowly_may_and_who_does_not_take_it_is_cut_off(public: Path) -> None:
    size = 64 << 20  # more than the buffers between two sockets hold
    with (public / "feed.rss").open("wb") as file:
        file.truncate(size)
    with running(files_of(public)) as server, server.connect() as client:
        client.sendall(REQUEST)
        taken, left = 0, size
        for _ in range(4):
            while taken < size // 8:
                piece = client.recv(1 << 20)
                assert piece, "cut off"
                taken += len(piece)
            taken -= size // 8
            # The server sees a little later that there is room again.
            until(lambda: to_send(server) < left)  # noqa: B023 - called at once
            server.look()
            left = to_send(server)
        until(lambda: stands_still(server))
        server.look()
        server.look()
        until(lambda: not server.connections)


def stands_still(server: Running) -> bool:
    """Whether nothing more fits between the server and its client."""
    before = to_send(server)
    time.sleep(0.2)
    return before == to_send(server)


def to_send(server: Running) -> int:
    """The bytes that the server's one connection holds for its client; it must be open."""
    (connection,) = server.connections
    return int(connection.transport.get_write_buffer_size())


def test_who_waits_for_us_is_not_cut_off() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while not is_ready.is_set():  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(0.01)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    is_ready = threading.Event()
    with running(app) as server, server.connect() as client:
        client.sendall(REQUEST)
        (connection,) = server.connections
        until(lambda: connection.cycle is not None)
        for _ in range(3):
            server.look()
        is_ready.set()
        assert client.recv(100).startswith(b"HTTP/1.1 204 ")


def test_serve_ends_when_it_is_told_to(tmp_path: Path, public: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with hairfeed(tmp_path, public, "--access-log") as (process, port):
            client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            client.sendall(REQUEST)
            assert client.recv(1 << 16).startswith(b"HTTP/1.1 200 OK\r\n")
            process.send_signal(number)
            assert process.wait(PATIENCE) == 0
            client.close()
            assert process.stdout is not None
            (line,) = process.stdout.read().splitlines()
            assert line.endswith("Z served method=GET path=/feeds/feed.rss status=200 bytes=6")
            assert "127.0.0.1" not in line


def test_without_asking_there_is_no_access_log(tmp_path: Path, public: Path) -> None:
    with hairfeed(tmp_path, public) as (process, port):
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
            client.sendall(REQUEST + b"broken\r\n\r\n")
            read_all(client)
        process.terminate()
        assert process.wait(PATIENCE) == 0
        assert process.stdout is not None
        assert process.stdout.read() == ""


def test_a_port_that_is_taken_ends_with_2(tmp_path: Path, public: Path) -> None:
    with hairfeed(tmp_path, public) as (_, port):
        done = command("serve", "-c", tmp_path / "hairfeed.toml", "--port", str(port))
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"hairfeed: nothing can listen on port {port} of 127.0.0.1")
    assert "Traceback" not in done.stderr


def test_what_is_no_feed_is_answered_by_the_app_around(tmp_path: Path, public: Path) -> None:
    with hairfeed(tmp_path, public) as (_, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/feedsandmore")
        reply = connection.getresponse()
        assert (reply.status, reply.read(), reply.getheader("server")) == (404, b"Not Found", None)
        connection.close()
