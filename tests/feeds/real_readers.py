"""Programs that people read feeds with: what each finds in a file, as `Entry`; what it does not support is in its `lacks`."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from calendar import timegm
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import atoma
import feedparser
import feedparser_sgmllib
import podcastparser
from reader import make_reader


@dataclass(frozen=True)
class Entry:
    """One article; moments in whole seconds since 1970, enclosures as address, media type and bytes, None for unknown."""

    guid: str
    url: str
    title: str
    html: str
    published: int | None
    updated: int | None
    enclosures: tuple[tuple[str, str | None, int | None], ...]


NPM = Path(__file__).parent / "npm_readers"

Read = Callable[[Path], list[Entry]]


@dataclass(frozen=True)
class RealReader:
    """How a program reads a file, and what it does not support."""

    read: Read
    lacks: tuple[str, ...] = ()
    """Fields of an entry, or `media type` and `length` of an enclosure."""
    tidies: bool = False
    """Whether it rewrites the HTML: then its text is compared."""


def with_feedparser(file: Path) -> list[Entry]:
    """feedparser, as it is: it takes from HTML what it holds for dangerous."""
    parsed = feedparser.parse(file.read_bytes())
    assert not parsed.bozo
    return [
        Entry(
            entry.id,
            entry.link,
            entry.title,
            entry.content[0].value,
            timegm(entry.published_parsed),
            timegm(entry.updated_parsed) if "updated_parsed" in entry else None,
            tuple((one.href, one.type, int(one.length)) for one in entry.enclosures),
        )
        for entry in parsed.entries
    ]


def with_reader(file: Path) -> list[Entry]:
    """reader, which keeps its own library of entries."""
    # It brings an older feedparser, which asks for this module by the name that Python 2 gave it.
    sys.modules.setdefault("sgmllib", feedparser_sgmllib)
    with closing(make_reader(":memory:", feed_root=str(file.parent))) as library:
        library.add_feed(file.name)
        library.update_feed(file.name)
        entries = {
            entry.id: Entry(
                entry.id,
                entry.link,
                entry.title,
                next(content.value for content in entry.content if content.type == "text/html"),
                seconds(entry.published),
                seconds(entry.updated),
                tuple((one.href, one.type, one.length) for one in entry.enclosures),
            )
            for entry in library.get_entries()
        }
    return list(entries.values())


def atoma_rss(file: Path) -> list[Entry]:
    """What atoma finds in RSS."""
    return [
        Entry(
            item.guid,
            item.link,
            item.title,
            item.content_encoded,
            seconds(item.pub_date),
            None,
            tuple((one.url, one.type, one.length) for one in item.enclosures),
        )
        for item in atoma.parse_rss_bytes(file.read_bytes()).items
    ]


def atoma_atom(file: Path) -> list[Entry]:
    """What atoma finds in Atom."""
    return [
        Entry(
            entry.id_,
            next(link.href for link in entry.links if link.rel == "alternate"),
            entry.title.value,
            entry.content.value,
            seconds(entry.published),
            seconds(entry.updated),
            tuple((link.href, link.type_, link.length) for link in entry.links if link.rel == "enclosure"),
        )
        for entry in atoma.parse_atom_bytes(file.read_bytes()).entries
    ]


def atoma_json(file: Path) -> list[Entry]:
    """What atoma finds in JSON Feed."""
    return [
        Entry(
            item.id_,
            item.url,
            item.title,
            item.content_html,
            seconds(item.date_published),
            seconds(item.date_modified),
            tuple((one.url, one.mime_type, one.size_in_bytes) for one in item.attachments),
        )
        for item in atoma.parse_json_feed_bytes(file.read_bytes()).items
    ]


def with_podcastparser(file: Path) -> list[Entry]:
    """podcastparser, the heart of gPodder."""
    return [
        Entry(
            episode["guid"],
            episode["link"],
            episode["title"],
            episode["description_html"],
            episode["published"],
            None,
            tuple((one["url"], one["mime_type"], one["file_size"]) for one in episode["enclosures"]),
        )
        for episode in podcastparser.parse("https://example.com/feed", BytesIO(file.read_bytes()))["episodes"]
    ]


def with_newsboat(file: Path) -> list[Entry]:
    """newsboat, which fetches the file over HTTP into its cache; it knows one enclosure."""
    home = file.parent / "home"
    home.mkdir()
    with _served(file.parent) as url:
        (home / "urls").write_text(f"{url}/{file.name}\n")
        (home / "config").touch()
        files = ["-u", str(home / "urls"), "-c", str(home / "cache.db"), "-C", str(home / "config")]
        surroundings = {"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TERM": "dumb"}
        subprocess.run(["newsboat", *files, "-x", "reload"], env=surroundings, check=True, capture_output=True)
    with closing(sqlite3.connect(home / "cache.db")) as cache:
        rows = cache.execute("SELECT guid, url, title, content, pubDate, enclosure_url, enclosure_type FROM rss_item").fetchall()
    return [
        Entry(guid, url, title, content, published, None, ((enclosure, media_type, None),) if enclosure else ())
        for guid, url, title, content, published, enclosure, media_type in rows
    ]


def with_sfeed(file: Path) -> list[Entry]:
    """sfeed, a filter that writes lines of fields with tabs between; those in a field, and line breaks, are escaped."""
    done = subprocess.run(["sfeed", "https://example.com/"], input=file.read_bytes(), check=True, capture_output=True)
    entries = []
    for line in done.stdout.decode().splitlines():
        published, title, url, content, kind, guid, _author, enclosure, _topics = line.split("\t")
        assert kind == "html"
        whole = re.sub(r"\\(.)", lambda escaped: {"n": "\n", "t": "\t"}.get(escaped[1], escaped[1]), content)
        entries.append(Entry(guid, url, title, whole, int(published), None, ((enclosure, None, None),) if enclosure else ()))
    return entries


def with_npm(name: str) -> Read:
    """A reader from npm."""

    def read(file: Path) -> list[Entry]:
        done = subprocess.run(["node", NPM / "read.js", name, file], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return [
            Entry(guid, url, title, content, published, updated, tuple((one[0], one[1], one[2]) for one in enclosures))
            for guid, url, title, content, published, updated, enclosures in json.loads(done.stdout)
        ]

    return read


READERS: dict[str, dict[str, RealReader]] = {
    # No JSON Feed. RSS has no date of a change.
    "feedparser": {
        "rss": RealReader(with_feedparser, lacks=("updated",), tidies=True),
        "atom": RealReader(with_feedparser, tidies=True),
    },
    "reader": {
        "rss": RealReader(with_reader, lacks=("updated",), tidies=True),
        "atom": RealReader(with_reader, tidies=True),
        "json": RealReader(with_reader),
    },
    "atoma": {
        "rss": RealReader(atoma_rss, lacks=("updated",)),
        "atom": RealReader(atoma_atom),
        "json": RealReader(atoma_json),
    },
    # No JSON Feed; of an article's dates the first.
    "podcastparser": {kind: RealReader(with_podcastparser, lacks=("updated",)) for kind in ("rss", "atom")},
    # No JSON Feed; of an article's dates the first; an enclosure has no length.
    "newsboat": {kind: RealReader(with_newsboat, lacks=("updated", "length")) for kind in ("rss", "atom")},
    # No JSON Feed; of an article's dates the first; an enclosure is its address.
    "sfeed": {kind: RealReader(with_sfeed, lacks=("updated", "media type", "length")) for kind in ("rss", "atom")},
    # No JSON Feed; of an article's dates the first; enclosures of RSS alone.
    "rss-parser": {
        "rss": RealReader(with_npm("rss-parser"), lacks=("updated",)),
        "atom": RealReader(with_npm("rss-parser"), lacks=("updated", "enclosures")),
    },
    "feedsmith": {
        "rss": RealReader(with_npm("feedsmith"), lacks=("updated",)),
        "atom": RealReader(with_npm("feedsmith")),
        "json": RealReader(with_npm("feedsmith")),
    },
    # No JSON Feed; texts are decoded once too often.
    "@rowanmanning/feed-parser": {
        "rss": RealReader(with_npm("@rowanmanning/feed-parser"), lacks=("updated", "html")),
        "atom": RealReader(with_npm("@rowanmanning/feed-parser"), lacks=("html",)),
    },
}
PROGRAMS = ("newsboat", "sfeed")
FROM_NPM = ("rss-parser", "feedsmith", "@rowanmanning/feed-parser")


def seconds(moment: Any) -> int | None:
    return int(moment.timestamp()) if moment else None


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """The folder behind an address of this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_QuietHandler, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
