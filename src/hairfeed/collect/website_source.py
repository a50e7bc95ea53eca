"""A look at a web site: what it lists, which of it to fetch, and what that is."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from urllib.parse import urljoin

from hairfeed.collect.fetch import Fetched, Fetcher, Validators
from hairfeed.collect.look import Look, SeenPage, Sighting, signature
from hairfeed.collect.pages import Page
from hairfeed.collect.sitemap import Index, Sitemap, is_below, read_index, read_sitemap
from hairfeed.collect.web_page import decoded, read_web_page
from hairfeed.errors import FetchError, Gone, PageError, PageFault, SourceError, TryLater
from hairfeed.models import FetchMemory, PageKind, Problem
from hairfeed.settings import WebsiteSource

LOOK_AGAIN = timedelta(days=1)
"""After which a page is asked for changes although its site says nothing of them."""

MOST_FAILURES = 3
"""Pages in a row without an answer, after which the rest of the site waits for the next pass."""

MOST_SITEMAPS = 100
MOST_LISTED = 100_000


def look_at_website(look: Look[WebsiteSource], fetcher: Fetcher) -> Sighting:
    """List the site's pages, and fetch those that are new, have changed, or are no longer listed.

    Raises:
        SourceError: nothing lists its pages.
        FetchError: what lists them cannot be fetched.
    """
    listed = _listed(look, fetcher)
    if not listed:
        raise SourceError(f"{look.source.url}: lists no pages; name a 'sitemap' or an 'index' page, and look at 'links'")
    queue = _queue(listed, look)
    visit = _Visit(look, fetcher, listed)
    for done, url in enumerate(queue[: look.source.most_pages]):
        look.watch.step(f"Fetching {look.name}", done, min(len(queue), look.source.most_pages))
        if not visit.fetch(url):
            break
    return visit.sighting(whole=all(url in visit.memory or url in look.memory for url in queue))


def _listed(look: Look[WebsiteSource], fetcher: Fetcher) -> dict[str, str | None]:
    """By address, what the site says of a page's last change."""
    if look.source.index:
        return dict.fromkeys(_from_index(look, fetcher, look.source.index))
    named = [look.source.sitemap] if look.source.sitemap else fetcher.sitemaps(look.source.url)
    pages = _from_sitemaps(fetcher, named or [urljoin(look.source.url + "/", "/sitemap.xml")])
    return {url: changed for url, changed in pages.items() if is_below(url, look.source.links)}


def _from_sitemaps(fetcher: Fetcher, urls: list[str]) -> dict[str, str | None]:
    pages: dict[str, str | None] = {}
    waiting, seen = list(urls), set(urls)
    while waiting and len(seen) <= MOST_SITEMAPS and len(pages) < MOST_LISTED:
        url = waiting.pop(0)
        sitemap = _sitemap(fetcher, url)
        pages |= {page.url: page.changed for page in sitemap.pages}
        further = [inner for inner in sitemap.sitemaps if inner not in seen]
        seen.update(further)
        waiting += further
    return dict(islice(pages.items(), MOST_LISTED))


def _sitemap(fetcher: Fetcher, url: str) -> Sitemap:
    fetched = fetcher.get(url)
    try:
        return read_sitemap(fetched.content if fetched else b"", url)
    except PageError as error:
        raise SourceError(f"{url}: {error}") from error


def _from_index(look: Look[WebsiteSource], fetcher: Fetcher, first: str) -> Iterator[str]:
    """The links of the index pages; those of a later one only while it can be had."""
    url: str | None = first
    seen: set[str] = set()
    while url and url not in seen and len(seen) < look.source.index_pages:
        seen.add(url)
        try:
            index = _index(look, fetcher, url)
        except Gone:
            if url == first:
                raise
            return
        yield from (link for link in index.links if link not in seen)
        url = index.following


def _index(look: Look[WebsiteSource], fetcher: Fetcher, url: str) -> Index:
    fetched = fetcher.get(url)
    if fetched is None:
        return Index((), None)
    source = look.source
    try:
        return read_index(decoded(fetched), fetched.url, source.links, source.link_selector, source.next_selector)
    except PageError as error:
        raise SourceError(f"{url}: {error}") from error


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
        ((is_known or seen.kind is not PageKind.OTHER) and look.now - seen.fetched_at >= LOOK_AGAIN, 3),
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
    _failures: int = 0
    """Pages in a row that gave no answer."""

    def sighting(self, *, whole: bool) -> Sighting:
        """What the visit has shown so far."""
        memory = {**self.look.memory, **self.memory}
        kinds = {url: memory[url].kind for url in [*self.listed, *self.memory] if url in memory}
        there = {url for url, kind in kinds.items() if kind in (PageKind.ARTICLE, PageKind.FAILED)}
        missing = {url for url, kind in kinds.items() if kind is PageKind.MISSING and url in self.memory}
        return Sighting(
            count=len(self.listed),
            present=(frozenset(self.look.stamps) | there) - missing,
            pages=self.pages,
            problems=self.problems,
            moved=self.moved,
            whole=whole,
            memory=self.memory,
        )

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
        """Those of an article that was read as it would be read now; one that is no longer listed may have moved."""
        stamp, before = self.look.stamps.get(url, ""), self.look.memory.get(url)
        if before is None or url not in self.listed or not stamp.startswith(signature(self.look)):
            return None
        return Validators(before.etag, before.last_modified)

    def _fail(self, url: str, error: TryLater) -> bool:
        self._failures += 1
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
            self._remember(url, PageKind.ARTICLE, Validators(before.etag, before.last_modified))
            return
        if fetched.moved_to and fetched.moved_to != url and url in self.look.stamps and url not in self.listed:
            self._remember(url, PageKind.MISSING)
            self.moved.setdefault(fetched.moved_to, url)
            url = fetched.moved_to
            if url in self.memory or url in self.look.stamps:
                return
        stamp = signature(self.look) + hashlib.sha256(fetched.content).hexdigest()[:24]
        if self.look.stamps.get(url) != stamp:
            page = self._page(url, fetched)
            if page is None or not page.is_article or page.draft:
                self._remember(url, PageKind.OTHER)
                return
            self.pages.append(SeenPage(url, stamp, page))
        self._remember(url, PageKind.ARTICLE, fetched.validators)

    def _page(self, url: str, fetched: Fetched) -> Page | None:
        try:
            return read_web_page(fetched, dict(self.look.source.selectors))
        except PageError as error:
            self.problems.append(Problem(url, str(error)))
            return None

    def _remember(self, url: str, kind: PageKind, validators: Validators | None = None) -> None:
        validators = validators or Validators()
        stated = _stated(url, self.listed, self.look)
        self.memory[url] = FetchMemory(kind, self.look.now, validators.etag, validators.last_modified, stated)
