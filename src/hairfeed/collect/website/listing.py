"""What a web site lists: its sitemaps, or its index pages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin

from hairfeed.collect.look import Look
from hairfeed.collect.network.fetch import Fetcher
from hairfeed.collect.website.page import decoded
from hairfeed.collect.website.sitemap import Index, Sitemap, is_below, is_on_host, read_index, read_sitemap
from hairfeed.errors import Gone, PageError, SourceError
from hairfeed.models.reports import Problem
from hairfeed.settings.sources import WebsiteSource

MOST_SITEMAPS = 100
MOST_LISTED = 100_000


@dataclass(frozen=True, slots=True)
class Listing:
    """The pages of a site by address, with what the site says of each one's last change; and what an operator should know."""

    pages: Mapping[str, str | None]
    notes: tuple[Problem, ...] = ()


def list_pages(look: Look[WebsiteSource], fetcher: Fetcher) -> Listing:
    """The pages that the site lists.

    Raises:
        SourceError: nothing lists its pages.
        FetchError: what lists them cannot be fetched.
    """
    source = look.source
    if source.index:
        listing = Listing(dict.fromkeys(_from_index(look, fetcher, source.index)))
    else:
        named = [source.sitemap] if source.sitemap else fetcher.sitemaps(source.url)
        pages = _from_sitemaps(fetcher, named or [urljoin(source.url + "/", "/sitemap.xml")])
        listing = _own(pages, source)
    if not listing.pages:
        foreign = "".join(f"; it {note.what}" for note in listing.notes)
        raise SourceError(f"{source.url}: lists no pages; name a 'sitemap' or an 'index' page, and look at 'links'{foreign}")
    return listing


def _own(pages: Mapping[str, str | None], source: WebsiteSource) -> Listing:
    """The pages on the site's own host, or on that of the sitemap in the config: a sitemap speaks for no other (sitemaps.org)."""
    hosts = [source.url, *filter(None, [source.sitemap])]
    wanted = {url: changed for url, changed in pages.items() if is_below(url, source.links)}
    own = {url: changed for url, changed in wanted.items() if any(is_on_host(url, host) for host in hosts)}
    foreign = [url for url in wanted if url not in own]
    if not foreign:
        return Listing(own)
    what = f"lists pages of another host, which are not fetched: {len(foreign)}, the first {foreign[0]}; if they are the site's, "
    return Listing(own, (Problem(source.url, f"{what}make them a source with their own 'url'"),))


def _from_sitemaps(fetcher: Fetcher, urls: list[str]) -> dict[str, str | None]:
    pages: dict[str, str | None] = {}
    waiting, seen = list(urls), set(urls)
    fetched = 0
    while waiting and fetched < MOST_SITEMAPS and len(pages) < MOST_LISTED:
        url = waiting.pop(0)
        sitemap = _sitemap(fetcher, url)
        fetched += 1
        pages |= {page.url: page.changed for page in sitemap.pages}
        further = [inner for inner in sitemap.sitemaps if inner not in seen and is_on_host(inner, url)]
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
