"""The body of an answer, piece by piece: unpacked without ever holding more than one piece above what is wanted."""

import importlib
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from hairfeed.errors import TryLater, Unreadable

PIECE = 65_536
"""The most bytes that are read, or unpacked, at once."""

GZIP_START = b"\x1f"
GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
RAW_DEFLATE = -zlib.MAX_WBITS


def _brotli() -> Any:
    """The brotli library, where there is one that can be told to stop: others unpack a bomb in one go."""
    try:
        library = importlib.import_module("brotli")
    except ImportError:
        return None
    return library if hasattr(library.Decompressor, "can_accept_more_data") else None


BROTLI = _brotli()
ACCEPTED = "gzip, deflate, br" if BROTLI else "gzip, deflate"
"""For the field Accept-Encoding."""


def limited(pieces: Iterable[bytes], most: int, url: str) -> Iterator[bytes]:
    """The pieces, as long as they are no more than `most` bytes together.

    Raises:
        Unreadable: they are more.
    """
    so_far = 0
    for piece in pieces:
        so_far += len(piece)
        if so_far > most:
            raise Unreadable(f"{url}: is larger than {most} bytes; nothing of it was read")
        yield piece


def beginning(pieces: Iterable[bytes], enough: int) -> Iterator[bytes]:
    """The pieces up to the one that makes them `enough` bytes; what comes after is not even read."""
    so_far = 0
    for piece in pieces:
        yield piece
        so_far += len(piece)
        if so_far >= enough:
            return


def unpacked(pieces: Iterable[bytes], encoding: str, url: str) -> Iterator[bytes]:
    """The content of `pieces`, which come in a Content-Encoding (RFC 9110 §8.4).

    Raises:
        Unreadable: the encoding is unknown here, or the bytes are not in it.
        TryLater: they end too early.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return iter(pieces)
        case "gzip" | "x-gzip" | "deflate":
            return _inflated(pieces, url)
        case "br" if BROTLI:
            return _without_brotli(pieces, url)
    raise Unreadable(f"{url}: comes in the encoding {encoding!r}, which was not asked for")


def _inflated(pieces: Iterable[bytes], url: str) -> Iterator[bytes]:
    """Without gzip or zlib; a gzip file may have several members (RFC 1952 §2.2), and padding after them."""
    stream = None
    for piece in pieces:
        rest = piece
        while rest:
            if stream is None:
                stream = zlib.decompressobj(_window(rest))
            elif stream.eof:
                if not rest.startswith(GZIP_START):
                    return
                stream = zlib.decompressobj(GZIP_OR_ZLIB)
            yield from _drained(stream, rest, url)
            rest = stream.unused_data
    if stream is not None and not stream.eof:
        raise TryLater(f"{url}: ends before its compressed data does; the next pass asks again")


def _window(start: bytes) -> int:
    """What `zlib` is to expect. Some servers say deflate and leave out the zlib header (RFC 1950 §2.2)."""
    has_header = start.startswith(GZIP_START) or start[0] & 0x0F == zlib.DEFLATED
    return GZIP_OR_ZLIB if has_header else RAW_DEFLATE


def _drained(stream: "zlib._Decompress", packed: bytes, url: str) -> Iterator[bytes]:
    """All that `packed` holds, up to the stream's end."""
    content = b""
    while packed or len(content) == PIECE:
        try:
            content = stream.decompress(packed, PIECE)
        except zlib.error as error:
            raise Unreadable(f"{url}: its compressed data is damaged: {error}") from error
        yield content
        packed = stream.unconsumed_tail


def _without_brotli(pieces: Iterable[bytes], url: str) -> Iterator[bytes]:
    """Without brotli (RFC 7932)."""
    stream = BROTLI.Decompressor()
    for piece in pieces:
        try:
            content = stream.process(piece, output_buffer_limit=PIECE)
            while content:
                yield content
                content = stream.process(b"", output_buffer_limit=PIECE)
        except BROTLI.error as error:
            raise Unreadable(f"{url}: its compressed data is damaged: {error}") from error
        if stream.is_finished():
            return
    raise TryLater(f"{url}: ends before its compressed data does; the next pass asks again")
