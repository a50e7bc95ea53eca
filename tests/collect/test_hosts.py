"""Several hosts, and several sources of one host, in one pass."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Event

import pytest

from hairfeed.models.reports import CollectReport
from tests.collect.passes import collect, days, live, page
from tests.collect.site import Site, served, source
from tests.collect.web import Asked, Reply, Web, answer
from tests.conftest import FRIDAY, Publication


def feed_of(name: str) -> bytes:
    """The feed of a site with one article."""
    return Site({f"/{name}": page(name)}, port=9).feed().encode()


# Other spellings of 127.0.0.1: hosts are told apart by their names.
HOSTS = {"brushing": "127.1", "drying": "127.0.1", "washing": "0x7f.1"}


def test_a_host_that_does_not_answer_keeps_no_other_waiting(publication: Publication) -> None:
    missing, others_are_done, waited = set(HOSTS), Event(), []

    def answers_last(_asked: Asked) -> Iterator[bytes]:
        # A field now and then, for as long as it takes: no wait for one of them is too long.
        first, rest = answer(feed_of("patience"), "200 OK", "Content-Type: application/rss+xml").split(b"\r\n", 1)
        yield first + b"\r\n"
        waiting = (number for number in range(60) if not others_are_done.wait(5))
        yield from (f"X-Waiting: {number}\r\n".encode() for number in waiting)
        waited.append(others_are_done.is_set())
        yield rest

    def answers(name: str) -> Reply:
        def reply(_asked: Asked) -> Iterator[bytes]:
            missing.discard(name)
            if not missing:
                others_are_done.set()
            yield answer(feed_of(name), "200 OK", "Content-Type: application/rss+xml")

        return reply

    with Web() as web:
        web.pages = {"/slow.xml": answers_last, **{f"/{name}.xml": answers(name) for name in HOSTS}}
        feeds = {name: web.url(f"/{name}.xml", host) for name, host in HOSTS.items()}
        slow = source("feed", web.url("/slow.xml", "127.0.0.1"), "timeout = 600", name="a-slow-one")
        publication.sources(slow, *(source("feed", url, name=name) for name, url in feeds.items()))
        report = collect(publication)
    assert (waited, report.failures) == ([True], ())
    assert live(publication).keys() == {*HOSTS, "patience"}


@pytest.fixture
def site(publication: Publication) -> Iterator[Site]:
    """One host with a web site and two feeds that are sources."""
    with served(Site({"/brushing": page("brushing"), "/drying": page("drying")})) as site:
        site.raw["/more.xml"] = ("application/rss+xml", feed_of("swimming"))
        publication.sources(
            source("feed", f"{site.url}/feed.xml", name="first"),
            source("feed", f"{site.url}/more.xml", name="second"),
            source("website", site.url, name="third"),
        )
        yield site


def at(publication: Publication, minutes: float) -> CollectReport:
    return collect(publication, FRIDAY + timedelta(minutes=minutes))


def test_the_other_sources_of_a_host_that_asks_for_patience_wait_with_it(publication: Publication, site: Site) -> None:
    site.broken, site.retry_after = {"/feed.xml": 429}, 3600
    report = at(publication, 0)
    assert "/more.xml" not in site.asked
    assert "/sitemap.xml" not in site.asked
    assert [failure.where for failure in report.failures] == ["source first", "source second", "source third"]
    assert report.failures[1].what == "127.0.0.1 wants to be left alone until 2024-08-09 10:00 UTC, as it told another source"
    site.asked.clear()
    site.broken = {}
    at(publication, 59)
    assert site.asked == []
    assert at(publication, 60).failures == ()
    assert live(publication).keys() == {"brushing", "drying", "swimming"}


def test_a_page_that_asks_for_patience_speaks_for_its_host(publication: Publication, site: Site) -> None:
    publication.sources(source("website", site.url, name="first"), source("feed", f"{site.url}/more.xml", name="second"))
    site.broken, site.retry_after = {"/drying": 429}, 3600
    at(publication, 0)
    assert site.asked[-1] == "/drying"
    assert live(publication).keys() == {"brushing"}
    site.asked.clear()
    site.broken = {}
    at(publication, 59)
    assert site.asked == []
    assert at(publication, 60).failures == ()
    assert live(publication).keys() == {"brushing", "drying", "swimming"}


def test_a_failure_that_asks_for_nothing_keeps_no_other_source_of_its_host_waiting(publication: Publication, site: Site) -> None:
    site.broken = {"/feed.xml": 500}
    assert [failure.where for failure in at(publication, 0).failures] == ["source first"]
    assert live(publication).keys() == {"brushing", "drying", "swimming"}


def test_a_host_is_left_alone_for_a_week_at_most(publication: Publication, site: Site) -> None:
    publication.sources(source("feed", f"{site.url}/feed.xml", name="first"))
    site.broken, site.retry_after = {"/feed.xml": 503}, 3600 * 24 * 365
    collect(publication)
    site.broken = {}
    assert len(collect(publication, days(6.9)).failures) == 1
    assert collect(publication, days(7)).failures == ()
