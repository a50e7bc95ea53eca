"""A look at an existing feed."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hairfeed.collect.feed.document import parse_feed
from hairfeed.collect.feed.entries import FeedEntry
from hairfeed.collect.judge import in_plain_text
from hairfeed.collect.look import Look, SeenPage, Sighting, is_due, signature
from hairfeed.collect.network.fetch import Fetched, Fetcher, Validators
from hairfeed.collect.pages import Page
from hairfeed.collect.website.page import read_web_page
from hairfeed.errors import FetchError, PageError, SourceError, TryLater
from hairfeed.models.fetches import FetchMemory, PageKind
from hairfeed.models.reports import Problem
from hairfeed.settings.sources import FeedSource

FIRST_WAIT = timedelta(minutes=5)
"""Before a page that did not give the text of its entry is asked again; doubled each time."""


def look_at_feed(look: Look[FeedSource], fetcher: Fetcher) -> Sighting:
    """Fetch the feed if it has changed, and the pages of articles whose text it does not have; those in vain again later.

    What is absent from a feed may have left it by age: absence means nothing.

    Raises:
        SourceError: it is no feed, or has no entries although articles came from it.
        FetchError: it cannot be fetched.
    """
    fetched = fetcher.get(look.source.url, _validators(look))
    if fetched is None:
        return Sighting(count=len(look.stamps), present=frozenset(look.stamps), rolls=True)
    try:
        content = parse_feed(fetched.content, fetched.media_type, fetched.charset, fetched.url)
    except PageError as error:
        raise SourceError(f"{look.source.url}: {error}; nothing was changed") from error
    if not content.entries and look.stamps:
        raise SourceError(f"{look.source.url}: has no entries, and {len(look.stamps)} articles came from it; nothing was changed")
    reading = _Reading(look, fetcher)
    # What is new comes before what was in vain: there may be time for some pages only.
    for done, entry in enumerate(sorted(content.entries, key=reading.is_read)):
        look.watch.step(f"Reading {look.name}", done, len(content.entries))
        reading.read(entry)
    notes = [Problem(look.source.url, note) for note in (*content.notes, *content.faults)]
    # The feed counts as seen only when all of it was taken in: else it must be sent again in full.
    is_seen = not reading.again and not content.faults
    memory = reading.memory | ({look.source.url: _memory(fetched, look)} if is_seen else {})
    return Sighting(
        count=len(content.entries),
        present=frozenset(entry.upstream_id for entry in content.entries),
        rolls=True,
        pages=reading.pages,
        problems=[*notes, *reading.problems],
        whole=not reading.is_cut,
        memory=memory,
        retry_after=reading.refused.retry_after if reading.refused else None,
        forgotten=frozenset(look.memory.keys() - reading.waiting - {look.source.url}),
    )


def _validators(look: Look[FeedSource]) -> Validators | None:
    """Those of the feed, unless it has to be read although it is the same: a page may have the text of one of its entries now."""
    known = look.memory.get(look.source.url)
    if known is None or known.changed != signature(look):
        return None
    is_wanted = any(_is_due(seen, look.now) for seen in look.memory.values())
    return None if is_wanted else Validators(known.etag, known.last_modified)


def _is_due(seen: FetchMemory, now: datetime) -> bool:
    return seen.kind is PageKind.FAILED and is_due(seen, now, FIRST_WAIT)


def _memory(fetched: Fetched, look: Look[FeedSource]) -> FetchMemory:
    return FetchMemory(PageKind.LIST, look.now, fetched.validators.etag, fetched.validators.last_modified, signature(look))


@dataclass
class _Reading:
    """The entries of one feed, one after another."""

    look: Look[FeedSource]
    fetcher: Fetcher
    pages: list[SeenPage] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    memory: dict[str, FetchMemory] = field(default_factory=dict)
    """Of pages that did not give the text of their entries."""
    waiting: set[str] = field(default_factory=set)
    """The addresses of such pages, now and before."""
    again: bool = False
    """Something of the feed was not taken in: it must be sent again in full."""
    is_cut: bool = False
    """That was for the number of pages."""
    refused: TryLater | None = None
    """Why no page is asked for any more in this pass."""
    _fetched: int = 0

    def is_read(self, entry: FeedEntry) -> bool:
        """Whether the entry says what it said at the last look."""
        return self.look.stamps.get(entry.upstream_id) == self._stamp(entry)

    def read(self, entry: FeedEntry) -> None:
        """Take the entry in if it is new, says something else than at the last look, or may have its text now."""
        if entry.page.draft:
            return
        wants_page = self._wants_page(entry)
        if self.is_read(entry) and not (wants_page and self._is_due(entry)):
            return
        page: Page | None = entry.page
        if wants_page:
            if self._fetched >= self.look.source.most_pages:
                if not self.is_read(entry):
                    self.is_cut = self.again = True
                return
            self._fetched += 1
            page = self._with_text(entry)
        if page is not None:
            self.pages.append(SeenPage(entry.upstream_id, self._stamp(entry), page))

    def _stamp(self, entry: FeedEntry) -> str:
        return signature(self.look) + hashlib.sha256(repr(entry).encode("utf-8", "replace")).hexdigest()[:24]

    def _wants_page(self, entry: FeedEntry) -> bool:
        """Whether the text has to come from the entry's page; one that failed before is waited for from here on."""
        wanted = self.look.source.full_text
        address = entry.page.url
        if address is None or not (wanted == "page" or (wanted == "auto" and entry.is_teaser)):
            return False
        if address in self.look.memory:
            self.waiting.add(address)
        return True

    def _is_due(self, entry: FeedEntry) -> bool:
        seen = self.look.memory.get(entry.page.url or "")
        return seen is not None and _is_due(seen, self.look.now)

    def _with_text(self, entry: FeedEntry) -> Page | None:
        """The entry with the text of its page, or with its own while there is none; None to leave the article as it is."""
        address = entry.page.url or ""
        before = self.look.memory.get(address)
        try:
            full = self._full(address)
        except (FetchError, PageError) as error:
            if isinstance(error, TryLater) and error.retry_after is not None:
                self.refused = error
            if isinstance(error, TryLater) and before is None and entry.upstream_id in self.look.stamps:
                self.problems.append(Problem(address, f"{error}; the article stays as it is"))
                self.again = True
                return None
            self.waiting.add(address)
            self.memory[address] = FetchMemory(PageKind.FAILED, self.look.now, in_vain=before.in_vain + 1 if before else 1)
            self.problems.append(Problem(address, f"{error}; the feed's own text is used"))
            return entry.page
        self.waiting.discard(address)
        return _joined(entry.page, full)

    def _full(self, address: str) -> Page:
        if self.refused is not None:
            raise self.refused
        with self.look.contained(address):
            fetched = self.fetcher.get(address)
            page = read_web_page(fetched, {}) if fetched else None
        if page is None or not page.is_article:
            raise PageError("shows no article")
        return page


def _joined(entry: Page, full: Page) -> Page:
    """The feed knows the article's data, the page its text."""
    full = in_plain_text(full)
    return replace(
        full,
        title=entry.title or full.title,
        date_text=entry.date_text or full.date_text,
        authors=entry.authors or full.authors,
        topics=entry.topics or full.topics,
        summary=entry.summary or full.summary,
        url=entry.url,
        enclosure=entry.enclosure or full.enclosure,
        date_is_guess=full.date_is_guess and not entry.date_text,
        is_article=True,
    )
