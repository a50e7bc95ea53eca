"""A published file in memory: its bytes in each coding, and every header field of its answers, made once.

A file is read whole, and compressed at most once a version; an answer has its bytes and its header fields from one version.
"""

import gzip
import hashlib
import os
import re
import zlib
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

from starlette.types import Message

from hairfeed.web.negotiation import IDENTITY

Fields = list[tuple[bytes, bytes]]
Version = tuple[int, int, int]
"""What tells one version of a file from another: inode, nanosecond of the last change, bytes."""

TYPES = {
    "rss": b"application/rss+xml; charset=utf-8",
    "atom": b"application/atom+xml; charset=utf-8",
    "json": b"application/feed+json",  # JSON is UTF-8, and its types have no charset (RFC 8259 §11)
    "opml": b"text/x-opml; charset=utf-8",
    "html": b"text/html; charset=utf-8",
    "css": b"text/css; charset=utf-8",
}
PICTURES = {"jpg": b"image/jpeg", "png": b"image/png"}
"""They are compressed already."""
FEEDS = frozenset(["rss", "atom", "json"])
ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    # Readers that run in a browser are on other sites; nothing here is secret.
    (b"access-control-allow-origin", b"*"),
]
MOST_COMPRESSED = 1 << 20
"""Bytes of the largest file that is compressed while its reader waits; larger ones need compressed files beside them."""

_ARCHIVED = re.compile(r"(?:.*/)?(?:archive/\d{4,}-[0-9a-f]{12}\.\w+|pictures/[0-9a-f]{20}\.(?:jpg|png))")
"""What never changes: its name says what it holds."""
DOCUMENT = re.compile(r"(?P<folder>(?:.*/)?)archive/[0-9]{4,}-[0-9a-f]{12}\.(?P<kind>rss|atom|json)")
"""The path of a document of a feed's archive."""
_FOR_EVER = b"public, max-age=31536000, immutable"
_FOR_A_WHILE = b"public, max-age=900"
_BROTLI_QUALITY = 5
"""Higher ones take ten times as long for some per cent."""
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """The two messages of an answer."""

    start: Message
    body: Message


@dataclass(frozen=True, slots=True)
class Form:
    """A file in one coding: the whole answer, the one to HEAD, and the one that there is nothing new."""

    tag: bytes
    whole: Answer
    head: Answer
    not_modified: Answer


@dataclass(frozen=True, slots=True)
class Document:
    """One version of a published file."""

    version: Version
    modified_at: int
    """In seconds since the epoch, as precise as header fields are."""
    last_modified: bytes
    codings: tuple[str, ...]
    """In our order of preference."""
    forms: dict[str, Form]
    weight: int
    """Bytes that it takes in memory, roughly."""


def version_of(stat: os.stat_result) -> Version:
    """The version that a look at a file shows."""
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def read_document(path: Path, address: str, hubs: tuple[str, ...]) -> Document:
    """The file at `path`, whose public address is `address`; that and the hubs are in ASCII.

    Raises:
        OSError: it cannot be read, or changes faster than it can be read.
    """
    version, content = _read_whole(path)
    suffix = address.rpartition(".")[2]
    modified_at = version[1] // 1_000_000_000
    last_modified = formatdate(modified_at, usegmt=True).encode()
    bodies = _coded(path, content) if suffix in TYPES else {IDENTITY: content}
    common = [
        *ALWAYS,
        (b"last-modified", last_modified),
        (b"cache-control", _FOR_EVER if _ARCHIVED.fullmatch(address) else _FOR_A_WHILE),
        (b"vary", b"Accept-Encoding"),
        (b"access-control-expose-headers", b"ETag, Link"),
    ]
    if suffix in FEEDS:
        common.append((b"link", _links(address, () if _ARCHIVED.fullmatch(address) else hubs)))
    stamp = hashlib.sha256(content).hexdigest()[:32]
    kind = TYPES.get(suffix) or PICTURES.get(suffix, b"application/octet-stream")
    return Document(
        version=version,
        modified_at=modified_at,
        last_modified=last_modified,
        codings=tuple(bodies),
        forms={coding: _form(body, coding, stamp, kind, common) for coding, body in bodies.items()},
        weight=sum(map(len, bodies.values())) + 4096,
    )


def plain_answer(status: int, text: str, *fields: tuple[bytes, bytes]) -> Answer:
    """A short answer in words."""
    body = text.encode()
    described = [(b"content-type", b"text/plain; charset=utf-8")] if body else []
    length = [] if status == 204 else [(b"content-length", b"%d" % len(body))]  # noqa: PLR2004 - RFC 9110 §8.6
    return _answer(status, [*ALWAYS, *described, *length, *fields], body)


def _read_whole(path: Path) -> tuple[Version, bytes]:
    """A version of the file, and all its bytes.

    HairFeed puts another file in place of the old one, which never shows; other programs may write into it.
    """
    for _ in range(_ATTEMPTS):
        with path.open("rb") as file:
            version = version_of(os.fstat(file.fileno()))
            content = file.read()
            if version == version_of(os.fstat(file.fileno())) and len(content) == version[2]:
                return version, content
    raise OSError(f"{path} changes faster than it can be read")


def _coded(path: Path, content: bytes) -> dict[str, bytes]:
    """The bytes in every coding that can be had at a fair price."""
    import brotli  # the first feed that is asked for pays for it

    is_small = len(content) <= MOST_COMPRESSED
    forms = {
        "br": _beside(path, ".br", content) or (is_small and brotli.compress(content, quality=_BROTLI_QUALITY)),
        "gzip": _beside(path, ".gz", content) or (is_small and gzip.compress(content, 6, mtime=0)),
        IDENTITY: content,
    }
    return {coding: body for coding, body in forms.items() if body is not False}


def _beside(path: Path, suffix: str, content: bytes) -> bytes | None:
    """The compressed file, if it is there and holds this very content: times prove nothing after a copy of the folder."""
    import brotli

    try:
        compressed = path.with_name(path.name + suffix).read_bytes()
        unpacked = gzip.decompress(compressed) if suffix == ".gz" else brotli.decompress(compressed)
    except (OSError, EOFError, zlib.error, brotli.error):
        return None
    return compressed if unpacked == content else None


def _links(address: str, hubs: tuple[str, ...]) -> bytes:
    links = [f'<{hub}>; rel="hub"' for hub in hubs] + [f'<{address}>; rel="self"']
    return ", ".join(links).encode("ascii")


def _form(body: bytes, coding: str, stamp: str, kind: bytes, common: Fields) -> Form:
    # One tag a coding: they are other bytes (RFC 9110 §8.8.3.3).
    tag = f'"{stamp}"'.encode() if coding == IDENTITY else f'"{stamp}-{coding}"'.encode()
    tagged = [(b"etag", tag), *common]
    encoded = [] if coding == IDENTITY else [(b"content-encoding", coding.encode())]
    described = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), *encoded, *tagged, (b"accept-ranges", b"none")]
    return Form(tag, _answer(200, described, body), _answer(200, described, b""), _answer(304, tagged, b""))


def _answer(status: int, fields: Fields, body: bytes) -> Answer:
    return Answer(
        {"type": "http.response.start", "status": status, "headers": fields}, {"type": "http.response.body", "body": body}
    )
