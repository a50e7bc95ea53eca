"""One look at one source: what it is told, and what it brings back."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from hairfeed.collect.faults import contained
from hairfeed.collect.folder.conventions import PLAIN, Convention
from hairfeed.collect.pages import Page
from hairfeed.errors import PageFault
from hairfeed.models.fetches import FetchMemory
from hairfeed.models.reports import Problem, Watch
from hairfeed.settings import Settings
from hairfeed.settings.sources import FeedSource, FolderSource, WebsiteSource

_NOT_READ_WITH = {"pause", "timeout", "most_pages", "allow_private", "mail_backdated_days", "flood"}
"""Settings of a source that do not change what a page says."""

READER_VERSION = 2
"""Raised when every page must be read again, because HairFeed reads them differently."""

LOOK_AGAIN, LONGEST_PATIENCE = timedelta(days=1), timedelta(days=30)
"""After which an address is asked for changes that nobody announced; doubled with every look in vain, up to the longest."""

S = TypeVar("S", FolderSource, WebsiteSource, FeedSource)


@dataclass(frozen=True, slots=True)
class Look(Generic[S]):
    """What a look goes by. `stamps` are those of the last look, by upstream id; so is `memory` of what was fetched, by address."""

    name: str
    source: S
    settings: Settings
    now: datetime
    watch: Watch
    stamps: Mapping[str, str]
    memory: Mapping[str, FetchMemory] = field(default_factory=dict)
    convention: Convention = PLAIN
    """What a folder's generator implies."""

    def contained(self, upstream_id: str) -> AbstractContextManager[None]:
        """Whatever unforeseen is raised inside becomes a PageFault: it stops this page and no other."""
        return contained(PageFault, f"source={self.name} page={upstream_id!r}")

    def problem(self, upstream_id: str, what: str) -> Problem:
        """Something about a page, placed where people find the page."""
        if isinstance(self.source, FolderSource):
            return Problem(f"{self.source.location}/{upstream_id}", what)
        is_address = upstream_id.startswith(("https://", "http://"))
        return Problem(upstream_id if is_address else f"{self.source.location}, {upstream_id}", what)


AnyLook = Look[Any]


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A page that was read in this pass."""

    upstream_id: str
    stamp: str
    page: Page


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a source showed.

    `present` are the upstream ids of all pages that are there, read or not: whatever the ledger knows beside is missing, unless
    the source `rolls`.
    """

    count: int
    """Pages that the source has."""
    present: frozenset[str]
    pages: Sequence[SeenPage] = ()
    problems: Sequence[Problem] = ()
    rolls: bool = False
    """It shows only its newest pages: the absence of others means nothing."""
    moved: Mapping[str, str] = field(default_factory=dict)
    """By upstream id: under which other one the source had the page before, as it says itself."""
    others: frozenset[str] = frozenset()
    """Upstream ids of pages that are there and are no articles: one that becomes an article was first seen before."""
    whole: bool = True
    """False while more of the source has still to be seen: its baseline goes on in the next pass."""
    memory: Mapping[str, FetchMemory] | None = None
    """What to remember of what was fetched; None where nothing is."""
    forgotten: frozenset[str] = frozenset()
    """Addresses that need not be remembered any more."""
    retry_after: timedelta | None = None
    """How long its host wants to be left alone from now on, if it said so before all was seen."""


def is_due(seen: FetchMemory, now: datetime, first: timedelta = LOOK_AGAIN) -> bool:
    """Whether an address that was fetched is worth another look although nothing is known to have changed there.

    `first` is the time from one look in vain to the next; it doubles with every further one.
    """
    patience = first * (1 << min(max(seen.in_vain - 1, 0), 20))
    return now - seen.fetched_at >= min(patience, LONGEST_PATIENCE)


def signature(look: AnyLook) -> str:
    """The beginning of a stamp: it holds for the settings that a page was read with, and for the way HairFeed reads."""
    site = look.settings.site
    source = look.source.model_dump_json(exclude=_NOT_READ_WITH)
    read_with = (READER_VERSION, site.url, site.language, site.timezone.key, source, look.convention)
    return hashlib.sha256(repr(read_with).encode()).hexdigest()[:12] + "-"
