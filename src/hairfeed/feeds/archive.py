"""Archive documents: what no longer fits into a feed, in documents that never change (RFC 5005 §4). Pure.

A document holds the articles of as many ordinals as a feed has articles, once all of them are given. It is named by its number and
by what it holds, the name of the one before included: changed, it is another document, and so are all that lead to it.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from hairfeed.feeds.feed import FeedAddresses, SoundFeed

_NAME = re.compile(r"archive/(\d{4,})-[0-9a-f]{12}\.atom")


def document_name(number: int, contents: str) -> str:
    """The path of a document below its feed's folder, without its suffix: `archive/0012-5f0c6a1d9e3b` is the one of number 11."""
    return f"archive/{number + 1:04}-{hashlib.sha256(contents.encode()).hexdigest()[:12]}"


def known_names(paths: Iterable[str]) -> dict[int, str]:
    """The names of the documents among these paths below a feed's folder, by number."""
    found = (_NAME.fullmatch(path) for path in paths)
    return {int(match[1]) - 1: match[0].removesuffix(".atom") for match in found if match}


def build_document(
    feed: SoundFeed, base: str, number: int, build: Callable[[SoundFeed], dict[str, bytes]]
) -> tuple[str, dict[str, bytes]]:
    """The name of an archive document, and its bytes by format as `build` makes them; `base` is the address of its feed's folder.

    A name cannot be known before what it names: the document is built with a placeholder, which the name then takes the place of.
    """
    placeholder = document_name(number, f"{feed.guid} {number}")
    addresses = FeedAddresses(*(f"{base}{placeholder}.{kind}" for kind in FeedAddresses.__slots__))
    built = build(replace(feed, addresses=addresses))
    name = document_name(number, "".join(hashlib.sha256(content).hexdigest() for content in built.values()))
    return name, {kind: content.replace(placeholder.encode(), name.encode()) for kind, content in built.items()}
