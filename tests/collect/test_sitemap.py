"""Sitemaps and index pages, from whole to hostile."""

import gzip
from pathlib import Path

import pytest

from hairfeed.collect.website.sitemap import MOST_BYTES, Index, Listed, Sitemap, read_index, read_sitemap
from hairfeed.errors import PageError

SITE = "https://hair.example.org"
SITEMAP = f"{SITE}/sitemap.xml"
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
URLSET = f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset {NAMESPACE} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
  <!-- two pages -->
  <url><loc> {SITE}/brushing </loc><lastmod>2024-07-03</lastmod><priority>0.8</priority></url>
  <url><loc>{SITE}/drying?a=1&amp;b=2#top</loc><image:image><image:loc>{SITE}/a.jpg</image:loc></image:image></url>
  <url><loc>javascript:alert(1)</loc></url>
  <url><lastmod>2024-07-03</lastmod></url>
</urlset>""".encode()
PAGES = (Listed(f"{SITE}/brushing", "2024-07-03"), Listed(f"{SITE}/drying?a=1&b=2"))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(URLSET, id="as it is"),
        pytest.param(URLSET.replace(NAMESPACE.encode(), b""), id="without a namespace"),
        pytest.param(b"\n\n" + URLSET.partition(b"\n")[2], id="without a declaration"),
        pytest.param(b"\xef\xbb\xbf" + URLSET, id="with a byte order mark"),
        pytest.param(URLSET.replace(b"UTF-8", b"UTF-16").decode().encode("utf-16"), id="in UTF-16"),
        pytest.param(gzip.compress(URLSET, mtime=0), id="packed"),
    ],
)
def test_a_urlset_lists_pages_with_their_last_change(content: bytes) -> None:
    assert read_sitemap(content, SITEMAP) == Sitemap(PAGES, ())


def test_an_index_lists_further_sitemaps() -> None:
    index = f"<sitemapindex {NAMESPACE}><sitemap><loc>/a.xml</loc></sitemap><sitemap><loc>/b.xml.gz</loc></sitemap></sitemapindex>"
    assert read_sitemap(index.encode(), SITEMAP) == Sitemap((), (f"{SITE}/a.xml", f"{SITE}/b.xml.gz"))


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_plain_list_names_pages_line_by_line(mark: bytes) -> None:
    content = mark + f"{SITE}/brushing\r\n\r\n{SITE}/drying\nnot an address\n".encode()
    assert read_sitemap(content, SITEMAP) == Sitemap((Listed(f"{SITE}/brushing"), Listed(f"{SITE}/drying")), ())


def test_a_broken_end_leaves_what_stands_before_it() -> None:
    broken = URLSET[: URLSET.index(b"<url><loc>javascript")]
    assert read_sitemap(broken, SITEMAP).pages == PAGES


def test_an_entity_bomb_does_not_go_off() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE urlset [<!ENTITY e0 "{"x" * 1000}">{entities}]><urlset><url><loc>{SITE}/&e11;</loc></url></urlset>'
    assert all(len(page.url) < 1000 for page in read_sitemap(bomb.encode(), SITEMAP).pages)


def test_an_external_entity_stays_unread(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    place = f"<url><loc>{SITE}/&leak;</loc></url><url><loc>{SITE}/drying</loc></url>"
    hostile = f'<!DOCTYPE urlset [<!ENTITY leak SYSTEM "{secret.as_uri()}">]><urlset>{place}</urlset>'
    pages = read_sitemap(hostile.encode(), SITEMAP).pages
    assert f"{SITE}/drying" in {page.url for page in pages}
    assert not any("secret" in page.url for page in pages)


def test_a_gzip_bomb_is_refused() -> None:
    with pytest.raises(PageError, match=r"is larger than 50,000,000 bytes once unpacked"):
        read_sitemap(gzip.compress(b" " * (MOST_BYTES + 1)), SITEMAP)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is no sitemap: neither XML nor a list of addresses"),
        (b"\x00\x01\x02", "is no sitemap: neither XML nor a list of addresses"),
        (b"Not here, sorry", "is no sitemap: neither XML nor a list of addresses"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "is no sitemap but <html>; name one with 'sitemap'"),
        (b"<rss version='2.0'><channel/></rss>", "is no sitemap but <rss>"),
        (b"<", "is no sitemap but something else"),
        (b"<!-- nothing -->", "is no sitemap but something else"),
        (gzip.compress(URLSET, mtime=0)[:60], "is packed and cannot be unpacked"),
        (b"\x1f\x8bnot gzip", "is packed and cannot be unpacked"),
    ],
)
def test_what_is_no_sitemap_is_said_to_be_none(content: bytes, reason: str) -> None:
    with pytest.raises(PageError) as error:
        read_sitemap(content, SITEMAP)
    assert str(error.value).startswith(reason)


INDEX = f"{SITE}/news/"
LIST = """<html><body><nav><a href="/about">About</a></nav>
<div class="list"><a href="/articles/brushing">B</a><a href="/articles/drying#top">D</a><a href="/articles/brushing">again</a></div>
<a href="https://elsewhere.example/articles/x">foreign</a><a href="mailto:ed@example.org">mail</a><a href="http://[">broken</a>
<a href="#top">top</a><a>no address</a></body></html>"""
BRUSHING, DRYING, ABOUT = f"{SITE}/articles/brushing", f"{SITE}/articles/drying", f"{SITE}/about"


def index(html: str, links: str | None = None, selector: str | None = None, following: str | None = None) -> Index:
    return read_index(html, INDEX, links, selector, following)


@pytest.mark.parametrize(
    ("links", "selector", "expected"),
    [
        (None, None, (ABOUT, BRUSHING, DRYING)),
        ("/articles/*", None, (BRUSHING, DRYING)),
        ("/articles/d*", None, (DRYING,)),
        (None, ".list", (BRUSHING, DRYING)),
        (None, "nav a", (ABOUT,)),
        ("/articles/*", "nav", ()),
    ],
)
def test_an_index_gives_the_links_of_its_own_host_that_are_wanted(
    links: str | None, selector: str | None, expected: tuple[str, ...]
) -> None:
    assert index(LIST, links, selector) == Index(expected, None)


def test_links_are_relative_to_the_base_of_the_page() -> None:
    html = f'<html><head><base href="{SITE}/articles/"></head><body><a href="brushing">B</a></body></html>'
    assert index(html).links == (BRUSHING,)


@pytest.mark.parametrize(
    ("link", "selector", "following"),
    [
        ('<a rel="next" href="?page=2">older</a>', None, f"{INDEX}?page=2"),
        ('<a rel="nofollow next" href="?page=2">older</a>', None, f"{INDEX}?page=2"),
        ('<link rel="next" href="/news/2">', None, f"{SITE}/news/2"),
        ('<a class="older" href="/news/2">older</a>', "a.older", f"{SITE}/news/2"),
        ('<a class="older" href="/news/2">older</a>', None, None),
        ('<a rel="next" href="https://elsewhere.example/2">older</a>', None, None),
        ('<a rel="next" href="javascript:more()">older</a>', None, None),
    ],
)
def test_the_next_index_page_is_on_the_same_host(link: str, selector: str | None, following: str | None) -> None:
    assert index(f"<html><body>{link}</body></html>", following=selector).following == following


@pytest.mark.parametrize("selector", ["a[", "..", "svg|a", "a:no-such-thing"])
def test_a_bad_selector_is_named(selector: str) -> None:
    for where in ({"selector": selector}, {"following": selector}):
        with pytest.raises(PageError) as error:
            index(LIST, **where)
        assert f"{selector!r} is no CSS selector" in str(error.value)


@pytest.mark.parametrize("html", ["", "<!-- nothing -->"])
def test_an_empty_index_page_is_refused(html: str) -> None:
    with pytest.raises(PageError, match="cannot be read as HTML"):
        index(html)
