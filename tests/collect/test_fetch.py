"""Answers, versions, redirects and repetitions."""

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from hairfeed.collect.network.fetch import Fetched, Fetcher, Limits, Validators
from hairfeed.errors import FetchError, Gone, NotAllowed, TryLater, Unreadable
from tests.collect.web import Asked, Clock, ResetConnection, Web, answer, redirect

ETAG = '"v1"'
NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
MODIFIED = "Thu, 08 Aug 2024 10:00:00 GMT"


def get(fetcher: Fetcher, url: str) -> Fetched:
    """A page that is there."""
    fetched = fetcher.get(url)
    assert fetched is not None
    return fetched


def test_a_page_comes_with_its_type_charset_and_validators(web: Web, fetcher: Fetcher) -> None:
    web.pages["/a"] = answer(
        "Grün".encode("latin-1"),
        "200 OK",
        "Content-Type: Text/HTML; Charset=ISO-8859-1",
        f"ETag: {ETAG}",
        f"Last-Modified: {MODIFIED}",
    )
    assert get(fetcher, web.url("/a")) == Fetched(
        url=web.url("/a"),
        moved_to=None,
        content=b"Gr\xfcn",
        media_type="text/html",
        charset="iso-8859-1",
        validators=Validators(ETAG, MODIFIED),
    )


def test_the_request_names_us_and_its_host_and_nothing_else(web: Web, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    web.pages["/a"] = answer(b"first", "200 OK", "Set-Cookie: id=1; Path=/")
    get(fetcher, web.url("/a"))
    get(fetcher, web.url("/a"))
    sent = web.asked[-1].headers
    assert sent["user-agent"] == "HairFeed/1 (+https://example.org)"
    assert sent["host"] == f"one.example:{web.port}"
    assert set(sent) == {"host", "user-agent", "accept", "accept-encoding"}


def test_no_proxy_is_taken_from_the_environment(web: Web, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    with Web() as proxy:
        for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        web.pages["/a"] = answer(b"direct")
        assert get(fetcher, web.url("/a")).content == b"direct"
        assert proxy.connections == 0


def test_the_fragment_is_not_sent(web: Web, fetcher: Fetcher) -> None:
    web.pages["/a?b=c"] = answer(b"page")
    assert get(fetcher, web.url("/a?b=c#part")).url == web.url("/a?b=c")


@pytest.mark.parametrize(
    ("validators", "field", "value"),
    [
        (Validators(etag=ETAG), "if-none-match", ETAG),
        (Validators(last_modified=MODIFIED), "if-modified-since", MODIFIED),
    ],
)
def test_an_unchanged_page_is_none(web: Web, fetcher: Fetcher, validators: Validators, field: str, value: str) -> None:
    def conditional(asked: Asked) -> Iterator[bytes]:
        unchanged = asked.headers.get(field) == value
        yield NOT_MODIFIED if unchanged else answer(b"new")

    web.pages["/a"] = conditional
    assert fetcher.get(web.url("/a"), validators) is None
    assert get(fetcher, web.url("/a")).content == b"new"


def test_both_validators_are_sent_together(web: Web, fetcher: Fetcher) -> None:
    web.pages["/a"] = answer(b"new")
    fetcher.get(web.url("/a"), Validators(ETAG, MODIFIED))
    assert web.asked[-1].headers["if-none-match"] == ETAG
    assert web.asked[-1].headers["if-modified-since"] == MODIFIED


def test_not_modified_without_having_asked_is_no_page(web: Web, fetcher: Fetcher) -> None:
    web.pages["/a"] = NOT_MODIFIED
    with pytest.raises(Unreadable, match="304"):
        fetcher.get(web.url("/a"), Validators())


def test_a_validator_that_cannot_be_sent_back_is_not_kept(web: Web, fetcher: Fetcher) -> None:
    web.pages["/a"] = answer(b"page", "200 OK", 'ETag: "\xe9"', "Last-Modified: \t")
    assert get(fetcher, web.url("/a")).validators == Validators()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("404 Not Found", Gone),
        ("410 Gone", Gone),
        ("401 Unauthorized", NotAllowed),
        ("403 Forbidden", NotAllowed),
        ("451 Unavailable For Legal Reasons", NotAllowed),
        ("408 Request Timeout", TryLater),
        ("429 Too Many Requests", TryLater),
        ("500 Internal Server Error", TryLater),
        ("503 Service Unavailable", TryLater),
        ("999 Denied", TryLater),
        ("204 No Content", Unreadable),
        ("206 Partial Content", Unreadable),
        ("300 Multiple Choices", Unreadable),
        ("302 Found", Unreadable),
    ],
)
def test_a_status_says_what_to_do(web: Web, fetcher: Fetcher, status: str, error: type[FetchError]) -> None:
    web.pages["/a"] = answer(b"", status)
    with pytest.raises(FetchError, match=status[:3]) as raised:
        fetcher.get(web.url("/a"))
    assert isinstance(raised.value, error)


@pytest.mark.parametrize(
    ("statuses", "permanent"),
    [
        (["301 Moved Permanently"], True),
        (["308 Permanent Redirect"], True),
        (["301 Moved Permanently", "308 Permanent Redirect"], True),
        (["302 Found"], False),
        (["303 See Other"], False),
        (["307 Temporary Redirect"], False),
        (["301 Moved Permanently", "302 Found"], False),
        (["302 Found", "301 Moved Permanently"], False),
    ],
)
def test_a_page_has_moved_when_every_redirect_is_permanent(
    web: Web, fetcher: Fetcher, statuses: list[str], permanent: bool
) -> None:
    for hop, status in enumerate(statuses):
        web.pages[f"/{hop}"] = redirect(f"/{hop + 1}", status)
    web.pages[f"/{len(statuses)}"] = answer(b"here")
    fetched = get(fetcher, web.url("/0"))
    assert fetched.content == b"here"
    assert fetched.url == web.url(f"/{len(statuses)}")
    assert fetched.moved_to == (fetched.url if permanent else None)


@pytest.mark.parametrize(
    ("location", "arrives_at"),
    [
        ("b", "/d/b"),
        ("../b", "/b"),
        ("/b?x=y", "/b?x=y"),
        ("/b#part", "/b"),
        ("//two.example:{port}/b", "/b"),
        ("HTTP://two.example:{port}/b", "/b"),
        ("/grün", "/gr%C3%BCn"),
        ("/a b", "/a%20b"),
    ],
)
def test_a_location_may_take_every_form(web: Web, fetcher: Fetcher, location: str, arrives_at: str) -> None:
    web.pages["/d/a"] = redirect(location.format(port=web.port))
    web.pages[arrives_at] = answer(b"here")
    assert get(fetcher, web.url("/d/a")).content == b"here"
    assert web.paths == ["/d/a", arrives_at]


def test_gone_after_redirects_is_gone(web: Web, fetcher: Fetcher) -> None:
    web.pages["/a"] = redirect("/b", "301 Moved Permanently")
    with pytest.raises(Gone, match="/b"):
        fetcher.get(web.url("/a"))


def test_five_redirects_are_followed_and_six_are_not(web: Web, fetcher: Fetcher) -> None:
    for hop in range(6):
        web.pages[f"/{hop}"] = redirect(f"/{hop + 1}")
    web.pages["/6"] = answer(b"here")
    assert get(fetcher, web.url("/1")).content == b"here"
    with pytest.raises(NotAllowed, match="redirects more than 5 times"):
        fetcher.get(web.url("/0"))


def test_a_loop_of_redirects_ends(web: Web, fetcher: Fetcher) -> None:
    web.pages["/a"] = redirect("/b")
    web.pages["/b"] = redirect("/a")
    with pytest.raises(NotAllowed, match="redirects more than 5 times"):
        fetcher.get(web.url("/a"))
    assert len(web.paths) == 6


def test_the_body_of_a_redirect_is_not_read(web: Web, fetcher: Fetcher) -> None:
    def endless(_: Asked) -> Iterator[bytes]:
        yield b"HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n"
        while True:
            yield bytes(100_000)

    web.pages["/a"] = endless
    web.pages["/b"] = answer(b"here")
    assert get(fetcher, web.url("/a")).content == b"here"


@pytest.mark.parametrize(
    "location",
    ["ftp://one.example/a", "file:///etc/passwd", "gopher://one.example/", "javascript:alert(1)", "http://[::1"],
)
@pytest.mark.parametrize("obey_robots", [True, False])
def test_a_redirect_off_the_web_is_refused(web: Web, clock: Clock, location: str, obey_robots: bool) -> None:
    web.pages["/a"] = redirect(location)
    with (
        Fetcher("HairFeed/1", allow_private=True, obey_robots=obey_robots, clock=clock, sleep=clock.sleep) as fetcher,
        pytest.raises(NotAllowed, match="no web address"),
    ):
        fetcher.get(web.url("/a", host="127.0.0.1"))


@pytest.mark.parametrize(
    "url",
    ["", "http://", "http:///a", "page.html", "//one.example/", "ftp://one.example/", "http://one.example:99999/", "http://[x]/"],
)
def test_what_is_no_web_address_is_not_fetched(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(NotAllowed, match="no web address"):
        fetcher.get(url)


@pytest.mark.parametrize("host", ["user:secret@one.example", "secret@one.example"])
def test_addresses_with_credentials_are_refused_and_not_repeated_aloud(web: Web, fetcher: Fetcher, host: str) -> None:
    web.pages["/a"] = redirect(web.url("/b", host=host))
    for url in (web.url("/a"), web.url("/b", host=host)):
        with pytest.raises(NotAllowed, match="user name or password") as raised:
            fetcher.get(url)
        assert "secret" not in str(raised.value)
    assert web.paths == ["/a"]


def test_a_host_that_cannot_exist_is_not_fetched(clock: Clock) -> None:
    with Fetcher("HairFeed/1", clock=clock, sleep=clock.sleep) as fetcher, pytest.raises(NotAllowed):
        fetcher.get(f"http://{'x' * 64}.example/")


def test_an_unknown_host_is_for_later(clock: Clock) -> None:
    def unknown(host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with (
        Fetcher("HairFeed/1", clock=clock, sleep=clock.sleep, lookup=unknown) as fetcher,
        pytest.raises(TryLater, match="Name or service not known"),
    ):
        fetcher.get("http://one.example/")


@pytest.mark.parametrize("status", ["502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"])
def test_a_failing_gateway_is_asked_again_after_growing_waits(web: Web, fetcher: Fetcher, clock: Clock, status: str) -> None:
    web.pages["/a"] = [answer(b"", status), answer(b"", status), answer(b"page")]
    web.pages["/robots.txt"] = answer()
    assert get(fetcher, web.url("/a")).content == b"page"
    assert clock.slept == [1, 1, 2]  # the first is the pause after robots.txt


def test_repetitions_end(web: Web, fetcher: Fetcher) -> None:
    web.pages["/a"] = answer(b"", "503 Service Unavailable")
    with pytest.raises(TryLater):
        fetcher.get(web.url("/a"))
    assert web.paths == ["/a"] * 3


@pytest.mark.parametrize("status", ["500 Internal Server Error", "501 Not Implemented", "429 Too Many Requests", "404 Not Found"])
def test_other_failures_are_not_repeated(web: Web, fetcher: Fetcher, status: str) -> None:
    web.pages["/a"] = answer(b"", status)
    with pytest.raises(FetchError):
        fetcher.get(web.url("/a"))
    assert web.paths == ["/a"]


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
@pytest.mark.parametrize(
    "fields", [["Retry-After: 4"], ["Date: Thu, 08 Aug 2024 10:00:00 GMT", "Retry-After: Thu, 08 Aug 2024 10:00:04 GMT"]]
)
def test_a_short_retry_after_is_waited_for(web: Web, fetcher: Fetcher, clock: Clock, status: str, fields: list[str]) -> None:
    web.pages["/a"] = [answer(b"", status, *fields), answer(b"page")]
    assert get(fetcher, web.url("/a")).content == b"page"
    assert clock.slept == [1, 4]


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable", "500 Internal Server Error"])
def test_a_long_retry_after_is_handed_on(web: Web, fetcher: Fetcher, clock: Clock, status: str) -> None:
    web.pages["/a"] = answer(b"", status, "Retry-After: 6")
    with pytest.raises(TryLater) as raised:
        fetcher.get(web.url("/a"))
    assert raised.value.retry_after == timedelta(seconds=6)
    assert web.paths == ["/a"]
    assert clock.slept == [1]


def test_a_repetition_that_time_does_not_allow_is_left_to_the_next_pass(web: Web, clock: Clock) -> None:
    web.pages["/a"] = answer(b"", "503 Service Unavailable", "Retry-After: 4")
    with (
        Fetcher(
            "HairFeed/1",
            allow_private=True,
            limits=Limits(total_seconds=4),
            clock=clock,
            sleep=clock.sleep,
            lookup=lambda _: ["127.0.0.1"],
        ) as fetcher,
        pytest.raises(TryLater, match="503"),
    ):
        fetcher.get(web.url("/a"))
    assert web.paths == ["/a"]
    assert clock.slept == [1]


def reset(_: Asked) -> Iterator[bytes]:
    """Half an answer, and the connection is gone."""
    yield answer(b"half", length=100)
    raise ResetConnection


def test_a_broken_connection_is_tried_again(web: Web, fetcher: Fetcher) -> None:
    web.pages["/a"] = [reset, b"", answer(b"whole")]
    assert get(fetcher, web.url("/a")).content == b"whole"


def test_a_connection_that_keeps_breaking_is_for_later(web: Web, fetcher: Fetcher) -> None:
    web.pages["/a"] = reset
    with pytest.raises(TryLater, match="connection failed"):
        fetcher.get(web.url("/a"))
    assert web.paths == ["/a"] * 3


def test_a_closed_port_is_for_later(web: Web, fetcher: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(TryLater, match="refused"):
        fetcher.get(f"http://one.example:{port}/")


def test_a_silent_server_is_for_later_and_not_asked_again(web: Web) -> None:
    asked, over = threading.Event(), threading.Event()

    def silent(_: Asked) -> Iterator[bytes]:
        asked.set()
        over.wait(60)
        yield b""

    web.pages |= {"/a": silent, "/b": answer(b"here")}
    address = web.url("/a", host="127.0.0.1")
    with Fetcher("HairFeed/1", allow_private=True, limits=Limits(read_seconds=0.1), pause_seconds=0, obey_robots=False) as hasty:
        with pytest.raises(TryLater, match="too long"):
            hasty.get(address)
        assert asked.wait(60)
        over.set()
    with Fetcher("HairFeed/1", allow_private=True, pause_seconds=0, obey_robots=False) as patient:
        get(patient, web.url("/b", host="127.0.0.1"))  # connections are accepted in order: a repetition would have come before
    assert (web.paths, web.connections) == (["/a", "/b"], 2)


def test_connections_are_used_again(fetcher: Fetcher) -> None:
    with Web(keeps_connections=True) as web:
        web.pages |= {"/robots.txt": answer(last=False), "/a": answer(b"one", last=False), "/b": answer(b"two", last=False)}
        assert get(fetcher, web.url("/a")).content == b"one"
        assert get(fetcher, web.url("/b")).content == b"two"
        assert web.connections == 1
        fetcher.close()
