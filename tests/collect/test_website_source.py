"""A web site as a source, over several passes, on a site of our own."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.collect.passes import NO_ARTICLE, collect, days, live, page, raw_page, standing
from tests.collect.site import Site, SitePage, served, source
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication
from tests.test_cli import hairfeed

SOON = FRIDAY + timedelta(minutes=5)
LATER = FRIDAY + timedelta(minutes=10)
NEXT_DAY = FRIDAY + timedelta(days=1)


@pytest.fixture
def site(publication: Publication) -> Iterator[Site]:
    """Two pages, and the publication reads them."""
    with served(Site({"/brushing": page("brushing"), "/drying": page("drying")})) as site:
        publication.sources(source("website", site.url))
        yield site


def test_a_pass_fetches_only_what_the_sitemap_says_has_changed(publication: Publication, site: Site) -> None:
    collect(publication)
    assert site.pages_asked() == ["/brushing", "/drying"]
    site.pages["/drying"] = page("towels")
    assert collect(publication, SOON).changed == 1
    assert site.pages_asked() == ["/drying"]
    assert live(publication).keys() == {"brushing", "towels"}


def test_an_edit_whose_date_cannot_be_told_is_taken_in_once_it_can(publication: Publication, site: Site) -> None:
    collect(publication)
    site.pages["/drying"] = page("towels", "3-4-2024")
    for moment in (SOON, LATER):
        report = collect(publication, moment)
        assert ["can be 3 April or 4 March" in problem.what for problem in report.warnings] == [True]
        assert live(publication).keys() == {"brushing", "drying"}
    site.pages["/washing"] = page("washing", "25-7-2024")
    collect(publication, NEXT_DAY)
    collect(publication, NEXT_DAY + timedelta(minutes=5))
    assert live(publication).keys() == {"brushing", "towels", "washing"}
    site.asked.clear()
    assert collect(publication, NEXT_DAY + timedelta(minutes=10)).warnings == ()
    assert site.pages_asked() == []


def test_a_page_that_is_no_article_is_read_when_its_site_says_that_it_changed(publication: Publication, site: Site) -> None:
    site.pages["/about"] = SitePage("404 Not Found", None, "There is nothing here.")
    site.raw["/about"] = NO_ARTICLE
    collect(publication)
    assert "/about" in site.pages_asked()
    collect(publication, SOON)
    assert site.pages_asked() == []
    del site.raw["/about"]
    site.pages["/about"] = page("us")
    collect(publication, LATER)
    assert site.pages_asked() == ["/about"]
    assert "us" in live(publication)


@pytest.mark.parametrize("answer", ["no article", 403, 404, "robots"])
def test_a_page_that_is_no_article_is_asked_for_less_and_less_often(
    publication: Publication, site: Site, answer: str | int
) -> None:
    path = "/private/note" if answer == "robots" else "/note"
    site.pages[path] = page("a note")
    if answer == "no article":
        site.raw[path] = NO_ARTICLE
    elif isinstance(answer, int):
        site.broken[path] = answer
    asked = []
    for day in range(63):
        report = collect(publication, days(day))
        looked = any("private" in problem.where for problem in report.warnings) if answer == "robots" else path in site.asked
        asked += [day] if looked else []
        site.asked.clear()
    assert asked == [0, 1, 3, 7, 15, 31, 61]


def test_a_page_that_was_empty_at_first_is_news_once_its_article_is_there(publication: Publication, site: Site) -> None:
    publication.subscribe("ann@example.com")
    collect(publication)
    site.pages["/swimming"] = page("swimming", "2024-08-10")
    site.raw["/swimming"] = NO_ARTICLE
    collect(publication, days(1))
    collect(publication, days(2))
    del site.raw["/swimming"]
    assert collect(publication, days(3)).new == 0
    assert collect(publication, days(4)).new == 1
    publication.run(NEXT_FRIDAY)
    assert [mail["Subject"] for mail in publication.mails().values()] == ["About swimming"]


@pytest.mark.parametrize(("date", "expected"), [("2024-08-08", "live baseline"), ("2024-08-10", "live eligible")])
def test_of_the_archive_a_page_that_was_no_article_at_first_is_archive_unless_it_was_written_later(
    publication: Publication, site: Site, date: str, expected: str
) -> None:
    site.pages["/swimming"] = page("swimming", date)
    site.raw["/swimming"] = NO_ARTICLE
    collect(publication)
    del site.raw["/swimming"]
    collect(publication, days(1))
    assert standing(publication)["swimming"] == expected


def test_a_page_that_is_still_no_article_is_not_sent_again(publication: Publication, site: Site) -> None:
    site.pages["/note"] = page("a note")
    site.raw["/note"] = NO_ARTICLE
    collect(publication)
    collect(publication, days(1))
    assert "/note" in site.unchanged


def test_an_unchanged_page_is_not_sent_again(publication: Publication, site: Site) -> None:
    collect(publication)
    assert site.unchanged == []
    assert collect(publication, NEXT_DAY + timedelta(minutes=1)).changed == 0
    assert sorted(site.unchanged) == ["/brushing", "/drying"]
    assert live(publication).keys() == {"brushing", "drying"}


def test_a_page_that_is_not_there_twice_leaves_the_feeds_although_it_is_listed(publication: Publication, site: Site) -> None:
    collect(publication)
    site.broken["/drying"] = 404
    collect(publication, NEXT_DAY)
    assert standing(publication)["drying"] == "live baseline"
    assert collect(publication, NEXT_DAY + timedelta(minutes=5)).gone == 1
    assert standing(publication) == {"brushing": "live baseline", "drying": "gone baseline"}


def test_a_page_that_comes_back_between_two_looks_stays(publication: Publication, site: Site) -> None:
    collect(publication)
    for hours, status in enumerate([404, 200, 404, 200]):
        site.broken = {"/drying": status} if status == 404 else {}
        assert collect(publication, NEXT_DAY + timedelta(hours=hours * 30)).gone == 0
    assert live(publication).keys() == {"brushing", "drying"}


@pytest.mark.parametrize("status", [500, 503, 403, 418])
def test_a_page_that_cannot_be_had_stays_as_it_is_and_is_named(publication: Publication, site: Site, status: int) -> None:
    collect(publication)
    before = live(publication)
    site.broken["/drying"] = status
    for day in range(1, 4):
        report = collect(publication, FRIDAY + timedelta(days=day, minutes=day))
        assert report.gone == 0
        assert [(problem.where, f"{status}" in problem.what) for problem in report.warnings] == [(f"{site.url}/drying", True)]
    assert live(publication) == before


def test_a_page_without_an_answer_does_not_keep_the_others_waiting(publication: Publication, site: Site) -> None:
    site.pages = {f"/a{number}": page(f"a{number}") for number in range(4)} | site.pages
    site.broken = {f"/a{number}": 500 for number in range(4)}
    collect(publication)
    assert live(publication) == {}
    collect(publication, SOON)
    assert live(publication).keys() == {"brushing", "drying"}


def test_a_page_of_the_archive_that_had_no_answer_at_first_is_archive_all_the_same(publication: Publication, site: Site) -> None:
    site.broken["/drying"] = 500
    collect(publication)
    collect(publication, SOON)
    del site.broken["/drying"]
    collect(publication, LATER)
    assert standing(publication)["drying"] == "live baseline"


def test_a_page_of_the_archive_that_had_no_date_is_archive_all_the_same(publication: Publication, site: Site) -> None:
    site.pages["/timeless"] = page("timeless", None)
    collect(publication)
    collect(publication, SOON)
    site.pages["/timeless"] = page("timeless")
    collect(publication, LATER)
    assert standing(publication)["timeless"] == "live baseline"


def test_a_site_that_asks_for_patience_is_left_alone_for_the_rest_of_the_pass(publication: Publication, site: Site) -> None:
    site.broken["/brushing"] = 429
    site.retry_after = 3600
    report = collect(publication)
    assert site.pages_asked() == ["/brushing"]
    assert any("the rest of the site waits for the next pass" in problem.what for problem in report.warnings)


def test_a_page_that_is_no_longer_listed_but_there_stays_and_is_not_asked_for_at_every_pass(
    publication: Publication, site: Site
) -> None:
    collect(publication)
    site.raw["/sitemap.xml"] = ("text/plain", f"{site.url}/brushing".encode())
    site.pages_asked()
    for minutes in (5, 10, 15):
        assert collect(publication, FRIDAY + timedelta(minutes=minutes)).gone == 0
    assert site.pages_asked().count("/drying") == 1
    assert live(publication).keys() == {"brushing", "drying"}


def test_robots_are_obeyed_and_the_page_is_named(publication: Publication, site: Site) -> None:
    site.pages["/private/diary"] = page("diary")
    report = collect(publication)
    assert "/private/diary" not in site.pages_asked()
    (warning,) = report.warnings
    assert str(warning) == f"{site.url}/private/diary: {site.url}/robots.txt forbids it to HairFeed"
    assert live(publication).keys() == {"brushing", "drying"}


def test_an_archive_larger_than_a_pass_is_taken_in_over_several_and_nothing_of_it_is_mailed(
    publication: Publication, site: Site
) -> None:
    publication.sources(source("website", site.url, "most_pages = 2"))
    publication.subscribe("ann@example.com")
    site.pages |= {f"/page-{number}": page(f"page {number}") for number in range(3)}
    counts = [(report.new, report.baseline) for report in (collect(publication, when) for when in (FRIDAY, SOON, LATER))]
    assert counts == [(2, 2), (2, 2), (1, 1)]
    site.pages["/news"] = page("news", "2024-08-12")
    publication.run(NEXT_FRIDAY)
    assert [mail["Subject"] for mail in publication.mails().values()] == ["About news"]


def test_the_configs_selectors_come_before_what_the_page_says(publication: Publication, site: Site) -> None:
    own = (
        "<p class='own-title'>A Title of its Own</p><p class='day'>3 July 2024</p><div class='words'><p>Words of its own.</p></div>"
    )
    site.raw["/drying"] = raw_page(page("drying").html(f"{site.url}/drying").replace("<footer>", f"{own}<footer>"))
    selectors = 'selectors = { title = ".own-title", date = ".day", body = ".words" }'
    publication.sources(source("website", site.url, selectors, 'links = "/drying"'))
    collect(publication)
    (article,) = live(publication).values()
    assert (article.title, str(article.published_on), article.html) == (
        "A Title of its Own",
        "2024-07-03",
        "<p>Words of its own.</p>",
    )


def test_selectors_that_come_later_hold_for_pages_that_were_read_before(publication: Publication, site: Site) -> None:
    collect(publication)
    publication.sources(source("website", site.url, 'selectors = { title = "footer" }'))
    assert collect(publication, SOON).changed == 2
    assert live(publication).keys() == {"All rights reserved."}


def test_politeness_is_no_reason_to_read_pages_again(publication: Publication, site: Site) -> None:
    collect(publication)
    site.pages_asked()
    publication.sources(source("website", site.url, "timeout = 5", "most_pages = 7"))
    collect(publication, SOON)
    assert site.pages_asked() == []


def test_without_a_sitemap_the_source_fails_by_name_and_the_others_go_on(publication: Publication, site: Site) -> None:
    folder = '[sources.folder]\ntype = "folder"\npath = "../articles"\n'
    publication.sources(source("website", site.url), folder)
    publication.page("washing")
    site.broken["/sitemap.xml"] = 404
    report = collect(publication)
    (failure,) = report.failures
    assert (failure.where, f"{site.url}/sitemap.xml: is not there" in failure.what) == ("source articles", True)
    assert live(publication).keys() == {"washing"}


def test_a_site_that_lists_nothing_any_more_changes_nothing(publication: Publication, site: Site) -> None:
    collect(publication)
    site.pages = {}
    (failure,) = collect(publication, SOON).failures
    assert "lists no pages; name a 'sitemap' or an 'index' page" in failure.what
    assert live(publication).keys() == {"brushing", "drying"}


def test_a_source_that_fails_waits_longer_each_time_and_recovers(publication: Publication, site: Site) -> None:
    site.broken["/sitemap.xml"] = 404
    asked = []
    for minutes in (0, 4, 5, 14, 15, 34, 35):
        report = collect(publication, FRIDAY + timedelta(minutes=minutes))
        assert len(report.failures) == 1
        asked.append((minutes, "/sitemap.xml" in site.asked))
        site.asked.clear()
    assert asked == [(0, True), (4, False), (5, True), (14, False), (15, True), (34, False), (35, True)]
    assert "failed 4 times in a row" in collect(publication, FRIDAY + timedelta(minutes=36)).failures[0].what
    site.broken.clear()
    assert collect(publication, NEXT_DAY).failures == ()
    assert live(publication).keys() == {"brushing", "drying"}


def test_a_failure_after_a_recovery_waits_as_the_first_did(publication: Publication, site: Site) -> None:
    for minutes, status in ((0, 404), (5, 404), (60, 200), (120, 404)):
        site.broken = {"/sitemap.xml": 404} if status == 404 else {}
        collect(publication, FRIDAY + timedelta(minutes=minutes))
    site.broken = {}
    assert collect(publication, FRIDAY + timedelta(minutes=125)).failures == ()


def test_an_index_of_sitemaps_leads_to_the_pages(publication: Publication, site: Site) -> None:
    index = f"<sitemapindex><sitemap><loc>{site.url}/pages.txt</loc></sitemap></sitemapindex>"
    site.raw["/sitemap.xml"] = ("application/xml", index.encode())
    site.raw["/pages.txt"] = ("text/plain", f"{site.url}/brushing\n".encode())
    collect(publication)
    assert live(publication).keys() == {"brushing"}


def test_index_pages_are_followed_as_far_as_the_config_allows(publication: Publication, site: Site) -> None:
    for number in range(1, 6):
        site.pages[f"/page-{number}"] = page(f"page {number}")
        links = f'<a href="/page-{number}">read</a><a rel="next" href="/list-{number + 1}">older</a>'
        site.raw[f"/list-{number}"] = raw_page(f"<html><body>{links}</body></html>")
    publication.sources(source("website", site.url, f'index = "{site.url}/list-1"', 'links = "/page-*"', "index_pages = 3"))
    collect(publication)
    assert live(publication).keys() == {"page 1", "page 2", "page 3"}


def test_an_index_whose_next_page_is_not_there_ends_there(publication: Publication, site: Site) -> None:
    site.raw["/list"] = raw_page('<html><body><a href="/drying">read</a><a rel="next" href="/list-2">older</a></body></html>')
    publication.sources(source("website", site.url, f'index = "{site.url}/list"'))
    assert collect(publication).failures == ()
    assert live(publication).keys() == {"drying"}


def test_a_page_in_a_charset_that_is_none_stops_nothing(publication: Publication, site: Site) -> None:
    html = page("drying").html(f"{site.url}/drying")
    site.raw["/drying"] = ("text/html; charset=undefined", html.encode())
    collect(publication)
    assert live(publication).keys() == {"brushing", "drying"}


def test_every_pass_says_why_a_source_is_left_alone(publication: Publication, site: Site) -> None:
    site.broken["/sitemap.xml"] = 500
    (failure,) = publication.run(FRIDAY).failures
    assert "500" in failure.what
    for minutes in (1, 2, 3):
        (waiting,) = publication.run(FRIDAY + timedelta(minutes=minutes)).failures
        assert waiting.what == (
            f"{failure.what} (failed once; looked at again after 2024-08-09 09:05 UTC, or at once by 'hairfeed run --retry')"
        )
    site.broken.clear()
    assert publication.run(SOON).collect.reasons == ()


def test_what_was_mended_is_looked_at_at_once_when_asked_for(publication: Publication, site: Site) -> None:
    site.broken["/sitemap.xml"] = 500
    assert publication.run(FRIDAY).failures
    site.broken.clear()
    when = (FRIDAY + timedelta(minutes=1)).isoformat()
    assert hairfeed("run", "-c", publication.config, "--now", when).returncode == 1
    assert hairfeed("run", "-c", publication.config, "--now", when, "--retry").returncode == 0
    assert live(publication).keys() == {"brushing", "drying"}


def test_a_page_without_a_date_is_named_at_every_pass_until_it_is_mended(publication: Publication, site: Site) -> None:
    site.pages["/undated"] = page("nothing", None)
    first = publication.run(FRIDAY)
    assert [problem.where for problem in first.warnings] == [f"{site.url}/undated"]
    site.asked.clear()
    assert publication.run(SOON).warnings == first.warnings
    assert publication.run(LATER).warnings == first.warnings
    assert "/undated" not in site.asked
    site.pages["/undated"] = page("nothing")
    assert publication.run(NEXT_DAY + timedelta(days=1)).warnings == []
    assert publication.run(NEXT_DAY + timedelta(days=2)).warnings == []
