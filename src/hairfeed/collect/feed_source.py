"""A look at an existing feed."""

import hashlib
from dataclasses import dataclass, field, replace

from hairfeed.collect.feed_document import parse_feed
from hairfeed.collect.feed_entries import FeedEntry
from hairfeed.collect.fetch import Fetched, Fetcher, Validators
from hairfeed.collect.judge import in_plain_text
from hairfeed.collect.look import Look, SeenPage, Sighting, signature
from hairfeed.collect.pages import Page
from hairfeed.collect.web_page import read_web_page
from hairfeed.errors import FetchError, PageError, PageFault, SourceError
from hairfeed.models import FetchMemory, PageKind, Problem
from hairfeed.settings import FeedSource


def look_at_feed(look: Look[FeedSource], fetcher: Fetcher) -> Sighting:
    """Fetch the feed if it has changed, and the pages of articles whose text it does not have.

    What is absent from a feed may have left it by age: absence means nothing.

    Raises:
        SourceError: it is no feed, or has no entries although articles came from it.
        FetchError: it cannot be fetched.
    """
    known = look.memory.get(look.source.url)
    is_read_alike = known is not None and known.changed == signature(look)
    validators = Validators(known.etag, known.last_modified) if known and is_read_alike else None
    fetched = fetcher.get(look.source.url, validators)
    if fetched is None:
        return Sighting(count=len(look.stamps), present=frozenset(look.stamps), rolls=True)
    try:
        content = parse_feed(fetched.content, fetched.media_type, fetched.charset, fetched.url)
    except PageError as error:
        raise SourceError(f"{look.source.url}: {error}; nothing was changed") from error
    if not content.entries and look.stamps:
        raise SourceError(f"{look.source.url}: has no entries, and {len(look.stamps)} articles came from it; nothing was changed")
    reading = _Reading(look, fetcher)
    for done, entry in enumerate(content.entries):
        look.watch.step(f"Reading {look.name}", done, len(content.entries))
        reading.read(entry)
    notes = [Problem(look.source.url, note) for note in (*content.notes, *content.faults)]
    # The feed counts as seen only when all of it was taken in: else it must be sent again in full.
    is_seen = reading.whole and not reading.stumbled and not content.faults
    memory = {look.source.url: _memory(fetched, look)} if is_seen else {}
    return Sighting(
        count=len(content.entries),
        present=frozenset(entry.upstream_id for entry in content.entries),
        rolls=True,
        pages=reading.pages,
        problems=[*notes, *reading.problems],
        whole=reading.whole,
        memory=memory,
    )


def _memory(fetched: Fetched, look: Look[FeedSource]) -> FetchMemory:
    return FetchMemory(PageKind.LIST, look.now, fetched.validators.etag, fetched.validators.last_modified, signature(look))


@dataclass
class _Reading:
    """The entries of one feed, one after another."""

    look: Look[FeedSource]
    fetcher: Fetcher
    pages: list[SeenPage] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    whole: bool = True
    stumbled: bool = False
    """Over a page, which must be read again."""
    _fetched: int = 0

    def read(self, entry: FeedEntry) -> None:
        """Take the entry in if it is new or says something else than at the last look."""
        stamp = signature(self.look) + hashlib.sha256(repr(entry).encode("utf-8", "replace")).hexdigest()[:24]
        if self.look.stamps.get(entry.upstream_id) == stamp or entry.page.draft:
            return
        page = entry.page
        if self._wants_page(entry):
            if self._fetched >= self.look.source.most_pages:
                self.whole = False
                return
            self._fetched += 1
            try:
                page = self._with_text(page)
            except (FetchError, PageError) as error:
                self.problems.append(Problem(page.url or "", f"{error}; the feed's own text is used"))
                if isinstance(error, PageFault):
                    # Without a stamp it is read again.
                    stamp, self.stumbled = "", True
        self.pages.append(SeenPage(entry.upstream_id, stamp, page))

    def _wants_page(self, entry: FeedEntry) -> bool:
        wanted = self.look.source.full_text
        return entry.page.url is not None and (wanted == "page" or (wanted == "auto" and entry.is_teaser))

    def _with_text(self, entry: Page) -> Page:
        """The entry with the text of its page."""
        address = entry.url or ""
        with self.look.contained(address):
            fetched = self.fetcher.get(address)
            return _joined(entry, read_web_page(fetched, {})) if fetched else entry


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
        date_is_guess=full.date_is_guess and not entry.date_text,
        is_article=True,
    )
