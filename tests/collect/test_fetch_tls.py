"""Certificates are checked against the host's name, whatever address the connection goes to."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from hairfeed.collect.network.connect import Dialler, GuardedAdapter
from hairfeed.collect.network.fetch import Fetcher, Limits
from hairfeed.collect.network.pace import Deadline
from hairfeed.errors import TryLater
from tests.certificates import self_signed
from tests.collect.web import Asked, Clock, Web, answer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Self-signed, for one.example, with its key in the same file."""
    return self_signed(tmp_path_factory.mktemp("certificate"), "one.example")


@pytest.fixture
def names() -> list[str]:
    """The names that clients gave in their handshakes."""
    return []


@pytest.fixture
def web(certificate: Path, names: list[str]) -> Iterator[Web]:
    """It speaks TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with Web(tls=context) as web:
        web.pages["/"] = answer(b"page")
        yield web


@pytest.fixture
def adapter(clock: Clock) -> Iterator[GuardedAdapter]:
    """A minute is left; every host is this machine."""
    deadline = Deadline(clock)
    deadline.start(60)
    dialler = Dialler(deadline, allowed=lambda _: True, lookup=lambda _: ["127.0.0.1"], connect_seconds=5, read_seconds=5)
    adapter = GuardedAdapter(dialler)
    yield adapter
    adapter.close()


def ask(adapter: GuardedAdapter, url: str, certificate: Path) -> bytes:
    """The content at `url`, if its host has a certificate like this one."""
    response = adapter.send(requests.Request("GET", url).prepare(), timeout=5, verify=str(certificate))
    content = response.content
    response.close()
    return content


def test_a_self_signed_certificate_is_refused(web: Web, fetcher: Fetcher) -> None:
    with pytest.raises(TryLater, match="not secure"):
        fetcher.get(web.url("/"))
    assert web.asked == []


def test_the_handshake_names_the_host(web: Web, adapter: GuardedAdapter, certificate: Path, names: list[str]) -> None:
    assert ask(adapter, web.url("/"), certificate) == b"page"
    assert names == ["one.example"]
    assert web.asked[0].headers["host"] == f"one.example:{web.port}"


@pytest.mark.parametrize("host", ["two.example", "127.0.0.1"])
def test_a_certificate_for_another_name_is_refused(web: Web, adapter: GuardedAdapter, certificate: Path, host: str) -> None:
    with pytest.raises(requests.exceptions.SSLError, match=r"match|not valid for"):
        ask(adapter, web.url("/", host=host), certificate)
    assert web.asked == []


def test_a_byte_now_and_then_does_not_outlast_the_total(web: Web, adapter: GuardedAdapter, certificate: Path, clock: Clock) -> None:
    def trickle(_: Asked) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n"
        for _second in range(50_000):
            clock.now += 1
            yield b"1"

    web.pages["/"] = trickle
    with pytest.raises((requests.ConnectionError, requests.Timeout), match="timed out"):
        ask(adapter, web.url("/"), certificate)


def test_a_server_that_does_not_shake_hands_is_for_later() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        Fetcher("HairFeed/1", allow_private=True, limits=Limits(connect_seconds=0.1), obey_robots=False, retries=0) as fetcher,
        pytest.raises(TryLater, match="too long"),
    ):
        fetcher.get(f"https://127.0.0.1:{silent.getsockname()[1]}/")
