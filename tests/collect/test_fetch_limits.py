"""Bodies and header fields that are too large, too slow, or not what they say."""

import gzip
import zlib
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.collect import body
from hairfeed.collect.network.fetch import Fetcher, Limits
from hairfeed.errors import TryLater, Unreadable
from tests.collect.web import Asked, Clock, Web, answer

MOST = 100_000


@pytest.fixture
def fetcher(clock: Clock) -> Iterator[Fetcher]:
    """It takes a hundred thousand bytes in a minute, and asks once."""
    with Fetcher(
        "HairFeed/1",
        allow_private=True,
        limits=Limits(most_bytes=MOST),
        obey_robots=False,
        retries=0,
        clock=clock,
        sleep=clock.sleep,
        lookup=lambda _: ["127.0.0.1"],
    ) as fetcher:
        yield fetcher


def raw_deflate(content: bytes) -> bytes:
    """Without the header that the standard asks for."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def test_the_limit_itself_is_allowed(web: Web, fetcher: Fetcher) -> None:
    web.pages["/a"] = answer(bytes(MOST))
    fetched = fetcher.get(web.url("/a"))
    assert fetched is not None
    assert len(fetched.content) == MOST


def test_a_stated_length_above_the_limit_is_enough_to_refuse(web: Web, fetcher: Fetcher) -> None:
    web.pages["/a"] = answer(b"small", length=MOST + 1)
    with pytest.raises(Unreadable, match="larger than 100000 bytes"):
        fetcher.get(web.url("/a"))


@pytest.mark.parametrize("field", ["", "Transfer-Encoding: chunked\r\n"])
def test_an_endless_body_is_cut_off(web: Web, fetcher: Fetcher, field: str) -> None:
    def endless(_: Asked) -> Iterator[bytes]:
        yield f"HTTP/1.1 200 OK\r\n{field}\r\n".encode()
        while True:
            yield b"1000\r\n" + bytes(0x1000) + b"\r\n"

    web.pages["/a"] = endless
    with pytest.raises(Unreadable, match="larger than 100000 bytes"):
        fetcher.get(web.url("/a"))


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"HTTP/1.1 ",
        b"",
    ],
    ids=["length", "no length", "chunk", "field", "status", "nothing"],
)
def test_a_byte_now_and_then_does_not_outlast_the_total(web: Web, fetcher: Fetcher, clock: Clock, start: bytes) -> None:
    def trickle(_: Asked) -> Iterator[bytes]:
        yield start
        for _second in range(50_000):
            clock.now += 1
            yield b"1"

    web.pages["/a"] = trickle
    with pytest.raises(TryLater, match="too long"):
        fetcher.get(web.url("/a"))


def test_interim_answers_without_end_do_not_outlast_the_total(web: Web, fetcher: Fetcher, clock: Clock) -> None:
    def patience(_: Asked) -> Iterator[bytes]:
        while True:
            clock.now += 1
            yield b"HTTP/1.1 100 Continue\r\n\r\n"

    web.pages["/a"] = patience
    with pytest.raises(TryLater, match="too long"):
        fetcher.get(web.url("/a"))


@pytest.mark.parametrize(
    "reply",
    [
        answer(b"half", length=8),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        answer(gzip.compress(b"whole", mtime=0)[:-9], "200 OK", "Content-Encoding: gzip"),
        answer(gzip.compress(b"whole", mtime=0)[:5], "200 OK", "Content-Encoding: gzip"),
        answer(raw_deflate(b"whole" * 9)[:-1], "200 OK", "Content-Encoding: deflate"),
    ],
    ids=["length", "chunk", "last chunk", "gzip", "gzip header", "deflate"],
)
def test_an_answer_that_ends_too_early_is_for_later(web: Web, fetcher: Fetcher, reply: bytes) -> None:
    web.pages["/a"] = reply
    with pytest.raises(TryLater):
        fetcher.get(web.url("/a"))


def test_bytes_beyond_the_stated_length_belong_to_no_page() -> None:
    with (
        Web(keeps_connections=True) as web,
        Fetcher("HairFeed/1", allow_private=True, pause_seconds=0, obey_robots=False) as fetcher,
    ):
        web.pages |= {"/a": answer(b"page" + answer(b"smuggled"), length=4, last=False), "/b": answer(b"other")}
        for path, content in (("/a", b"page"), ("/b", b"other")):
            fetched = fetcher.get(web.url(path, host="127.0.0.1"))
            assert fetched is not None
            assert fetched.content == content


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"page", mtime=0)),
        ("X-GZip", gzip.compress(b"page", mtime=0)),
        ("gzip", gzip.compress(b"pa", mtime=0) + gzip.compress(b"ge", mtime=0)),
        ("gzip", gzip.compress(b"page", mtime=0) + bytes(20)),
        ("deflate", zlib.compress(b"page")),
        ("deflate", raw_deflate(b"page")),
        ("identity", b"page"),
    ],
)
def test_content_is_unpacked(web: Web, fetcher: Fetcher, encoding: str, packed: bytes) -> None:
    web.pages["/a"] = answer(packed, "200 OK", f"Content-Encoding: {encoding}")
    fetched = fetcher.get(web.url("/a"))
    assert fetched is not None
    assert fetched.content == b"page"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_nothing_packed_is_nothing(web: Web, fetcher: Fetcher, encoding: str) -> None:
    web.pages["/a"] = answer(b"", "200 OK", f"Content-Encoding: {encoding}")
    fetched = fetcher.get(web.url("/a"))
    assert fetched is not None
    assert fetched.content == b""


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", b"this is no gzip"),
        ("gzip", gzip.compress(b"page" * 100, mtime=0)[:-8] + b"checksum"),
        ("gzip", b"\x1f\x8b\x08\x00" + b"\xff" * 50),
        ("deflate", b"\x78\x9c" + b"\xff" * 50),
        ("gzip, gzip", gzip.compress(gzip.compress(b"page", mtime=0), mtime=0)),
        ("zstd", b"(\xb5/\xfd"),
        ("nonsense", b"page"),
    ],
)
def test_damaged_and_unknown_encodings_are_unreadable(web: Web, fetcher: Fetcher, encoding: str, packed: bytes) -> None:
    web.pages["/a"] = answer(packed, "200 OK", f"Content-Encoding: {encoding}")
    with pytest.raises(Unreadable):
        fetcher.get(web.url("/a"))


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_is_refused(web: Web, fetcher: Fetcher, encoding: str) -> None:
    pack = gzip.compress if encoding == "gzip" else zlib.compress
    bomb = pack(bytes(20_000_000))
    assert len(bomb) < MOST
    web.pages["/a"] = answer(bomb, "200 OK", f"Content-Encoding: {encoding}")
    with pytest.raises(Unreadable, match="larger than 100000 bytes"):
        fetcher.get(web.url("/a"))


def test_an_endless_body_of_nothing_is_cut_off(web: Web, fetcher: Fetcher) -> None:
    def endless(_: Asked) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
        while True:
            yield gzip.compress(b"") * 1000

    web.pages["/a"] = endless
    with pytest.raises(Unreadable, match="larger than 100000 bytes"):
        fetcher.get(web.url("/a"))


def test_a_bomb_is_unpacked_no_further_than_one_piece_above_what_is_wanted() -> None:
    asked_for = 0

    def wire() -> Iterator[bytes]:
        nonlocal asked_for
        bomb = gzip.compress(bytes(5_000_000))
        for start in range(0, len(bomb), 1000):
            asked_for += 1
            yield bomb[start : start + 1000]

    with pytest.raises(Unreadable):
        list(body.limited(body.unpacked(wire(), "gzip", "url"), MOST, "url"))
    assert asked_for == 1
    sizes = [len(piece) for piece in body.unpacked(wire(), "gzip", "url")]
    assert max(sizes) == body.PIECE
    assert sum(sizes) == 5_000_000
    asked_for = 0
    assert sum(map(len, body.beginning(body.unpacked(wire(), "gzip", "url"), MOST))) < MOST + body.PIECE
    assert asked_for == 1


@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.builds(lambda pieces, more: bytes(pieces * body.PIECE + more), st.integers(0, 3), st.integers(0, 20)),
    ),
    size=st.integers(1, 400),
    encoding=st.sampled_from(["gzip", "deflate", "raw"]),
)
def test_unpacking_does_not_depend_on_where_the_pieces_end(content: bytes, size: int, encoding: str) -> None:
    pack: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress, "raw": raw_deflate}
    packed = pack[encoding](content)
    pieces = [packed[start : start + size] for start in range(0, len(packed), size)]
    assert b"".join(body.unpacked(pieces, "gzip" if encoding == "gzip" else "deflate", "url")) == content


def test_brotli_is_offered_and_unpacked_where_it_is_installed() -> None:
    brotli = pytest.importorskip("brotli", reason="brotli is not installed")
    packed = brotli.compress(bytes(3_000_000))
    assert body.ACCEPTED == "gzip, deflate, br"
    sizes = [len(piece) for piece in body.unpacked([packed[:5], packed[5:]], "br", "url")]
    assert sum(sizes) == 3_000_000
    assert max(sizes) < 10 * body.PIECE
    with pytest.raises(TryLater):
        list(body.unpacked([packed[:-1]], "br", "url"))
    with pytest.raises(Unreadable):
        list(body.unpacked([b"\xff" * 100], "br", "url"))


@pytest.mark.parametrize(
    "reply",
    [
        b"\x16\x03\x01 garbage\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Huge: " + b"x" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Many: x\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\npage",
    ],
    ids=["binary", "ssh", "status", "huge field", "many fields", "two lengths"],
)
def test_what_is_not_http_is_unreadable(web: Web, fetcher: Fetcher, reply: bytes) -> None:
    web.pages["/a"] = reply
    with pytest.raises(Unreadable, match="not HTTP"):
        fetcher.get(web.url("/a"))
    assert web.paths == ["/a"]
