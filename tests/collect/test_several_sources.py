"""One article in several sources: which of them has it, and when it leaves."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from hairfeed.store import catalogue
from tests.collect.passes import collect, days, live, page, standing
from tests.collect.site import Site, served, source
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication

KINDS = ("folder", "website", "feed")


class Sources:
    """A publication that reads the same site in several ways; what is shown can differ from source to source."""

    def __init__(self, publication: Publication, site: Site) -> None:
        self.publication = publication
        self.site = site
        self.feed = dict(site.pages)

    def read(self, *kinds: str) -> None:
        """Have these sources in the config."""
        sections = {
            "folder": f'[sources.folder]\ntype = "folder"\npath = "../articles"\nurl = "{self.site.url}/{{path}}"\n',
            "website": source("website", self.site.url, name="website"),
            "feed": source("feed", f"{self.site.url}/feed.xml", 'full_text = "feed"', name="feed"),
        }
        self.publication.sources(*(sections[kind] for kind in kinds))

    def show(self, kind: str, name: str, date: str = "2024-08-01") -> None:
        """Let a source have an article."""
        if kind == "folder":
            self.publication.page(name, date=date)
        elif kind == "website":
            self.site.pages[f"/{name}"] = page(name, date)
        else:
            self.feed[f"/{name}"] = page(name, date)

    def hide(self, kind: str, name: str) -> None:
        """Let it have it no more."""
        if kind == "folder":
            (self.publication.articles / f"{name}.txt").unlink()
        elif kind == "website":
            del self.site.pages[f"/{name}"]
        else:
            del self.feed[f"/{name}"]

    def collect(self, *moments: datetime) -> None:
        """Make passes; no source may fail, and nothing may be new in any but the first."""
        feed = Site(self.feed, port=self.site.port).feed()
        self.site.raw["/feed.xml"] = ("application/rss+xml", feed.encode())
        for moment in moments:
            assert collect(self.publication, moment).failures == ()

    def owner(self, name: str) -> str:
        """The source that has the article."""
        ledger = self.publication.ledger()
        with ledger.read() as connection:
            entries = catalogue.listed(connection, 100, None, not_mailed=False)
            (number,) = [entry.id for entry in entries if entry.title == f"About {name}"]
            facts = catalogue.facts(connection, number)
        ledger.close()
        return facts["source"]


@pytest.fixture
def sources(publication: Publication) -> Iterator[Sources]:
    """Each shows two pages, and "swimming" beside; the config names none yet."""
    with served(Site({"/brushing": page("brushing"), "/drying": page("drying")})) as site:
        sources = Sources(publication, site)
        publication.page("brushing", date="2024-08-01")
        publication.page("drying", date="2024-08-01")
        yield sources


def minutes(*numbers: float, start: datetime = FRIDAY) -> list[datetime]:
    return [start + timedelta(minutes=number) for number in numbers]


@pytest.mark.parametrize(
    ("first", "second", "owner"),
    [(one, other, min(one, other, key=KINDS.index)) for one in KINDS for other in KINDS if one != other],
)
def test_an_article_of_two_sources_is_that_of_the_one_nearer_to_its_author_whoever_had_it_first(
    sources: Sources, first: str, second: str, owner: str
) -> None:
    sources.publication.subscribe("ann@example.com")
    sources.read(first, second)
    sources.collect(FRIDAY)
    sources.show(first, "swimming", "2024-08-10")
    sources.collect(days(1))
    before = live(sources.publication)["swimming"]
    assert sources.owner("swimming") == first
    sources.show(second, "swimming", "2024-08-10")
    sources.collect(days(2))
    assert (live(sources.publication)["swimming"].guid, sources.owner("swimming")) == (before.guid, owner)
    sources.publication.run(NEXT_FRIDAY)
    sources.publication.run(NEXT_FRIDAY + timedelta(days=7))
    assert [mail["Subject"] for mail in sources.publication.mails().values()] == ["About swimming"]


@pytest.mark.parametrize(("left", "stays"), [(one, other) for one in KINDS for other in KINDS if one != other])
@pytest.mark.parametrize("order", [1, -1])
def test_an_article_stays_while_one_source_shows_it_and_leaves_with_the_last(
    sources: Sources, left: str, stays: str, order: int
) -> None:
    sources.show(left, "swimming")
    sources.show(stays, "swimming")
    sources.read(*(left, stays)[::order])
    sources.collect(*minutes(0, 5))
    before = live(sources.publication)["swimming"]
    sources.hide(left, "swimming")
    sources.collect(*minutes(10, 15, 20), *map(days, (1, 2, 3, 4)))
    after = live(sources.publication)["swimming"]
    assert (after.id, after.guid, after.url) == (before.id, before.guid, before.url)
    sources.hide(stays, "swimming")
    sources.collect(*map(days, (5, 6, 7)))
    is_gone = "swimming" not in live(sources.publication)
    # What only a feed had may have left it by age.
    assert is_gone is not (stays == "feed" and sources.owner("swimming") == "feed")
    assert live(sources.publication).keys() >= {"brushing", "drying"}


@pytest.mark.parametrize("order", [1, -1])
def test_a_site_that_still_shows_what_its_folder_lost_has_it_from_then_on(sources: Sources, order: int) -> None:
    sources.show("folder", "swimming")
    sources.show("website", "swimming")
    sources.read(*("folder", "website")[::order])
    sources.collect(*minutes(0, 5))
    sources.hide("folder", "swimming")
    sources.collect(*minutes(10, 15, 20), *map(days, (1, 2)))
    assert sources.owner("swimming") == "website"
    sources.site.pages["/swimming"].text = "What is said here is another thing now. It takes two sentences."
    sources.collect(days(3))
    assert "another thing" in live(sources.publication)["swimming"].html
    sources.show("folder", "swimming")
    sources.collect(days(4))
    assert sources.owner("swimming") == "folder"


def test_a_feed_keeps_what_a_folder_lost_only_while_it_shows_it(sources: Sources) -> None:
    sources.show("folder", "swimming")
    sources.show("feed", "swimming")
    sources.read("folder", "feed")
    sources.collect(*minutes(0, 5))
    sources.hide("folder", "swimming")
    sources.collect(*minutes(10, 15))
    sources.feed["/swimming"].text = "What is said here is another thing now. It takes two sentences."
    sources.collect(*minutes(20, 25))
    assert (sources.owner("swimming"), standing(sources.publication)["swimming"]) == ("folder", "live baseline")
    sources.hide("feed", "swimming")
    sources.collect(*minutes(30, 35))
    assert standing(sources.publication)["swimming"] == "gone baseline"


def test_a_page_of_a_folder_that_names_the_address_of_a_sites_article_is_that_article(sources: Sources) -> None:
    sources.show("website", "swimming")
    sources.read("website", "folder")
    sources.collect(FRIDAY)
    before = live(sources.publication)["swimming"]
    matter = "---\ntitle: About diving\ndate: 2024-08-01\naliases: [/swimming/]\n---\nOther words.\n"
    (sources.publication.articles / "diving.md").write_text(matter.replace("[/", f"[{sources.site.url}/"), encoding="utf-8")
    report = collect(sources.publication, days(1))
    assert (report.new, report.moved) == (0, 1)
    assert live(sources.publication)["diving"].guid == before.guid


@pytest.mark.parametrize("kind", ["website", "feed"])
def test_a_gone_article_comes_back_with_any_source_that_shows_it(sources: Sources, kind: str) -> None:
    sources.publication.subscribe("ann@example.com")
    sources.show("folder", "swimming")
    sources.read("folder", kind)
    sources.collect(FRIDAY)
    before = live(sources.publication)["swimming"]
    sources.hide("folder", "swimming")
    sources.collect(*minutes(5, 10))
    assert standing(sources.publication)["swimming"] == "gone baseline"
    sources.show(kind, "swimming")
    sources.collect(days(1))
    after = live(sources.publication)["swimming"]
    assert (after.id, after.guid, sources.owner("swimming")) == (before.id, before.guid, kind)
    sources.publication.run(NEXT_FRIDAY)
    assert sources.publication.mails() == {}


def test_what_the_operator_took_out_stays_out_whatever_shows_it(sources: Sources) -> None:
    sources.show("folder", "swimming")
    sources.show("website", "swimming")
    sources.read("folder", "website")
    sources.collect(FRIDAY)
    ledger = sources.publication.ledger()
    with ledger.write() as connection:
        entries = catalogue.listed(connection, 100, None, not_mailed=False)
        (number,) = [entry.id for entry in entries if entry.title == "About swimming"]
        catalogue.forget(connection, number, FRIDAY)
    ledger.close()
    sources.hide("folder", "swimming")
    sources.collect(*minutes(5, 10), days(1), days(2))
    assert standing(sources.publication)["swimming"] == "forgotten withheld"


def test_a_source_that_the_config_has_no_more_keeps_nothing(sources: Sources) -> None:
    sources.show("folder", "swimming")
    sources.show("feed", "swimming")
    sources.read("folder", "feed")
    sources.collect(FRIDAY)
    sources.read("folder")
    sources.hide("folder", "swimming")
    sources.collect(*minutes(5, 10))
    assert "swimming" not in live(sources.publication)


def test_a_source_that_fails_goes_on_keeping_what_it_showed(sources: Sources) -> None:
    sources.show("folder", "swimming")
    sources.show("feed", "swimming")
    sources.read("folder", "feed")
    sources.collect(FRIDAY)
    sources.hide("folder", "swimming")
    sources.site.broken["/feed.xml"] = 500
    for moment in minutes(5, 10, 15):
        collect(sources.publication, moment)
    assert "swimming" in live(sources.publication)


def test_a_page_of_an_article_that_another_source_has_is_read_once(sources: Sources) -> None:
    sources.read("folder", "website")
    sources.collect(FRIDAY)
    assert sources.site.pages_asked() == ["/brushing", "/drying"]
    sources.collect(*minutes(5))
    assert sources.site.pages_asked() == []
    sources.collect(days(1))
    assert sources.site.unchanged == ["/brushing", "/drying"]


def test_a_copy_whose_articles_address_changes_stays_a_copy(sources: Sources) -> None:
    sources.read("folder", "website")
    sources.collect(FRIDAY)
    sources.publication.configure("{path}", "care/{path}")
    sources.collect(*minutes(5), days(1), days(2))
    assert len(standing(sources.publication)) == 2
    sources.site.pages["/drying"].text = "What is said here is another thing now. It takes two sentences."
    report = collect(sources.publication, days(3))
    assert (report.new, report.moved, sources.owner("drying")) == (0, 0, "folder")
