"""Pages of a web site whose addresses lead elsewhere, for good or for now."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.collect.passes import NO_ARTICLE, collect, days, live, page, raw_page
from tests.collect.site import Site, served, source
from tests.conftest import FRIDAY, Publication

SOON = FRIDAY + timedelta(minutes=5)
LATER = FRIDAY + timedelta(minutes=10)
NEXT_DAY = FRIDAY + timedelta(days=1)


@pytest.fixture
def site(publication: Publication) -> Iterator[Site]:
    """Two pages, and the publication reads them."""
    with served(Site({"/brushing": page("brushing"), "/drying": page("drying")})) as site:
        publication.sources(source("website", site.url))
        yield site


@pytest.mark.parametrize("edited", [False, True])
def test_a_page_that_moved_for_good_is_the_same_article(publication: Publication, site: Site, edited: bool) -> None:
    collect(publication)
    before = live(publication)["drying"]
    site.pages["/towels"] = page("towels") if edited else site.pages["/drying"]
    del site.pages["/drying"]
    site.redirects["/drying"] = "/towels"
    report = collect(publication, SOON)
    assert (report.new, report.moved, report.warnings) == (0, 1, ())
    after = live(publication)["towels" if edited else "drying"]
    assert (after.id, after.guid, after.url) == (before.id, before.guid, f"{site.url}/towels")
    site.pages_asked()
    collect(publication, LATER)
    assert site.pages_asked() == []


LEADS_NOWHERE = {
    "home page": "<html><body class='home'><h1>Welcome</h1><p>Look around on this site.</p></body></html>",
    "not found": "<html><head><title>404 Not Found</title></head><body><h1>Not found</h1><p>Nothing.</p></body></html>",
    "login": "<html><head><title>Log in</title></head><body><form><h1>Log in</h1><p>Members only.</p>"
    "<input name='name'><input type='password' name='word'></form></body></html>",
    "nothing": "",
}


@pytest.mark.parametrize("status", [301, 308])
@pytest.mark.parametrize("target", LEADS_NOWHERE)
@pytest.mark.parametrize("listed", [True, False])
def test_an_article_whose_address_leads_for_good_to_what_is_no_article_leaves_at_the_second_look(
    publication: Publication, site: Site, status: int, target: str, listed: bool
) -> None:
    collect(publication)
    site.redirects, site.redirect_status = {"/drying": "/elsewhere"}, status
    site.raw["/elsewhere"] = raw_page(LEADS_NOWHERE[target])
    if not listed:
        del site.pages["/drying"]
    assert collect(publication, NEXT_DAY).gone == 0
    assert live(publication).keys() == {"brushing", "drying"}
    assert collect(publication, NEXT_DAY + timedelta(minutes=5)).gone == 1
    assert live(publication).keys() == {"brushing"}


@pytest.mark.parametrize("status", [302, 303, 307])
@pytest.mark.parametrize("target", LEADS_NOWHERE)
def test_an_article_whose_address_leads_elsewhere_for_now_stays_as_it_is(
    publication: Publication, site: Site, status: int, target: str
) -> None:
    collect(publication)
    before = live(publication)
    site.redirects, site.redirect_status = {"/drying": "/elsewhere"}, status
    site.raw["/elsewhere"] = raw_page(LEADS_NOWHERE[target])
    for day in range(1, 5):
        assert collect(publication, days(day)).gone == 0
    assert live(publication) == before
    site.redirects = {}
    assert collect(publication, days(5)).changed == 0
    site.pages["/drying"].text = "Another text about the same. It takes two sentences."
    assert collect(publication, days(6)).changed == 1
    assert live(publication)["drying"].guid == before["drying"].guid


def test_an_article_that_leads_for_good_to_another_one_leaves_and_the_other_stays(publication: Publication, site: Site) -> None:
    collect(publication)
    before = live(publication)["brushing"]
    site.redirects["/drying"] = "/brushing"
    collect(publication, NEXT_DAY)
    report = collect(publication, NEXT_DAY + timedelta(minutes=5))
    assert (report.gone, report.warnings) == (1, ())
    assert live(publication) == {"brushing": before}


def test_an_article_whose_address_leads_back_in_time_stays(publication: Publication, site: Site) -> None:
    collect(publication)
    for day, target in enumerate(["/elsewhere", None, "/elsewhere", None], start=1):
        site.redirects = {"/drying": target} if target else {}
        site.raw["/elsewhere"] = NO_ARTICLE
        assert collect(publication, days(day * 2)).gone == 0
    assert live(publication).keys() == {"brushing", "drying"}


def undeclared(site: Site, path: str) -> tuple[str, bytes]:
    """The page at the path, as a theme makes it that does not tell its address."""
    return raw_page(site.pages[path].html("").replace('"url": ""', '"was": ""'))


@pytest.mark.parametrize(
    ("status", "address"), [(301, "/towels"), (308, "/towels"), (302, "/drying"), (303, "/drying"), (307, "/drying")]
)
@pytest.mark.parametrize("known", [True, False])
def test_an_article_is_at_the_address_that_leads_to_it_unless_it_moved_for_good(
    publication: Publication, site: Site, status: int, address: str, known: bool
) -> None:
    site.raw["/drying"] = undeclared(site, "/drying")
    if known:
        collect(publication)
    del site.raw["/drying"]
    site.pages["/drying"].text += " This is the third."
    site.raw["/towels"] = undeclared(site, "/drying")
    site.redirects, site.redirect_status = {"/drying": "/towels"}, status
    for day in (1, 2):
        assert collect(publication, days(day)).gone == 0
    assert live(publication)["drying"].url == site.url + address


@pytest.mark.parametrize(("status", "still_asked"), [(301, False), (308, False), (302, True), (307, True)])
def test_an_address_that_is_listed_no_more_is_asked_until_it_leads_on_for_good(
    publication: Publication, site: Site, status: int, still_asked: bool
) -> None:
    collect(publication)
    before = live(publication)["drying"]
    site.raw["/towels"] = undeclared(site, "/drying")
    site.redirects, site.redirect_status = {"/drying": "/towels"}, status
    del site.pages["/drying"]
    report = collect(publication, NEXT_DAY)
    assert (report.new, report.gone, live(publication)["drying"].guid) == (0, 0, before.guid)
    site.asked.clear()
    collect(publication, days(2))
    assert ("/drying" in site.asked) is still_asked
