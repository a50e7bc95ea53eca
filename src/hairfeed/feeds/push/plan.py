"""What is to be copied, and in which order. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from hairfeed.shelf import COMPRESSED, FEED_FILES, MARKS
from hairfeed.store.feed_files import ISSUES

DOCUMENTS, FEEDS, LISTS = range(3)


@dataclass(frozen=True, slots=True)
class Plan:
    """Paths below the feeds directory.

    `waves` go out one after the other: what feeds and pages of issues lead to, then feeds, then what leads to them. A reader who
    comes in between finds everything that is named. What is `withdrawn` is taken away at the end, when nothing leads to it.
    """

    waves: tuple[tuple[str, ...], ...] = ()
    withdrawn: tuple[str, ...] = ()

    def within(self, folders: tuple[str, ...]) -> "Plan":
        """As much of it as copies files into these folders."""
        waves = (tuple(path for path in wave if path.startswith(folders)) for wave in self.waves)
        return Plan(tuple(filter(None, waves)))


def make_plan(placed: Mapping[str, str], pushed: Mapping[str, str]) -> Plan:
    """What makes a place that has `pushed` hold `placed`; both are hashes by path."""
    fresh = sorted(path for path, hash_ in placed.items() if pushed.get(path) != hash_)
    waves = tuple(tuple(path for path in fresh if _wave(path) == wave) for wave in (DOCUMENTS, FEEDS, LISTS))
    return Plan(tuple(filter(None, waves)), tuple(sorted(pushed.keys() - placed.keys())))


def plain_path(path: str) -> str:
    """The path of what a compressed form, or a mark, belongs to."""
    for suffix in (*COMPRESSED, *MARKS):
        path = path.removesuffix(suffix)
    return path


def _wave(path: str) -> int:
    name = plain_path(path).rpartition("/")[2]
    if name in FEED_FILES:
        return FEEDS
    return LISTS if name.endswith(".opml") or path.startswith(ISSUES) else DOCUMENTS
