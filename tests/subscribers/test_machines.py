"""Whose opens and clicks are counted as people's."""

from datetime import UTC, datetime, timedelta

import pytest

from hairfeed.models.hits import OPEN, Hit, LinkCount
from hairfeed.subscribers.machines import SOONEST, counted, is_machine, together

NOW = datetime(2024, 8, 16, 9, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=1)
SECOND = timedelta(seconds=1)

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile Safari"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Safari/537.36"
OUTLOOK = "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Microsoft Outlook 16.0.5266; ms-office; MSOffice 16)"
THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Thunderbird/115.13.0"
MACHINES = {
    "Apple Mail's privacy": "Mozilla/5.0",
    "Gmail": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Yahoo": "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
    "a search engine": "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Barracuda": "BarracudaCentral/1.0",
    "a chat": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "a headless browser": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/127.0.0.0",
    "a program": "python-requests/2.32.3",
    "nothing": "",
}


@pytest.mark.parametrize("agent", [PHONE, DESK, OUTLOOK, THUNDERBIRD], ids=["phone", "desk", "Outlook", "Thunderbird"])
def test_a_reader_is_none(agent: str) -> None:
    assert not is_machine(agent, NOW, EARLIER)
    assert not is_machine(agent, NOW, None)


@pytest.mark.parametrize("agent", MACHINES.values(), ids=MACHINES)
def test_what_says_that_it_is_one_is_believed(agent: str) -> None:
    assert is_machine(agent, NOW, EARLIER)


def test_whoever_comes_before_the_mail_can_have_been_read_is_one() -> None:
    assert is_machine(PHONE, NOW, NOW - SOONEST + SECOND)
    assert not is_machine(PHONE, NOW, NOW - SOONEST)


def hit(reader: int, link: int, seconds: float = 0, *, machine: bool = False) -> Hit:
    """A hit so many seconds from now."""
    return Hit(reader, link, NOW + seconds * SECOND, machine)


def test_a_reader_counts_once_and_machines_count_apart() -> None:
    hits = [hit(1, OPEN), hit(1, OPEN, 60), hit(1, 7, 70), hit(2, OPEN, 5), hit(2, OPEN, machine=True)]
    assert counted(hits) == [LinkCount(OPEN, 2, 1), LinkCount(7, 1, 0)]


def test_whoever_follows_many_links_at_once_reads_none_of_them() -> None:
    hits = [hit(1, OPEN), hit(1, 1, 1), hit(1, 2, 2), hit(1, 3, 3), hit(2, 1, 1), hit(2, 2, 20), hit(2, 3, 40)]
    assert counted(hits) == [LinkCount(OPEN, 0, 1), LinkCount(1, 1, 1), LinkCount(2, 1, 1), LinkCount(3, 1, 1)]


def test_a_reader_who_comes_back_after_a_scanner_counts() -> None:
    hits = [hit(1, 1), hit(1, 2), hit(1, 3), hit(1, 2, 3600)]
    assert counted(hits) == [LinkCount(1, 0, 1), LinkCount(2, 1, 1), LinkCount(3, 0, 1)]


def test_one_link_pressed_again_and_again_is_a_readers() -> None:
    assert counted([hit(1, 1, seconds) for seconds in range(5)]) == [LinkCount(1, 1, 0)]


def test_counts_add_up_by_link() -> None:
    assert together([LinkCount(1, 2, 3)], [LinkCount(0, 1, 0), LinkCount(1, 1, 1)]) == [LinkCount(0, 1, 0), LinkCount(1, 3, 4)]
