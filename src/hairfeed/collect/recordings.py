"""The recording that belongs to a page: told by its address and what is stated of it, measured where it lies beside the page."""

import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from hairfeed.models.articles import Enclosure
from hairfeed.text.web_addresses import absolute_address

# A table of our own: the system's differs from one machine to the next, and feeds would change with it.
MEDIA_TYPES = {
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".aac": "audio/aac",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".flac": "audio/flac",
    ".wav": "audio/wav",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".ogv": "video/ogg",
}
"""By the ending of a file."""

_PLAYABLE = re.compile(r"(?:audio|video)/[a-z0-9][a-z0-9!#$&^_.+-]*")
_LENGTH = re.compile(r"[0-9]{1,15}")
_DURATION = re.compile(r"(?:(?:(?P<hours>[0-9]{1,3}):)?(?P<minutes>[0-9]{1,4}):)?(?P<seconds>[0-9]{1,6})(?:\.[0-9]*)?")


def recording(url: str | None, media_type: str | None = "", length: str | None = "", duration: str | None = "") -> Enclosure | None:
    """The recording at `url`, with what is stated of it: its type, its bytes, and how long it plays.

    None when it is neither audio nor video: by its type, or else by the ending of its address. A length or duration of zero, or
    that is no such thing, is unknown.
    """
    kind = _media_type(url or "", media_type or "")
    return Enclosure(url, kind, _bytes(length or ""), _seconds(duration or "")) if url and kind else None


def best(found: Iterable[Enclosure | None]) -> Enclosure | None:
    """The first with sound alone, else the first film."""
    recordings = [one for one in found if one is not None]
    return min(recordings, key=lambda one: not one.media_type.startswith("audio/"), default=None)


def fetchable(found: Enclosure | None, page_url: str) -> Enclosure | None:
    """The recording at an absolute web address; None when it has none, or is neither audio nor video."""
    address = absolute_address(found.url, page_url) if found and _PLAYABLE.fullmatch(found.media_type) else None
    return replace(found, url=address) if found and address else None


def measured(found: Enclosure, page: Path, folder: Path) -> Enclosure:
    """The recording with the true size of its file, where its address leads from the file of the page to one in `folder`."""
    try:
        parts = urlsplit(found.url)
        if parts.scheme or parts.netloc or parts.path.startswith("/"):
            return found
        # Links are followed first: none may tell of files elsewhere.
        file = Path(os.path.realpath(page.parent / unquote(parts.path)))
        size = file.stat().st_size if file.is_relative_to(folder) and file.is_file() else 0
    except (OSError, ValueError):
        return found  # ValueError is what a broken address gives, and a path that no system knows
    return replace(found, length=size) if size else found


def listed(entries: Sequence[os.DirEntry[str]]) -> str:
    """What is another text when a recording among a folder's files comes, goes or gets another length; "" without any."""
    sizes = sorted((os.fsencode(one.name), _size(one)) for one in entries if one.name.lower().endswith(tuple(MEDIA_TYPES)))
    return hashlib.sha256(repr(sizes).encode()).hexdigest()[:12] + "-" if sizes else ""


def _size(file: os.DirEntry[str]) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0  # a link to nothing


def _media_type(url: str, stated: str) -> str:
    plain = stated.partition(";")[0].strip().lower()
    if _PLAYABLE.fullmatch(plain):
        return plain
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return MEDIA_TYPES.get(PurePosixPath(path).suffix.lower(), "")


def _bytes(text: str) -> int | None:
    return (int(text) or None) if _LENGTH.fullmatch(text.strip()) else None


def _seconds(text: str) -> int | None:
    """Of `HH:MM:SS`, `MM:SS` or seconds alone."""
    told = _DURATION.fullmatch(text.strip())
    if told is None:
        return None
    hours, minutes, seconds = (int(number or 0) for number in told.group("hours", "minutes", "seconds"))
    return (hours * 60 + minutes) * 60 + seconds or None
