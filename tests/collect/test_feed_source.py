"""Feeds as sources, and one article in several sources, over several passes."""

import json
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from hairfeed.models.reports import CollectReport
from hairfeed.store import catalogue, sources
from tests.collect.passes import collect, live
from tests.collect.site import Site, SitePage, served, source
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication

SOON = FRIDAY + timedelta(minutes=5)
FOLDER = '[sources.folder]\ntype = "folder"\npath = "../articles"\n'


def page(name: str, date: str | None = "2024-08-01") -> SitePage:
    return SitePage(f"About {name}", date, f"This is what there is to say about {name}. It takes two sentences.")


def feed(site: Site, *more: str, name: str = "articles", full_text: str = "feed") -> str:
    return source("feed", f"{site.url}/feed.xml", f'full_text = "{full_text}"', *more, name=name)


@pytest.fixture
def site(publication: Publication) -> Iterator[Site]:
    """Two pages, and the publication reads their feed."""
    with served(Site({"/brushing": page("brushing"), "/drying": page("drying")})) as site:
        publication.sources(feed(site))
        yield site


def owner(publication: Publication, title: str) -> str:
    """The source that has the one article of that title."""
    ledger = publication.ledger()
    with ledger.read() as connection:
        (entry,) = [one for one in catalogue.listed(connection, 100, None, not_mailed=False) if one.title == title]
        name = catalogue.facts(connection, entry.id)["source"]
    ledger.close()
    return name


def remembered(publication: Publication) -> set[str]:
    """The paths of the addresses that are remembered as fetched."""
    ledger = publication.ledger()
    with ledger.read() as connection:
        memory = sources.fetch_memory(connection, 1)
    ledger.close()
    return {urlsplit(url).path for url in memory}


def subjects(publication: Publication) -> list[str]:
    return sorted(str(mail["Subject"]) for mail in publication.mails().values())


def teasers(site: Site) -> None:
    """Let the feed show only the beginnings of its articles, and tell whose summaries they are."""
    full = site.feed()
    for one in site.pages.values():
        full = full.replace(f"{one.text}", f"{one.text[:30]} … Read more")
    site.raw["/feed.xml"] = ("application/rss+xml", full.encode())


def test_a_teaser_gets_the_text_of_its_page(publication: Publication, site: Site) -> None:
    teasers(site)
    publication.sources(feed(site, full_text="auto"))
    assert collect(publication).warnings == ()
    assert sorted(site.pages_asked()) == ["/brushing", "/drying"]
    assert "It takes two sentences." in live(publication)["drying"].html


def test_a_teaser_whose_page_cannot_be_had_keeps_the_feeds_text_and_is_named(publication: Publication, site: Site) -> None:
    teasers(site)
    site.broken["/drying"] = 404
    publication.sources(feed(site, full_text="auto"))
    (warning,) = collect(publication).warnings
    assert (warning.where, warning.what.endswith("the feed's own text is used")) == (f"{site.url}/drying", True)
    shown = live(publication)
    assert "This is what there is to say" in shown["drying"].html
    assert "It takes two sentences." not in shown["drying"].html
    assert "It takes two sentences." in shown["brushing"].html


def drying_asked(publication: Publication, site: Site, minutes: range) -> list[int]:
    """At which of these minutes a pass asks for the page about drying."""
    asked = []
    for minute in minutes:
        collect(publication, FRIDAY + timedelta(minutes=minute))
        asked += [minute] if "/drying" in site.asked else []
        site.asked.clear()
    return asked


@pytest.mark.parametrize("status", [404, 403, 500])
def test_a_page_that_failed_is_tried_again_with_growing_patience(publication: Publication, site: Site, status: int) -> None:
    teasers(site)
    site.broken["/drying"] = status
    publication.sources(feed(site, full_text="auto"))
    assert drying_asked(publication, site, range(0, 100, 5)) == [0, 5, 15, 35, 75]
    assert "/feed.xml" in site.unchanged


def test_a_page_that_failed_gives_its_text_later_and_nobody_is_mailed_twice(publication: Publication, site: Site) -> None:
    publication.subscribe("ann@example.com")
    collect(publication)
    publication.sources(feed(site, full_text="auto"))
    site.pages["/swimming"] = page("swimming", "2024-08-15")
    teasers(site)
    site.broken["/swimming"] = 503
    publication.run(NEXT_FRIDAY)
    assert subjects(publication) == ["About swimming"]
    before = live(publication)["swimming"]
    assert "It takes two sentences." not in before.html
    site.broken.clear()
    report = collect(publication, NEXT_FRIDAY + timedelta(minutes=5))
    assert (report.new, report.changed, report.warnings) == (0, 1, ())
    after = live(publication)["swimming"]
    assert "It takes two sentences." in after.html
    assert (after.id, after.guid, after.published_at) == (before.id, before.guid, before.published_at)
    publication.run(NEXT_FRIDAY + timedelta(days=7))
    assert subjects(publication) == ["About swimming"]
    site.pages_asked()
    collect(publication, NEXT_FRIDAY + timedelta(days=8))
    assert site.pages_asked() == []


def test_a_page_that_shows_no_article_is_a_page_that_failed(publication: Publication, site: Site) -> None:
    teasers(site)
    site.raw["/drying"] = ("text/html", b"<html><body class='login'><h1>Log in</h1><p>Members only, as ever.</p></body></html>")
    publication.sources(feed(site, full_text="auto"))
    (warning,) = collect(publication).warnings
    assert warning.what == "shows no article; the feed's own text is used"
    site.raw.pop("/drying")
    collect(publication, SOON)
    assert "It takes two sentences." in live(publication)["drying"].html


def test_an_article_with_its_full_text_keeps_it_while_its_page_gives_no_answer(publication: Publication, site: Site) -> None:
    teasers(site)
    publication.sources(feed(site, full_text="auto"))
    collect(publication)
    before = live(publication)
    site.raw["/feed.xml"] = (site.raw["/feed.xml"][0], site.raw["/feed.xml"][1].replace(b"About drying", b"All about drying"))
    site.broken["/drying"] = 500
    (warning,) = collect(publication, SOON).warnings
    assert warning.what.endswith("the article stays as it is")
    assert live(publication) == before
    site.broken.clear()
    collect(publication, SOON + timedelta(minutes=5))
    assert "It takes two sentences." in live(publication)["All about drying"].html


def test_a_page_that_failed_is_forgotten_when_its_entry_leaves_the_feed(publication: Publication, site: Site) -> None:
    teasers(site)
    site.broken["/drying"] = 404
    publication.sources(feed(site, full_text="auto"))
    collect(publication)
    assert remembered(publication) == {"/feed.xml", "/drying"}
    del site.raw["/feed.xml"]
    del site.pages["/drying"]
    teasers(site)
    collect(publication, SOON)
    assert remembered(publication) == {"/feed.xml"}
    assert live(publication).keys() == {"brushing", "drying"}


def test_pages_of_teasers_beyond_the_most_of_a_pass_follow_and_are_archive_too(publication: Publication, site: Site) -> None:
    site.pages |= {f"/page-{number}": page(f"page {number}") for number in range(3)}
    teasers(site)
    publication.sources(feed(site, "most_pages = 2", full_text="auto"))
    counts = [(report.new, report.baseline) for report in (collect(publication, FRIDAY + timedelta(hours=n)) for n in range(4))]
    assert counts == [(2, 2), (2, 2), (1, 1), (0, 0)]
    assert all("It takes two sentences." in article.html for article in live(publication).values())


def test_new_teasers_come_before_those_that_failed(publication: Publication, site: Site) -> None:
    teasers(site)
    site.broken = {"/brushing": 404, "/drying": 404}
    publication.sources(feed(site, "most_pages = 2", full_text="auto"))
    collect(publication)
    del site.raw["/feed.xml"]
    site.pages["/swimming"] = page("swimming")
    teasers(site)
    site.pages_asked()
    collect(publication, SOON)
    assert site.pages_asked() == ["/swimming", "/brushing"]
    assert "swimming" in live(publication)


def test_a_host_that_asks_for_patience_is_asked_for_no_further_page(publication: Publication, site: Site) -> None:
    teasers(site)
    site.broken = {"/brushing": 429, "/drying": 429}
    site.retry_after = 3600
    publication.sources(feed(site, full_text="auto"))
    collect(publication)
    assert site.pages_asked() == ["/brushing"]
    assert live(publication).keys() == {"brushing", "drying"}
    site.broken.clear()
    collect(publication, FRIDAY + timedelta(minutes=59))
    assert site.asked == []
    collect(publication, FRIDAY + timedelta(minutes=61))
    assert all("It takes two sentences." in article.html for article in live(publication).values())


@pytest.mark.parametrize(("full_text", "asked"), [("feed", []), ("auto", []), ("page", ["/brushing"])])
def test_pages_of_full_entries_are_fetched_only_where_the_config_says_so(
    publication: Publication, site: Site, full_text: str, asked: list[str]
) -> None:
    site.pages = {"/brushing": SitePage("About brushing", "2024-08-01", "Brush slowly, and from the ends. " * 40)}
    publication.sources(feed(site, full_text=full_text))
    collect(publication)
    assert site.pages_asked() == asked
    assert live(publication).keys() == {"brushing"}


def test_guids_that_all_change_at_once_make_nothing_new(publication: Publication, site: Site) -> None:
    publication.subscribe("ann@example.com")
    collect(publication)
    before = live(publication)
    site.raw["/feed.xml"] = ("application/rss+xml", site.feed().replace("<guid>", "<guid>v2:").encode())
    report = collect(publication, NEXT_FRIDAY)
    assert (report.new, report.moved, report.warnings) == (0, 2, ())
    after = live(publication)
    assert {name: (one.id, one.guid, one.url, one.updated_at) for name, one in after.items()} == {
        name: (one.id, one.guid, one.url, one.updated_at) for name, one in before.items()
    }
    assert subjects(publication) == []


def test_an_unchanged_feed_is_not_sent_again(publication: Publication, site: Site) -> None:
    collect(publication)
    before = live(publication)
    assert collect(publication, SOON) == CollectReport(pages=2)
    assert site.unchanged == ["/feed.xml"]
    assert live(publication) == before


def test_another_wish_for_the_text_holds_for_entries_that_were_read_before(publication: Publication, site: Site) -> None:
    collect(publication)
    publication.sources(feed(site, full_text="page"))
    site.pages_asked()
    collect(publication, SOON)
    assert sorted(site.pages_asked()) == ["/brushing", "/drying"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<!DOCTYPE html><html><body>We are moving house.</body></html>", "nothing was changed"),
        ("{}", "is JSON, but no JSON Feed"),
        ("", "nothing was changed"),
        ("<rss version='2.0'><channel><title>Plain Hair</title></channel></rss>", "has no entries, and 2 articles came from it"),
    ],
)
def test_what_is_no_feed_any_more_is_a_failure_and_changes_nothing(
    publication: Publication, site: Site, content: str, reason: str
) -> None:
    collect(publication)
    before = live(publication)
    site.raw["/feed.xml"] = ("text/html", content.encode())
    (failure,) = collect(publication, SOON).failures
    assert failure.where == "source articles"
    assert failure.what.startswith(f"{site.url}/feed.xml: ")
    assert reason in failure.what
    assert live(publication) == before
    del site.raw["/feed.xml"]
    assert collect(publication, SOON + timedelta(minutes=5)).failures == ()


def test_a_text_without_a_summary_is_not_its_own_summary(publication: Publication, site: Site) -> None:
    site.pages = {"/brushing": SitePage("About brushing", "2024-08-01", "Brush slowly, and from the ends, as ever. " * 40)}
    collect(publication)
    (article,) = live(publication).values()
    assert 0 < len(article.summary) < len(article.html) / 2


def test_a_json_feed_is_a_feed(publication: Publication, site: Site) -> None:
    item = {
        "id": "1",
        "url": f"{site.url}/drying",
        "title": "About drying",
        "content_html": "<p>Let hair dry in the air. A towel is enough for the rest.</p>",
        "date_published": "2024-08-01T10:00:00Z",
        "authors": [{"name": "Jane Doe"}],
        "tags": ["Hair Care"],
    }
    document = {"version": "https://jsonfeed.org/version/1.1", "title": "Plain Hair", "items": [item]}
    site.raw["/feed.xml"] = ("application/feed+json", json.dumps(document).encode())
    assert collect(publication).warnings == ()
    article = live(publication)["drying"]
    assert (article.url, article.authors, article.topics) == (f"{site.url}/drying", ("Jane Doe",), ("Hair Care",))
    assert (str(article.published_on), article.html) == ("2024-08-01", item["content_html"])


@pytest.mark.parametrize("first", ["folder", "feed"])
def test_an_article_in_a_folder_and_in_a_feed_is_one_and_the_folders(publication: Publication, site: Site, first: str) -> None:
    publication.subscribe("ann@example.com")
    folder = FOLDER + f'url = "{site.url}/{{path}}"\n'
    publication.page("washing", date="31-7-2024")
    publication.sources(folder, feed(site, name="feed"))
    collect(publication)
    tuesday, wednesday = FRIDAY + timedelta(days=4), FRIDAY + timedelta(days=5)
    site.pages["/swimming"] = page("swimming", "2024-08-13")
    entries = site.feed()
    if first == "folder":
        del site.pages["/swimming"]
        publication.page("swimming", date="13-8-2024")
    assert collect(publication, tuesday).new == 1
    site.raw["/feed.xml"] = ("application/rss+xml", entries.encode())
    publication.page("swimming", date="13-8-2024")
    assert collect(publication, wednesday).new == 0
    assert owner(publication, "About swimming") == "folder"
    publication.run(NEXT_FRIDAY)
    publication.run(NEXT_FRIDAY + timedelta(days=7))
    assert subjects(publication) == ["About swimming"]


def test_the_same_site_gives_the_same_articles_as_a_folder_a_web_site_and_a_feed(publication: Publication, site: Site) -> None:
    for path, one in site.pages.items():
        one.text = f"{one.text}\n{'Hair grows half an inch a month, and nothing makes it grow faster. ' * 12}".strip()
        matter = f"---\ntitle: {one.title}\ndate: {one.date}\nauthor: The Editor\ncategory: {one.category}\n---\n"
        text = one.text.replace("\n", "\n\n")
        (publication.articles / f"{path[1:]}.md").write_text(f"{matter}{text}\n", encoding="utf-8")
    seen = []
    for kind in (FOLDER + f'url = "{site.url}/{{path}}"\n', source("website", site.url, name="site"), feed(site)):
        publication.without_ledger()
        publication.sources(kind)
        assert collect(publication).new == 2
        shown = live(publication)
        names = ("title", "published_on", "topics", "authors", "url", "summary")
        facts = {name: [getattr(one, fact) for fact in names] for name, one in shown.items()}
        seen.append({name: [*facts[name], one.html.replace("\n", "")] for name, one in shown.items()})
    assert seen[0] == seen[1]
    assert seen[0] == seen[2]


def test_an_entry_without_a_date_is_named_at_every_pass_until_it_is_mended(publication: Publication, site: Site) -> None:
    site.pages["/brushing"] = page("brushing", None)
    first = publication.run(FRIDAY)
    assert ["no date" in problem.what for problem in first.warnings] == [True]
    site.unchanged.clear()
    assert publication.run(SOON).warnings == first.warnings
    assert site.unchanged == ["/feed.xml"]
    site.pages["/brushing"] = page("brushing")
    assert publication.run(NEXT_FRIDAY).warnings == []
