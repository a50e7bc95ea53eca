"""Requests to an ASGI app without a server between."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Scope

from hairfeed.settings.site import Feeds
from hairfeed.web.feeds import FeedFiles

URL = "https://hair.example.org/feeds"
HUB = "https://hub.example.org/hub"
CODINGS = ("br", "gzip", "identity")


@dataclass(frozen=True)
class Reply:
    """An answer; names of header fields are in lower case."""

    status: int
    fields: dict[str, str]
    body: bytes


def files_of(folder: Path, memory: int = 1 << 20, url: str = URL, log: list[str] | None = None) -> FeedFiles:
    """The app for a feeds directory."""
    feeds = Feeds(directory=folder, url=url, hubs=(HUB,))
    return FeedFiles(feeds, None if log is None else log.append, memory)


def ask(app: ASGIApp, path: str, *fields: tuple[str, str], method: str = "GET") -> Reply:
    """One request, answered at once: an app that waits for anything but `send` fails here."""
    scope: Scope = {
        "type": "http",
        "method": method,
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in fields],
    }
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError("nobody needs to know the body")

    call = app(scope, receive, send).__await__()
    assert next(call, "done") == "done"
    start, body = sent
    names = [name for name, _ in start["headers"]]
    assert len(names) == len(set(names)), "a header field twice"
    return Reply(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body["body"])


def tag_of(content: bytes, coding: str = "identity") -> str:
    """The entity tag that a file with this content must have."""
    stamp = hashlib.sha256(content).hexdigest()[:32]
    return f'"{stamp}"' if coding == "identity" else f'"{stamp}-{coding}"'
