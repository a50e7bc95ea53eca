"""A look at a web site: which of its pages to fetch, and what they are."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hairfeed.collect.addresses import is_same_page
from hairfeed.collect.look import Look, SeenPage, Sighting, is_due, signature
from hairfeed.collect.network.fetch import Fetched, Fetcher, Validators
from hairfeed.collect.pages import Page
from hairfeed.collect.website.listing import list_pages
from hairfeed.collect.website.page import read_web_page
from hairfeed.errors import FetchError, Gone, PageError, PageFault, TryLater
from hairfeed.models.fetches import FetchMemory, PageKind
from hairfeed.models.reports import Problem
from hairfeed.settings.sources import WebsiteSource

FORGET_AFTER = timedelta(days=30)
"""What a site does not list for so long, and never was an article or is none any more, is as new should it be listed again."""

MOST_FAILURES = 3
"""Pages in a row without an answer, after which the rest of the site waits for the next pass."""


def look_at_website(look: Look[WebsiteSource], fetcher: Fetcher) -> Sighting:
    """List the site's pages, and fetch those that are new, have changed, or are no longer listed.

    Raises:
        SourceError: nothing lists its pages.
        FetchError: what lists them cannot be fetched.
    """
    listing = list_pages(look, fetcher)
    queue = _queue(listing.pages, look)
    visit = _Visit(look, fetcher, listing.pages, problems=list(listing.notes))
    for done, url in enumerate(queue[: look.source.most_pages]):
        look.watch.step(f"Fetching {look.name}", done, min(len(queue), look.source.most_pages))
        if not visit.fetch(url):
            break
    return visit.sighting(whole=all(url in visit.memory or url in look.memory for url in queue))


def _queue(listed: Mapping[str, str | None], look: Look[WebsiteSource]) -> list[str]:
    """What to fetch, the most urgent first; of the equally urgent, what was not seen for longest."""
    urgencies = {url: _urgency(url, listed, look) for url in [*listed, *look.stamps]}
    queue = [url for url, urgency in urgencies.items() if urgency is not None]
    never = datetime.min.replace(tzinfo=UTC)
    return sorted(queue, key=lambda url: (urgencies[url], look.memory[url].fetched_at if url in look.memory else never))


def _urgency(url: str, listed: Mapping[str, str | None], look: Look[WebsiteSource]) -> int | None:
    """A page's place in the queue, 0 the first; None when it need not be fetched."""
    seen = look.memory.get(url)
    is_known = url in look.stamps
    if seen is None:
        return 0
    has_changed = seen.changed != _stated(url, listed, look)
    cases = (
        (seen.kind is PageKind.FAILED, 4),
        (is_known and (seen.kind is PageKind.MISSING or (has_changed and url not in listed)), 1),
        (has_changed, 2),
        (is_due(seen, look.now), 3),
    )
    return next((urgency for holds, urgency in cases if holds), None)


def _stated(url: str, listed: Mapping[str, str | None], look: Look[WebsiteSource]) -> str:
    """What tells that a page must be read again: the site's word, and the settings that it is read with."""
    return signature(look) + (listed[url] or "" if url in listed else "not listed")


@dataclass
class _Visit:
    """The pages of one site, fetched one after another."""

    look: Look[WebsiteSource]
    fetcher: Fetcher
    listed: Mapping[str, str | None]
    pages: list[SeenPage] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    memory: dict[str, FetchMemory] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    """By new address: the old one, which leads there for good."""
    retry_after: timedelta | None = None
    """How long the site wants to be left alone, if it said so."""
    _failures: int = 0
    """Pages in a row that gave no answer."""

    def sighting(self, *, whole: bool) -> Sighting:
        """What the visit has shown so far."""
        memory = {**self.look.memory, **self.memory}
        kinds = {url: memory[url].kind for url in [*self.listed, *self.memory] if url in memory}
        there = {url for url, kind in kinds.items() if kind in (PageKind.ARTICLE, PageKind.FAILED)}
        others = {url for url, kind in kinds.items() if kind is PageKind.OTHER and url in self.listed}
        missing = {url for url, kind in kinds.items() if kind is PageKind.MISSING and url in self.memory}
        return Sighting(
            count=len(self.listed),
            present=(frozenset(self.look.stamps) | there) - missing,
            pages=self.pages,
            problems=self.problems,
            moved=self.moved,
            others=frozenset(others),
            whole=whole,
            memory=self.memory,
            retry_after=self.retry_after,
            forgotten=frozenset(url for url, seen in self.look.memory.items() if self._is_to_forget(url, seen)),
        )

    def _is_to_forget(self, url: str, seen: FetchMemory) -> bool:
        """Whether nothing asks any more what an address was; what was an article and has gone is known by its row."""
        is_used = url in self.listed or url in self.look.stamps or url in self.memory
        return not is_used and self.look.now - seen.fetched_at >= FORGET_AFTER

    def fetch(self, url: str) -> bool:
        """Fetch one page; False when the site wants to be left alone for now."""
        try:
            with self.look.contained(url):
                self._take(url, self.fetcher.get(url, self._validators(url)))
        except TryLater as error:
            return self._fail(url, error)
        except PageFault as fault:
            self.problems.append(Problem(url, str(fault)))
            self._ask_again(url)
        except Gone:
            self._remember(url, PageKind.MISSING)
        except FetchError as error:
            self.problems.append(Problem(url, str(error)))
            self._remember(url, PageKind.OTHER)
        self._failures = 0
        return True

    def _validators(self, url: str) -> Validators | None:
        """Those of a page that was read as it would be read now; one that is no longer listed may have moved."""
        stamp, before = self.look.stamps.get(url, ""), self.look.memory.get(url)
        if before is None or url not in self.listed:
            return None
        read_with = (before.changed or "") if before.kind is PageKind.OTHER else stamp
        if not read_with.startswith(signature(self.look)):
            return None
        return Validators(before.etag, before.last_modified)

    def _fail(self, url: str, error: TryLater) -> bool:
        self._failures += 1
        self.retry_after = error.retry_after
        goes_on = error.retry_after is None and self._failures < MOST_FAILURES
        self.problems.append(Problem(url, str(error) if goes_on else f"{error}; the rest of the site waits for the next pass"))
        self._ask_again(url)
        return goes_on

    def _ask_again(self, url: str) -> None:
        """Remember of the page what was known of it before, and that this look has told nothing new."""
        before = self.look.memory.get(url, FetchMemory(PageKind.FAILED, self.look.now))
        self.memory[url] = replace(before, kind=PageKind.FAILED, fetched_at=self.look.now)

    def _take(self, url: str, fetched: Fetched | None) -> None:
        if fetched is None:
            before = self.look.memory[url]
            kind = PageKind.OTHER if before.kind is PageKind.OTHER else PageKind.ARTICLE
            self._remember(url, kind, Validators(before.etag, before.last_modified))
            return
        leads_to = fetched.moved_to if url in self.look.stamps else None
        leads_away = leads_to is not None and not is_same_page(url, leads_to)
        if leads_away and url in self.listed and leads_to in self.look.stamps:
            self._remember(url, PageKind.MISSING)
            return
        if leads_to and url not in self.listed:
            self._remember(url, PageKind.MISSING)
            self.moved.setdefault(leads_to, url)
            url = leads_to
            if url in self.memory or url in self.look.stamps:
                return
        stamp = signature(self.look) + hashlib.sha256(fetched.content).hexdigest()[:24]
        if self.look.stamps.get(url) != stamp:
            page = self._page(url, fetched)
            if page is None or not page.is_article or page.draft:
                # An article whose address leads for good to the home page or a login is as gone as one that answers 404.
                has_left = leads_away and url in self.look.stamps
                # By its date alone, an article older than the notice in its place would count as unchanged.
                self._remember(url, PageKind.MISSING if has_left else PageKind.OTHER, Validators(fetched.validators.etag))
                return
            self.pages.append(SeenPage(url, stamp, page))
        self._remember(url, PageKind.ARTICLE, fetched.validators)

    def _page(self, url: str, fetched: Fetched) -> Page | None:
        try:
            return read_web_page(fetched, dict(self.look.source.selectors), url)
        except PageError as error:
            self.problems.append(Problem(url, str(error)))
            return None

    def _remember(self, url: str, kind: PageKind, validators: Validators | None = None) -> None:
        validators = validators or Validators()
        stated = _stated(url, self.listed, self.look)
        before = self.look.memory.get(url)
        is_in_vain = kind in (PageKind.OTHER, PageKind.MISSING) and url not in self.look.stamps
        again = before.in_vain if before and (before.kind, before.changed) == (kind, stated) else 0
        in_vain = again + 1 if is_in_vain else 0
        self.memory[url] = FetchMemory(kind, self.look.now, validators.etag, validators.last_modified, stated, in_vain)
