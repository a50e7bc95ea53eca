"""The feeds directory: files put into place whole, and taken away; and where readers find what lies there."""

import gzip
import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from hairfeed.errors import PublishError
from hairfeed.files import sync_folder, write_whole
from hairfeed.settings.site import Feeds
from hairfeed.store.feed_files import ISSUES, FeedFile
from hairfeed.text.web_addresses import absolute_address

FEED_FILES = ("feed.rss", "feed.atom", "feed.json")
"""What feeds are called in their folders."""
PAGE = "index.html"
"""What pages for people are called in their folders."""

GONE = ".gone"
"""Added to the name of a file that was withdrawn: a web server answers 410 where such a file lies."""

MOVED = ".moved"
"""Added to the name of a file whose feed has moved; such a mark holds the path of the file that took its place."""

MARKS = (GONE, MOVED)
_CODINGS = {".gz": "gzip", ".br": "br"}
COMPRESSED = tuple(_CODINGS)

_FOR_EVER = re.compile(r"(?:.*/)?archive/\d{4,}-[0-9a-f]{12}\.\w+|pictures/[0-9a-f]{20}\.(?:jpg|png)")
_COMPRESSED_ALREADY = (*MARKS, ".jpg", ".png")


def never_changes(path: str) -> bool:
    """Whether what lies at `path` below the feeds directory is there for ever as it is: its name says what it holds."""
    return _FOR_EVER.fullmatch(path) is not None


def url_of(path: str, feeds: Feeds) -> str:
    """Where readers find what is at `path` below the feeds directory; a page is its folder, with a slash at its end."""
    return encoded(f"{feeds.url}/{path}")


def issue_folder(newsletter: str, number: int | None = None) -> str:
    """The path of the page of an issue, or of all issues of a newsletter."""
    return f"{ISSUES}{newsletter}/" if number is None else f"{ISSUES}{newsletter}/{number}/"


def encoded(address: str) -> str:
    """The web address percent-encoded; what no rule can mend stays as the config has it."""
    return absolute_address(address, "") or address


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where the feeds directory is or was published, as far as a request tells: neither by its scheme nor by its port."""

    host: str
    path: str
    """Without a slash at its end."""
    has_pages: bool = True
    """Whether the pages there are the feeds'; at the root of the site's own host they are the site's."""


def whereabouts(feeds: Feeds) -> Whereabouts:
    """Where the feeds directory is published."""
    parts = urlsplit(encoded(feeds.url))
    return Whereabouts(parts.hostname or "", parts.path)


def former_whereabouts(feeds: Feeds) -> list[Whereabouts]:
    """Where it was before, the longest paths first; nothing that is told from where it is by scheme or port alone."""
    now = whereabouts(feeds)
    all_former = dict.fromkeys(_whereabouts_of(url, now) for url in feeds.former_urls)
    elsewhere = (former for former in all_former if (former.host, former.path) != (now.host, now.path))
    return sorted(elsewhere, key=lambda former: -len(former.path))


def _whereabouts_of(url: str, now: Whereabouts) -> Whereabouts:
    parts = urlsplit(encoded(url))
    host = parts.hostname or ""
    return Whereabouts(host, parts.path, has_pages=bool(parts.path) or host != now.host)


@dataclass
class Shelf:
    """The feeds directory during one pass; `known` are the files that the pass found in place."""

    directory: Path
    known: Mapping[str, FeedFile]
    compress: tuple[str, ...] = ()
    placed: dict[str, FeedFile] = field(default_factory=dict)
    """Everything that was put there in this pass, whether its bytes changed or not."""
    written: list[str] = field(default_factory=list)
    """What readers find changed."""
    withdrawn: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._unsynced: set[Path] = set()
        self._by_feed: defaultdict[str, list[str]] = defaultdict(list)
        for path, file in self.known.items():
            self._by_feed[file.feed].append(path)

    def known_of(self, feed: str) -> list[str]:
        """The paths of the files that the pass found in place for a feed."""
        return self._by_feed[feed]

    def has(self, path: str) -> bool:
        """Whether a known file is in place still."""
        try:
            # Not by Path: a large site has twenty thousand of them.
            return os.stat(f"{self.directory}/{path}").st_size == self.known[path].size  # noqa: PTH116
        except OSError:
            return False

    def put(self, feed: str, path: str, content: bytes) -> None:
        """Put a file into place, with its compressed forms beside it; after `sync` or `clear` no crash undoes it.

        Raises:
            PublishError: it cannot be written; what was there is still there.
        """
        for suffix, form in self._forms(path, content):
            if self._put(feed, path + suffix, form) and not suffix and not path.endswith(MARKS):
                self.written.append(path)

    def put_copy(self, feed: str, path: str, original: str) -> None:
        """Put what lies at `original` at `path`, too; this pass has put it there, or kept it.

        Raises:
            PublishError: it cannot be read or written.
        """
        forms = [path + suffix for suffix, coding in {"": "", **_CODINGS}.items() if not suffix or coding in self.compress]
        is_known = all(form in self.known and self.has(form) for form in forms)
        if is_known and self.known[path].hash == self.placed[original].hash:
            self.keep(forms)
            return
        try:
            content = (self.directory / original).read_bytes()
        except OSError as error:
            raise PublishError(f"{self.directory / original}: cannot be read: {error.strerror}; what is in place stays") from error
        self.put(feed, path, content)

    def keep(self, paths: Iterable[str]) -> None:
        """These stay as they are."""
        self.placed |= {path: self.known[path] for path in paths}

    def clear(self, feed: str) -> None:
        """Take away what the feed had and has no more; call it when all the new is in place.

        Raises:
            PublishError: a file cannot be removed, or the new not be made durable.
        """
        self.sync()
        for path in self.known_of(feed):
            if path not in self.placed:
                self._remove(path)
                if not path.endswith((*COMPRESSED, *MARKS)):
                    self.withdrawn.append(path)

    def _forms(self, path: str, content: bytes) -> Iterable[tuple[str, bytes]]:
        yield "", content
        if path.endswith(_COMPRESSED_ALREADY):
            return
        if "gzip" in self.compress:
            yield ".gz", gzip.compress(content, 9, mtime=0)
        if "br" in self.compress:
            import brotli  # only a pass that wants it pays for it

            yield ".br", brotli.compress(content)

    def _put(self, feed: str, path: str, content: bytes) -> bool:
        """Whether its bytes are new."""
        target = self.directory / path
        try:
            fresh = write_whole(target, content)
        except OSError as error:
            raise _unwritten(error, target) from error
        if fresh:
            self._unsynced.add(target.parent)
        digest = hashlib.sha256(content).hexdigest()
        self.placed[path] = FeedFile(path, feed, digest, len(content))
        return fresh

    def sync(self) -> None:
        """Have the disk know the names of all that was put; once a folder, which takes as long as writing a file.

        Raises:
            PublishError: it cannot.
        """
        while self._unsynced:
            folder = self._unsynced.pop()
            try:
                sync_folder(folder)
            except OSError as error:
                raise _unwritten(error, folder) from error

    def _remove(self, path: str) -> None:
        target = self.directory / path
        try:
            target.unlink(missing_ok=True)
        except OSError as error:
            raise PublishError(f"{target}: is out of date and cannot be removed: {error.strerror}; remove it") from error


def _unwritten(error: OSError, path: Path) -> PublishError:
    return PublishError(
        f"{error.filename or path}: cannot be written: {error.strerror}; what is in place stays. "
        "Give this user the right to write there, or name another feeds.directory"
    )
