"""Feeds that are at another address than before, and what sends their readers on. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from hairfeed.feeds.shown import is_shown
from hairfeed.settings.site import Feeds
from hairfeed.shelf import Whereabouts, encoded, former_whereabouts, whereabouts
from hairfeed.store.feed_articles import FeedRow

_DOCUMENT = r"archive/[0-9]{4,}-[0-9a-f]{12}"
_KIND = r"\.(?P<feeds_kind>rss|atom|json)"
_QUERY = r"(?P<feeds_query>\?.*)?"
_FOLDER = r"(?:(?:category|author)/[^/?]+/)?"
_FILES = r"feeds\.opml|feed\.css|pictures/[0-9a-f]{20}\.[a-z]+|issues/[a-z0-9-]+/(?:[0-9]+/)?(?:index\.html)?"


@dataclass(frozen=True, slots=True)
class Rule:
    """Where those are sent who ask for what `pattern` is: a regular expression of the host and the path with its query.

    In `target`, an absolute address, `${feeds_kind}` and the like stand for what the pattern's groups found.
    """

    pattern: str
    target: str

    def line(self, server: Literal["nginx", "caddy"]) -> str:
        """The rule as a line of the server's `map`."""
        return f'"~*{self.pattern}" "{self.target}";' if server == "nginx" else f"`~(?i){self.pattern}` `{self.target}`"


def moves(rows: Mapping[str, FeedRow], feeds: Feeds) -> dict[str, str]:
    """By the path of each feed that moved: that of the feed where its readers find its articles now, however often it moved."""
    return {path: last for path in rows if (last := _last(rows, path, feeds)) != path}


def _last(rows: Mapping[str, FeedRow], path: str, feeds: Feeds) -> str:
    """Where a feed is in the end; where it was, if that is nowhere."""
    seen: set[str] = set()
    row: FeedRow | None = rows[path]
    while row is not None and row.path not in seen:
        if is_shown(row, feeds):
            return row.path
        seen.add(row.path)
        row = rows.get(row.moved_to) if row.moved_to else None
    return path


def rules(moved: Mapping[str, str], feeds: Feeds) -> list[Rule]:
    """What makes a web server send readers on, in one step. The first that fits counts; one without a target leaves all as it is.

    A document of the archive leads to the feed: it has other documents at its new address, to which the feed leads in turn.
    """
    url = encoded(feeds.url)
    now = whereabouts(feeds)
    found = []
    for place in sorted([now, *former_whereabouts(feeds)], key=lambda place: -len(place.path)):
        found += [rule for old, new in moved.items() for rule in _rules_of_feed(place, old, new, url)]
        # Whatever was published before, nobody is sent away from where the feeds are.
        found += [Rule(_below(now), "")] if place == now else _rules_of_all(place, url)
    return found


def _rules_of_feed(place: Whereabouts, old: str, new: str, url: str) -> Iterator[Rule]:
    """From a feed that was at `old` to where it is."""
    base, target = f"{_below(place)}{re.escape(quote(old))}", f"{url}/{quote(new)}"
    yield Rule(f"{base}(?:{_DOCUMENT}|feed){_KIND}{_QUERY}$", f"{target}feed.${{feeds_kind}}${{feeds_query}}")
    yield Rule(f"{base}(?:index\\.html)?{_QUERY}$", f"{target}${{feeds_query}}")


def _rules_of_all(former: Whereabouts, url: str) -> Iterator[Rule]:
    """From all that was somewhere to the same below `url`. Something else may be there now: files are named."""
    base = _below(former)
    feeds = f"(?P<feeds_folder>{_FOLDER})(?:{_DOCUMENT}|feed){_KIND}{_QUERY}$"
    yield Rule(f"{base}{feeds}", f"{url}/${{feeds_folder}}feed.${{feeds_kind}}${{feeds_query}}")
    pages = f"|{_FOLDER}(?:index\\.html)?" if former.has_pages else ""
    yield Rule(f"{base}(?P<feeds_file>{_FILES}{pages}){_QUERY}$", f"{url}/${{feeds_file}}${{feeds_query}}")


def _below(place: Whereabouts) -> str:
    return f"^{re.escape(f'{place.host}{place.path}/')}"
