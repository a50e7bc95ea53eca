"""Of ten sources, one that misbehaves troubles nobody but itself."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import repeat
from threading import Event

import pytest

from hairfeed.store import articles
from tests.collect.site import Site, SitePage, served, source
from tests.collect.web import Asked, Reply, Web, answer
from tests.conftest import FRIDAY, Publication, free_port

FEED = (
    Site({"/odd": SitePage("About odd", "2024-08-01", "Odd as it is, this is an article. It takes two sentences.")}, port=9)
    .feed()
    .encode()
)

Behaviour = Callable[[Event], Reply | None]


def down(_over: Event) -> None:
    """Nobody listens."""


def slow(over: Event) -> Reply:
    """One byte a second."""

    def drip(_asked: Asked) -> Iterator[bytes]:
        yield answer(b"", length=len(FEED))
        for byte in FEED:
            if over.wait(1):
                return
            yield bytes([byte])

    return drip


def endless(_over: Event) -> Reply:
    """No end, and no stated length."""

    def flow(_asked: Asked) -> Iterable[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nConnection: close\r\n\r\n" + FEED[:-30]
        yield from repeat(b" " * 65536)

    return flow


def lying(_over: Event) -> Reply:
    """More was announced than comes."""
    return answer(FEED, length=len(FEED) + 1000)


def titles(publication: Publication) -> list[str]:
    ledger = publication.ledger()
    with ledger.read() as connection:
        shown = sorted(article.title for article in articles.live(connection, 100))
    ledger.close()
    return shown


@pytest.mark.parametrize("behaviour", [down, slow, endless, lying])
def test_nine_are_taken_in_and_the_tenth_is_named_and_left_alone_for_a_while(
    publication: Publication, behaviour: Behaviour
) -> None:
    over = Event()
    with ExitStack() as stack:
        web = stack.enter_context(Web())
        stack.callback(over.set)
        reply = behaviour(over)
        port = free_port() if reply is None else web.port
        web.pages["/feed.xml"] = reply or b""
        tenth = source("feed", f"http://127.0.0.1:{port}/feed.xml", "timeout = 1", name="tenth")
        others = []
        for number in range(9):
            page = SitePage(
                f"About {number}", "2024-08-01", f"This is what there is to say about {number}. It takes two sentences."
            )
            site = stack.enter_context(served(Site({f"/{number}": page})))
            kind, address = (("website", site.url), ("feed", f"{site.url}/feed.xml"))[number % 2]
            others.append(source(kind, address, "timeout = 60", name=f"source-{number}"))
        publication.sources(tenth, *others)
        report = publication.run(FRIDAY).collect
        assert [failure.where for failure in report.failures] == ["source tenth"]
        assert titles(publication) == [f"About {number}" for number in range(9)]
        asked = len(web.asked)
        waiting = publication.run(FRIDAY + timedelta(minutes=4)).collect
        assert len(web.asked) == asked
        assert ["failed once" in failure.what for failure in waiting.failures] == [True]
        web.pages["/feed.xml"] = answer(FEED, "200 OK", "Content-Type: application/rss+xml")
        recovered = source("feed", web.url("/feed.xml", "127.0.0.1"), name="tenth")
        publication.sources(tenth if reply else recovered, *others)
        assert publication.run(FRIDAY + timedelta(minutes=5)).collect.failures == ()
        assert "About odd" in titles(publication)
