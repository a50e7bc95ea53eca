"""What a web site may list, and how much of it is taken."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from hairfeed.collect.website.sitemap import is_on_host
from hairfeed.store import sources
from tests.collect.passes import NO_ARTICLE, collect, days, live, page
from tests.collect.site import Site, served, source
from tests.conftest import Publication


@pytest.fixture
def site(publication: Publication) -> Iterator[Site]:
    """Two pages on 127.0.0.1; the same server answers as localhost, which is another host."""
    with served(Site({"/brushing": page("brushing"), "/drying": page("drying")})) as site:
        publication.sources(source("website", site.url))
        yield site


def other_host(site: Site) -> str:
    return f"http://localhost:{site.port}"


def lists(site: Site, *addresses: str, path: str = "/sitemap.xml") -> None:
    """Let the sitemap name these addresses."""
    site.raw[path] = ("text/plain", "\n".join(addresses).encode())


def leads_to(site: Site, *addresses: str) -> None:
    """Let the sitemap be an index of these sitemaps."""
    inner = "".join(f"<sitemap><loc>{address}</loc></sitemap>" for address in addresses)
    site.raw["/sitemap.xml"] = ("application/xml", f"<sitemapindex>{inner}</sitemapindex>".encode())


def test_pages_of_another_host_are_counted_and_not_fetched(publication: Publication, site: Site) -> None:
    lists(site, f"{other_host(site)}/drying", f"{site.url}/brushing", f"{other_host(site)}/swimming")
    report = collect(publication)
    assert report.new == 1
    assert site.pages_asked() == ["/brushing"]
    (warning,) = report.warnings
    assert (warning.where, warning.what.partition(";")[0]) == (
        site.url,
        f"lists pages of another host, which are not fetched: 2, the first {other_host(site)}/drying",
    )


def test_pages_of_another_host_that_links_leave_out_are_nobodys_concern(publication: Publication, site: Site) -> None:
    publication.sources(source("website", site.url, 'links = "/b*"'))
    lists(site, f"{other_host(site)}/drying", f"{site.url}/brushing")
    assert collect(publication).warnings == ()


def test_a_site_that_lists_nothing_but_another_host_fails_and_says_so(publication: Publication, site: Site) -> None:
    lists(site, f"{other_host(site)}/drying")
    (failure,) = collect(publication).failures
    assert "lists no pages" in failure.what
    assert f"not fetched: 1, the first {other_host(site)}/drying; if they are the site's, make them a source" in failure.what


def test_the_host_of_a_sitemap_in_the_config_is_the_sites_too(publication: Publication, site: Site) -> None:
    publication.sources(source("website", site.url, f'sitemap = "{other_host(site)}/list.txt"'))
    lists(site, f"{other_host(site)}/drying", f"{site.url}/brushing", path="/list.txt")
    report = collect(publication)
    assert (report.new, report.warnings) == (2, ())


def test_an_index_of_sitemaps_leads_to_no_other_host(publication: Publication, site: Site) -> None:
    leads_to(site, f"{other_host(site)}/foreign.txt", f"{site.url}/own.txt")
    lists(site, f"{site.url}/drying", path="/foreign.txt")
    lists(site, f"{site.url}/brushing", path="/own.txt")
    assert collect(publication).new == 1
    assert "/foreign.txt" not in site.asked


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("https://example.com/a", True),
        ("http://EXAMPLE.com:8080/a", True),
        ("https://www.example.com/a", True),
        ("https://blog.example.com/a", False),
        ("https://www.blog.example.com/a", False),
        ("https://example.com.evil.example/a", False),
        ("https://notexample.com/a", False),
        ("https://example.com@evil.example/a", False),
    ],
)
def test_a_host_is_the_same_with_www_and_without(address: str, same: bool) -> None:
    assert is_on_host(address, "https://www.example.com/") is same
    assert is_on_host(address, "https://example.com") is same


def test_an_index_names_at_most_so_many_sitemaps(publication: Publication, site: Site) -> None:
    paths = [f"/list-{number}.txt" for number in range(120)]
    leads_to(site, *(f"{site.url}{path}" for path in paths))
    for path in paths:
        lists(site, f"{site.url}/brushing", path=path)
    assert collect(publication).new == 1
    # The index is the first of a hundred.
    assert [path for path in site.pages_asked() if path.endswith(".txt")] == paths[:99]


def test_a_site_lists_at_most_so_many_pages(publication: Publication, site: Site) -> None:
    publication.sources(source("website", site.url, "most_pages = 1"))
    lists(site, *(f"{site.url}/page-{number}" for number in range(100_001)))
    assert collect(publication).pages == 100_000
    assert site.pages_asked() == ["/page-0"]


def remembered(publication: Publication) -> set[str]:
    """The paths of the addresses that are remembered as fetched."""
    ledger = publication.ledger()
    with ledger.read() as connection:
        memory = sources.fetch_memory(connection, 1)
    ledger.close()
    return {urlsplit(url).path for url in memory}


def test_an_address_that_is_listed_no_more_and_no_article_is_forgotten_after_a_month(publication: Publication, site: Site) -> None:
    site.pages["/about"] = page("us")
    site.raw["/about"] = NO_ARTICLE
    for path in ("/lost", "/private/note"):
        site.pages[path] = page("what is not to be had")
    site.broken["/lost"] = 404
    collect(publication)
    assert remembered(publication) == {"/brushing", "/drying", "/about", "/lost", "/private/note"}
    lists(site, f"{site.url}/brushing")
    collect(publication, days(29))
    assert remembered(publication) == {"/brushing", "/drying", "/about", "/lost", "/private/note"}
    collect(publication, days(31))
    assert remembered(publication) == {"/brushing", "/drying"}


def test_the_address_of_an_article_that_has_gone_is_forgotten_and_the_article_is_not(publication: Publication, site: Site) -> None:
    collect(publication)
    old = site.pages.pop("/drying")
    collect(publication, days(1))
    collect(publication, days(2))
    collect(publication, days(40))
    assert remembered(publication) == {"/brushing"}
    site.pages["/towels"] = old
    report = collect(publication, days(41))
    assert (report.new, report.moved) == (0, 1)
    assert live(publication).keys() == {"brushing", "drying"}
