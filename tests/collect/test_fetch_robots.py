"""What hosts say in their robots.txt, and the pauses between requests."""

from collections.abc import Iterator

import pytest

from hairfeed.collect.network.fetch import Fetcher
from hairfeed.collect.network.pace import Deadline, Pace
from hairfeed.collect.network.robots import MOST_BYTES, Robots
from hairfeed.errors import Gone, NotAllowed, TryLater
from tests.collect.web import Asked, Clock, ResetConnection, Web, answer, redirect

PAGE = answer(b"page")


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /private", "/private/a", False),
        ("User-agent: *\nDisallow: /private", "/public", True),
        ("User-agent: *\nDisallow: /private\nAllow: /private/a", "/private/a", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?x", True),
        ("User-agent: *\nDisallow: /*?print=", "/a?print=1", False),
        ("User-agent: hairfeed\nDisallow: /", "/a", False),
        ("User-agent: HairFeed\nAllow: /\n\nUser-agent: *\nDisallow: /", "/a", True),
        ("User-agent: OtherBot\nDisallow: /", "/a", True),
        ("\ufeffUser-agent: *\r\nDisallow: /\r\n", "/a", False),
        ("User-agent: *\nDisallow: /gr%C3%BCn", "/gr%c3%bcn", False),
        ("User-agent: *\nDisallow: /grün", "/gr%C3%BCn", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("<!DOCTYPE html><html><body><p>Disallow: /</p>User-agent: nobody</body></html>", "/a", True),
        ("\x00\x01\xff", "/a", True),
        ("", "/a", True),
    ],
)
def test_rules_are_obeyed(web: Web, fetcher: Fetcher, rules: str, path: str, allowed: bool) -> None:
    web.pages |= {"/robots.txt": answer(rules.encode()), path.replace("%c3%bc", "%C3%BC"): PAGE}
    if allowed:
        assert fetcher.get(web.url(path)) is not None
    else:
        with pytest.raises(NotAllowed, match=r"robots\.txt forbids"):
            fetcher.get(web.url(path))
        assert web.paths == []


@pytest.mark.parametrize("status", ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "410 Gone"])
def test_a_host_without_rules_allows_everything(web: Web, fetcher: Fetcher, status: str) -> None:
    web.pages |= {"/robots.txt": answer(b"User-agent: *\nDisallow: /", status), "/a": PAGE}
    assert fetcher.get(web.url("/a")) is not None


def broken(_: Asked) -> Iterator[bytes]:
    """No answer at all."""
    yield b""
    raise ResetConnection


@pytest.mark.parametrize(
    "reply",
    [
        answer(b"", "500 Internal Server Error"),
        answer(b"", "503 Service Unavailable"),
        answer(b"", "429 Too Many Requests"),
        answer(b"short", length=100),
        answer(b"no gzip", "200 OK", "Content-Encoding: gzip"),
        b"no http",
        broken,
    ],
    ids=["500", "503", "429", "truncated", "not gzip", "not http", "reset"],
)
def test_a_host_whose_rules_cannot_be_read_is_left_alone(web: Web, fetcher: Fetcher, reply: bytes) -> None:
    web.pages |= {"/robots.txt": reply, "/a": PAGE}
    with pytest.raises(TryLater, match="nothing else is fetched there"):
        fetcher.get(web.url("/a"))
    asked = len(web.asked)
    with pytest.raises(TryLater, match="nothing else is fetched there"):
        fetcher.get(web.url("/b"))
    assert web.paths == []
    assert len(web.asked) == asked


def test_its_retry_after_is_handed_on(web: Web, fetcher: Fetcher) -> None:
    web.pages["/robots.txt"] = answer(b"", "503 Service Unavailable", "Retry-After: 600")
    for _ in range(2):
        with pytest.raises(TryLater) as raised:
            fetcher.get(web.url("/a"))
        assert raised.value.retry_after is not None
        assert raised.value.retry_after.total_seconds() == 600


def test_rules_are_fetched_once_for_each_host(web: Web, fetcher: Fetcher) -> None:
    for _ in range(2):
        for host in ("one.example", "ONE.example", "two.example"):
            with pytest.raises(Gone):
                fetcher.get(web.url("/a", host=host))
    robots = [asked.headers["host"].lower() for asked in web.asked if asked.path == "/robots.txt"]
    assert robots == [f"one.example:{web.port}", f"two.example:{web.port}"]


def test_rules_may_be_elsewhere(web: Web, fetcher: Fetcher) -> None:
    web.pages |= {"/robots.txt": redirect("/rules", "301 Moved Permanently"), "/rules": answer(b"User-agent: *\nDisallow: /a")}
    with pytest.raises(NotAllowed, match="forbids"):
        fetcher.get(web.url("/a"))
    assert web.paths == ["/rules"]


def test_a_redirect_obeys_the_rules_of_the_host_that_it_leads_to(web: Web, fetcher: Fetcher) -> None:
    def rules(asked: Asked) -> Iterator[bytes]:
        forbidden = asked.headers["host"].startswith("two.")
        yield answer(b"User-agent: *\nDisallow: /b" if forbidden else b"")

    web.pages |= {"/robots.txt": rules, "/a": redirect(web.url("/b", host="two.example")), "/b": PAGE}
    assert fetcher.get(web.url("/b")) is not None
    with pytest.raises(NotAllowed, match=r"two\.example.*forbids"):
        fetcher.get(web.url("/a"))
    assert web.paths == ["/b", "/a"]


def test_rules_can_be_ignored(web: Web, clock: Clock) -> None:
    web.pages |= {"/robots.txt": answer(b"User-agent: *\nDisallow: /"), "/a": PAGE}
    with Fetcher(
        "HairFeed/1", allow_private=True, obey_robots=False, clock=clock, sleep=clock.sleep, lookup=lambda _: ["127.0.0.1"]
    ) as fetcher:
        assert fetcher.get(web.url("/a")) is not None
    assert [asked.path for asked in web.asked] == ["/a"]


def test_only_the_beginning_of_endless_rules_is_read(web: Web, fetcher: Fetcher) -> None:
    def endless(_: Asked) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nDisallow: /a\n"
        while True:
            yield b"# nothing\n" * 1000

    web.pages |= {"/robots.txt": endless, "/b": PAGE}
    assert fetcher.get(web.url("/b")) is not None
    with pytest.raises(NotAllowed, match="forbids"):
        fetcher.get(web.url("/a"))


def test_a_rule_that_the_limit_cuts_in_two_is_no_rule() -> None:
    start, rule = b"User-agent: *\n", b"Disallow: /private"
    for spare, allowed in ((-1, True), (2, False)):
        padding = b"#" * (MOST_BYTES - len(start) - len(rule) - spare - 1) + b"\n"
        robots = Robots.read("https://one.example/robots.txt", start + padding + rule + b"\n" + b"#" * 100)
        assert robots.allows("https://one.example/private") == allowed
        assert robots.allows("https://one.example/p")


def test_sitemaps_are_read_from_the_rules(web: Web, fetcher: Fetcher) -> None:
    web.pages["/robots.txt"] = answer(
        b"Sitemap: https://one.example/sitemap.xml\nUser-agent: *\nDisallow: /\n"
        b"sitemap: /news.xml\nSitemap: https://one.example/sitemap.xml\n"
    )
    assert fetcher.sitemaps(web.url("/any/page")) == ["https://one.example/sitemap.xml", web.url("/news.xml")]


def test_without_rules_there_are_no_sitemaps(web: Web, fetcher: Fetcher) -> None:
    assert fetcher.sitemaps(web.url("/")) == []


def test_sitemaps_of_a_host_that_does_not_answer_are_unknown(web: Web, fetcher: Fetcher) -> None:
    web.pages["/robots.txt"] = answer(b"", "500 Internal Server Error")
    with pytest.raises(TryLater):
        fetcher.sitemaps(web.url("/"))


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [
        ("2.5", 2.5),
        ("0", 0),
        ("7", 7),
        ("30", 30),
        ("86400", 30),
        ("1e9", 30),
        ("inf", 0),
        ("-1", 0),
        ("nan", 0),
        ("soon", 0),
        ("", 0),
    ],
)
def test_a_crawl_delay_is_read(stated: str, seconds: float) -> None:
    robots = Robots.read("https://one.example/robots.txt", f"User-agent: *\nCrawl-delay: {stated}".encode())
    assert robots.crawl_delay == seconds


def test_the_delay_for_others_is_not_ours() -> None:
    robots = Robots.read("https://one.example/robots.txt", b"User-agent: OtherBot\nCrawl-delay: 9")
    assert robots.crawl_delay == 0


def test_a_host_is_asked_once_a_second(web: Web, fetcher: Fetcher, clock: Clock) -> None:
    web.pages |= {"/a": PAGE, "/b": PAGE}
    fetcher.get(web.url("/a"))
    assert clock.slept == [1]  # after robots.txt
    clock.now += 0.25
    fetcher.get(web.url("/b"))
    assert clock.slept == [1, 0.75]
    clock.now += 5
    fetcher.get(web.url("/a"))
    assert clock.slept == [1, 0.75]


def test_a_crawl_delay_makes_the_pause_longer_and_never_shorter(web: Web, fetcher: Fetcher, clock: Clock) -> None:
    def rules(asked: Asked) -> Iterator[bytes]:
        delay = "7.5" if asked.headers["host"].startswith("slow.") else "0.1"
        yield answer(f"User-agent: *\nCrawl-delay: {delay}".encode())

    web.pages |= {"/robots.txt": rules, "/a": PAGE}
    fetcher.get(web.url("/a", host="slow.example"))
    fetcher.get(web.url("/a", host="slow.example"))
    assert clock.slept == [7.5, 7.5]
    fetcher.get(web.url("/a", host="fast.example"))
    assert clock.slept == [7.5, 7.5, 1]


def test_hosts_do_not_wait_for_each_other(web: Web, fetcher: Fetcher, clock: Clock) -> None:
    web.pages |= {"/robots.txt": answer(), "/a": PAGE}
    for host in ("one.example", "two.example"):
        fetcher.get(web.url("/a", host=host))
    clock.slept.clear()
    clock.now += 1
    for host in ("one.example", "two.example"):
        fetcher.get(web.url("/a", host=host))
    assert clock.slept == []


def test_redirects_keep_the_pace_too(web: Web, fetcher: Fetcher, clock: Clock) -> None:
    web.pages |= {"/a": redirect("/b"), "/b": PAGE}
    fetcher.get(web.url("/a"))
    assert clock.slept == [1, 1]


def test_pauses_are_not_taken_from_the_time_of_the_answer(web: Web, fetcher: Fetcher, clock: Clock) -> None:
    web.pages["/robots.txt"] = answer(b"User-agent: *\nCrawl-delay: 30")
    for hop in range(5):
        web.pages[f"/{hop}"] = redirect(f"/{hop + 1}")
    web.pages["/5"] = PAGE
    assert fetcher.get(web.url("/0")) is not None
    assert clock.slept == [30] * 6


def test_the_pause_runs_from_the_start_of_a_request() -> None:
    clock = Clock()
    pace = Pace(clock, clock.sleep)
    assert pace.wait("one.example", 10) == 0
    clock.now += 4
    assert pace.wait("one.example", 10) == 6
    assert pace.wait("one.example", 10) == 10


def test_a_deadline_shortens_waits_and_then_refuses_them() -> None:
    clock = Clock()
    deadline = Deadline(clock)
    with pytest.raises(TimeoutError):
        deadline.within(1)
    deadline.start(10)
    assert deadline.within(20) == 10
    assert deadline.within(4) == 4
    clock.now += 9
    assert deadline.within(4) == 1
    deadline.put_off(2)
    assert deadline.within(4) == 3
    clock.now += 3
    with pytest.raises(TimeoutError):
        deadline.within(4)
