"""The feeds directory over HTTP: a plain ASGI callable, because it answers nearly all of the requests."""

import errno
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from starlette.types import Receive, Scope, Send

from hairfeed.settings.site import Feeds
from hairfeed.shelf import COMPRESSED, GONE, MARKS, MOVED, PAGE, former_whereabouts, whereabouts
from hairfeed.web.documents import DOCUMENT, Answer, Document, plain_answer, read_document, version_of
from hairfeed.web.negotiation import best_coding, is_not_after, names_tag

MEMORY = 64 << 20
"""Bytes of files that are held in memory, roughly."""

_METHODS = b"GET, HEAD, OPTIONS"
# No segment is empty or hidden (unfinished files begin with a dot), and none has a control character or a backslash.
_PATH = re.compile(r"(?:[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*(?:/|\Z))*")
# Compressed forms and marks are no documents of their own; `.part` is what a writer has not finished.
_NOT_SHOWN = (*COMPRESSED, *MARKS, ".part")
_MISSING = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP)
_READING = ("GET", "HEAD")
_LONGEST_ACCEPTED = 200
"""Characters of `Accept-Encoding`; a longer one is no reader's, and is not remembered."""
_BRIEFLY = (b"cache-control", b"public, max-age=60")

NOT_FOUND = plain_answer(404, "There is nothing here.\n", _BRIEFLY)
WITHDRAWN = plain_answer(410, "This feed has ended. Please unsubscribe from it.\n", _BRIEFLY)
NOT_ACCEPTABLE = plain_answer(406, "No coding that can be had here is accepted.\n", (b"vary", b"Accept-Encoding"))
NOT_ALLOWED = plain_answer(405, "Files can only be read.\n", (b"allow", _METHODS))
OPTIONS = plain_answer(
    204,
    "",
    (b"allow", _METHODS),
    (b"access-control-allow-methods", _METHODS),
    (b"access-control-allow-headers", b"If-None-Match, If-Modified-Since, Cache-Control"),
    (b"access-control-max-age", b"86400"),
)
BROKEN = plain_answer(503, "The file cannot be read just now.\n", (b"retry-after", b"60"), (b"cache-control", b"no-store"))

_QUERY = re.compile(rb"[!-~]+")

Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What was asked for is at another path below `feeds.url`."""

    path: str


class FeedFiles:
    """Answers for what lies below the path of `feeds.url`; files are looked at anew for every answer, and read once a version."""

    def __init__(self, feeds: Feeds, log: Log | None = None, memory: int = MEMORY) -> None:
        """`log` gets a line an answer: method, path, status and bytes, and nothing about who asked."""
        self.prefix = unquote(urlsplit(feeds.url).path) + "/"
        self._directory = str(feeds.directory)
        self._address = _in_ascii(feeds.url)
        self._hubs = tuple(map(_in_ascii, feeds.hubs))
        self._now = whereabouts(feeds)
        self._all_former = former_whereabouts(feeds)
        self._log = log
        self._memory = memory
        self._weight = 0
        self._held: dict[str, tuple[str, Document]] = {}
        """By path, with the file's own; what was asked for last stands last."""

    def covers(self, scope: Scope) -> bool:
        """Whether this answers a request."""
        path = scope["path"]
        if path.startswith(self.prefix) or path == self.prefix[:-1]:
            return True
        return bool(self._all_former) and self._from_former(scope) is not NOT_FOUND

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one HTTP request; its body, if it has one, is left alone."""
        answer = self._answer(scope)
        if self._log is not None:
            self._log(_line(scope, answer))
        await send(answer.start)
        await send(answer.body)

    def _answer(self, scope: Scope) -> Answer:
        method = scope["method"]
        if method not in _READING:
            return OPTIONS if method == "OPTIONS" else NOT_ALLOWED
        raw = scope["raw_path"]
        # An encoded slash is no slash (RFC 3986 §2.2), and no file has one in its name.
        if b"%" in raw and b"%2f" in raw.lower():
            return NOT_FOUND
        path = scope["path"]
        if self._all_former and (sent_on := self._from_former(scope)) is not NOT_FOUND:
            return sent_on
        found = self._take(path) or self._find(path)
        if isinstance(found, Elsewhere):
            return _moved_to(quote(self.prefix + found.path), scope)
        return found if isinstance(found, Answer) else _form(found, scope)

    def _from_former(self, scope: Scope) -> Answer:
        """The answer to a request for what was at a former address of the feeds; that there is nothing, to any other."""
        path = scope["path"]
        for former in self._all_former:
            prefix = unquote(former.path) + "/"
            if not path.startswith(prefix):
                continue
            if former.host == self._now.host:
                # The path alone tells: whatever was published before, nobody is sent away from where the feeds are.
                if path.startswith(self.prefix) and len(self.prefix) > len(prefix):
                    continue
            elif former.host != _host_asked(scope):
                continue
            below = path.removeprefix(prefix)
            if not former.has_pages and (not below or below.endswith(("/", PAGE))):
                continue
            current = self.prefix + below
            found = self._take(current) or self._find(current)
            if isinstance(found, Answer):
                return found
            new = found.path if isinstance(found, Elsewhere) else below.removesuffix(PAGE)
            return _moved_to(f"{self._address}/{quote(new)}", scope)
        return NOT_FOUND

    def _take(self, path: str) -> Document | None:
        """What is held for a path, if the file still is that version."""
        held = self._held.pop(path, None)
        if held is None:
            return None
        file, document = held
        try:
            if version_of(os.stat(file)) == document.version:  # noqa: PTH116 - once an answer, and half as fast by Path
                self._held[path] = held
                return document
        except OSError:
            pass  # whatever it is, it is found out by the search that follows
        self._weight -= document.weight
        return None

    def _find(self, path: str) -> Document | Elsewhere | Answer:
        """The file for a path, read; or where it is, or why there is none."""
        if path == self.prefix[:-1]:
            return Elsewhere("")
        below = path.removeprefix(self.prefix)
        if not _PATH.fullmatch(below) or below.endswith(_NOT_SHOWN):
            return NOT_FOUND
        if not below or below.endswith("/"):
            below += PAGE
        if moved_to := self._mark_at(below):
            return Elsewhere(moved_to.removesuffix(PAGE))
        file = f"{self._directory}/{below}"
        try:
            return self._read(path, file, below)
        except OSError as error:
            return self._in_its_place(below) if error.errno in _MISSING else BROKEN

    def _mark_at(self, below: str) -> str | None:
        """The path of the file that took the place of one whose feed has moved."""
        file = Path(f"{self._directory}/{below}{MOVED}")
        try:
            path = file.read_text(encoding="utf-8") if self._is_own(below + MOVED) else ""
        except (OSError, ValueError):
            return None
        return path if _PATH.fullmatch(path) else None

    def _in_its_place(self, below: str) -> Elsewhere | Answer:
        """What there is for a file that is not there."""
        # Path.is_file() raises where a name is too long.
        if os.path.isfile(f"{self._directory}/{below}{GONE}") and self._is_own(below + GONE):  # noqa: PTH113
            return WITHDRAWN
        # Changed, a document of an archive has another name, to which its feed leads.
        document = DOCUMENT.fullmatch(below)
        if document is None:
            return NOT_FOUND
        feed = f"{document['folder']}feed.{document['kind']}"
        found = self._find(self.prefix + feed)
        return Elsewhere(feed) if isinstance(found, Document) else found

    def _read(self, path: str, file: str, below: str) -> Document | Elsewhere | Answer:
        mode = os.stat(file).st_mode  # noqa: PTH116 - as above: whoever asks for nonsense gets a fast answer too
        if not self._is_own(below):
            return NOT_FOUND
        if stat.S_ISDIR(mode):
            return Elsewhere(f"{below}/")
        if not stat.S_ISREG(mode):
            return NOT_FOUND
        document = read_document(Path(file), f"{self._address}/{quote(below)}", self._hubs)
        self._hold(path, file, document)
        return document

    def _is_own(self, below: str) -> bool:
        """Whether something lies in the folder itself. No link is followed: what it leads to was not published."""
        folder = os.path.realpath(self._directory)
        return os.path.realpath(f"{folder}/{below}") == f"{folder}/{below}"

    def _hold(self, path: str, file: str, document: Document) -> None:
        self._held[path] = file, document
        self._weight += document.weight
        while self._weight > self._memory:
            _, dropped = self._held.pop(next(iter(self._held)))
            self._weight -= dropped.weight


def _form(document: Document, scope: Scope) -> Answer:
    """The answer that this document's reader asks for."""
    accepted = tags = since = None
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            accepted = value if accepted is None else accepted + b"," + value
        elif name == b"if-none-match":
            tags = value if tags is None else tags + b"," + value
        elif name == b"if-modified-since":
            since = value if since is None else b""  # several are no date
    if accepted is not None and len(accepted) > _LONGEST_ACCEPTED:
        accepted = None
    coding = best_coding(accepted, document.codings)
    if coding is None:
        return NOT_ACCEPTABLE
    form = document.forms[coding]
    if tags is not None:
        is_known = names_tag(tags, form.tag)
    else:
        is_known = since is not None and (since == document.last_modified or is_not_after(document.modified_at, since))
    if is_known:
        return form.not_modified
    return form.whole if scope["method"] == "GET" else form.head


def _moved_to(address: str, scope: Scope) -> Answer:
    query = scope["query_string"]
    asked = b"?" + query if query and _QUERY.fullmatch(query) else b""
    return plain_answer(301, "", (b"location", address.encode() + asked), _BRIEFLY)


def _host_asked(scope: Scope) -> str:
    """The host that a request names, without its port."""
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return str(host.partition(b":")[0].decode("latin-1").lower())


def _in_ascii(address: str) -> str:
    return quote(address, safe="%/:@!$&'()*+,;=~?#[]")


def _line(scope: Scope, answer: Answer) -> str:
    path = scope["raw_path"].decode("ascii", "backslashreplace")
    return f"served method={scope['method']} path={path} status={answer.start['status']} bytes={len(answer.body['body'])}"
