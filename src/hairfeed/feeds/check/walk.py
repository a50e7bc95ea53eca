"""The walk through the feeds directory: every file that the ledger knows, one at a time, and those that it does not know."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from hairfeed.feeds.check.atom import check_atom
from hairfeed.feeds.check.finding import ANEW, Finding, Level, Reading
from hairfeed.feeds.check.json_feed import check_json
from hairfeed.feeds.check.opml import check_opml
from hairfeed.feeds.check.rss import check_rss
from hairfeed.settings.site import Feeds
from hairfeed.shelf import MOVED, never_changes, url_of
from hairfeed.store.feed_files import FeedFile

MOST_BYTES = 250_000
"""Readers on the move give up on larger feeds, or are slow."""
FAR_ABOVE = 2
"""So many times the configured number of articles is far above it."""

CHECKS: Mapping[str, Callable[[bytes], Reading]] = {
    ".rss": check_rss,
    ".atom": check_atom,
    ".json": check_json,
    ".opml": check_opml,
}


def check(feeds: Feeds, known: Mapping[str, FeedFile]) -> Iterator[Finding]:
    """What is wrong with the files in the feeds directory, given those that the ledger knows, by path. Nothing is written."""
    if not known:
        yield Finding("nothing is published", "make a pass: hairfeed run", level=Level.WARNING)
    paths = {url_of(path, feeds): path for path in known}
    forms: defaultdict[str, list[str]] = defaultdict(list)
    for path in known:
        forms[path.rpartition(".")[0] if path.endswith((".rss", ".atom", ".json")) else path].append(path)
    for alike in forms.values():
        readings = {}
        for path in alike:
            content = _content(feeds.directory / path)
            if isinstance(content, Finding):
                yield replace(content, file=path)
                continue
            found = [*_unlike_known(content, known[path])]
            # Where a feed has moved from lies what is read at its own place.
            if path + MOVED not in known and (read := CHECKS.get(Path(path).suffix)):
                readings[path] = read(content)
                found += [*readings[path].findings, *_in_its_place(path, len(content), readings[path], feeds, paths)]
            yield from (replace(finding, file=path) for finding in found)
        yield from _unlike_each_other(readings)
    yield from _unknown(feeds.directory, known)


def _content(file: Path) -> bytes | Finding:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return Finding("is missing", "make a pass, which writes it anew")
    except OSError as error:
        return Finding(f"cannot be read: {error.strerror}", "let this user read it")


def _unlike_known(content: bytes, file: FeedFile) -> Iterator[Finding]:
    if hashlib.sha256(content).hexdigest() != file.hash:
        yield Finding("is not what was published: another program changed it", "remove it, and the next pass writes it anew")


def _in_its_place(path: str, size: int, reading: Reading, feeds: Feeds, paths: Mapping[str, str]) -> Iterator[Finding]:
    """What is wrong with a file where it lies: its address, what it leads to, its size."""
    own = url_of(path, feeds)
    # OPML has no word for its own address.
    if reading.is_readable and not path.endswith(".opml") and reading.own_address != own:
        says = f"says that its address is {reading.own_address}" if reading.own_address else "does not say its address"
        yield Finding(f"{says}; it is {own}", f"if you changed feeds.url, make a pass; otherwise {ANEW}")
    for address in reading.leads_to:
        if address not in paths or not (feeds.directory / paths[address]).is_file():
            yield Finding(f"leads to {address}, where nothing is", ANEW)
    if never_changes(path) or path.endswith(".opml"):
        return
    if size > MOST_BYTES:
        advice = 'lower feeds.items, or publish summaries (feeds.content = "summary")'
        yield Finding(f"has {size:,} bytes; more than {MOST_BYTES:,} are slow to load", advice, level=Level.WARNING)
    if reading.count > FAR_ABOVE * feeds.items:
        yield Finding(f"has {reading.count} articles; feeds.items is {feeds.items}", ANEW, level=Level.WARNING)


def _unlike_each_other(readings: Mapping[str, Reading]) -> Iterator[Finding]:
    """Articles that are not the same in the formats of one feed."""
    readable = {path: reading for path, reading in readings.items() if reading.is_readable}
    if not readable:
        return
    first, *others = readable
    for other in others:
        here, there = readable[first].articles, readable[other].articles
        for id_ in sorted(here.keys() ^ there.keys()):
            has, lacks = (first, other) if id_ in here else (other, first)
            yield Finding(f"lacks the article, which {has} has", ANEW, id_, file=lacks)
        for id_ in sorted(here.keys() & there.keys()):
            for name, mine, its in zip(("title", "link"), here[id_], there[id_], strict=True):
                if mine != its:
                    yield Finding(f"its {name} is {its!r}, and {mine!r} in {first}", ANEW, id_, file=other)


def _unknown(directory: Path, known: Iterable[str]) -> Iterator[Finding]:
    for folder, folders, names in os.walk(directory):
        folders.sort()
        for name in sorted(names):
            path = (Path(folder) / name).relative_to(directory).as_posix()
            if path not in known:
                # A name that is no UTF-8 cannot be printed as it is.
                shown = os.fsencode(path).decode(errors="replace")
                advice = "remove it unless you put it there; what is published is public"
                yield Finding("is not one of HairFeed's files", advice, level=Level.WARNING, file=shown)
