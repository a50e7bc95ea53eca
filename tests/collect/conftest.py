"""A web of one server, and fetchers for it."""

from collections.abc import Iterator

import pytest

from hairfeed.collect.network.fetch import Fetcher
from tests.collect.web import Clock, Web


@pytest.fixture
def web() -> Iterator[Web]:
    """It knows every host name; its robots.txt is missing unless a test writes one."""
    with Web() as web:
        yield web


@pytest.fixture
def clock() -> Clock:
    """For pauses that take no time."""
    return Clock()


@pytest.fixture
def fetcher(clock: Clock) -> Iterator[Fetcher]:
    """It may fetch from this machine, where every host is."""
    with Fetcher(
        "HairFeed/1 (+https://example.org)", allow_private=True, clock=clock, sleep=clock.sleep, lookup=lambda _: ["127.0.0.1"]
    ) as fetcher:
        yield fetcher
