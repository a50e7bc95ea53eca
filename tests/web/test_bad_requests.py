"""What leads to nothing gets a page that says what to do next, with the right status, and no hint about who is subscribed."""

import re
import resource
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hairfeed import log
from hairfeed.store.database import Ledger
from tests.store.place import only_in_a_file
from tests.web.readers import BASE, READER, SITE, Readers

FORM = "application/x-www-form-urlencoded"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
HERE = ["/", "/sent", "/c/{token}", "/p/{token}", "/u/{token}", "/api/subscribe", "/hooks/resend"]


def is_a_page(answer: Any) -> bool:
    """Whether it is a whole page with something to do next, and nothing of our insides."""
    page = answer.text
    return page.startswith("<!DOCTYPE html>") and 'class="button"' in page and "Traceback" not in page and "hairfeed" not in page


def forged(readers: Readers) -> dict[str, str]:
    """Links that are none, each beside a reader who is subscribed."""
    good = readers.unsubscribe_link()
    token = good.rpartition("/")[2]
    other = "A" if token[-6] != "A" else "B"
    return {
        "tampered": f"{BASE}/u/{token[:-6]}{other}{token[-5:]}",
        "cut off": good[:-4],
        "for something else": f"{BASE}/p/{token}",
        "for something else still": f"{BASE}/c/{token}",
        "too long": f"{BASE}/u/{token * 9}",
        "nonsense": f"{BASE}/u/nonsense",
        "not ASCII": f"{BASE}/u/%C3%A9%00",
        "no page": f"{BASE}/x/{token}",
        "no token": f"{BASE}/u/",
    }


@contextmanager
def no_room(readers: Readers) -> Iterator[None]:
    """No file may get longer: of those here only the write-ahead log would."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = (readers.publication.folder / "hairfeed.db-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_links_that_are_none_are_not_found_and_look_alike(readers: Readers) -> None:
    readers.join()
    pages = {}
    for why, link in forged(readers).items():
        for answer in (readers.get(link), readers.post(link, {"List-Unsubscribe": "One-Click"})):
            assert answer.status_code == 404, why
            assert is_a_page(answer), why
            pages[why] = answer.content
    assert len(set(pages.values())) == 1
    assert "weekly" in readers.states()


@pytest.mark.parametrize("host", ["evil.example", "hair.example.org@evil.example", "evil.example:80", "[", "x//evil.example", ""])
def test_nobody_is_led_to_a_host_that_the_request_names(readers: Readers, host: str) -> None:
    readers.join()
    link = readers.unsubscribe_link()
    for path in ("", "/", "/sent/", "/api/subscribe/", link, f"{link}/", "/u/"):
        for method, fields in (("GET", None), ("POST", {"action": "leave"}), ("POST", ONE_CLICK)):
            answer = readers.client.request(method, f"/mail{path.removeprefix(BASE)}", data=fields, headers={"Host": host})
            assert answer.headers.get("location", "/mail/").startswith("/mail/"), path
            assert "evil" not in answer.text
            assert answer.headers["cache-control"] == "no-store", path


def test_the_pages_address_without_its_slash_leads_to_them(readers: Readers) -> None:
    answer = readers.get("")
    assert (answer.status_code, answer.headers["location"]) == (308, "/mail/")


def test_other_methods_are_not_allowed(readers: Readers) -> None:
    readers.join()
    token = readers.unsubscribe_link().rpartition("/")[2]
    for path in ("/", "/sent", f"/u/{token}", f"/c/{token}", f"/p/{token}"):
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
            answer = readers.client.request(method, f"/mail{path}")
            assert (answer.status_code, "GET" in answer.headers["allow"]) == (405, True)
            assert is_a_page(answer)
    assert readers.post("/sent").status_code == 405
    assert readers.client.put("/mail/api/subscribe").json().keys() == {"error"}


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": FORM}, b"email=" + b"x" * 20_000, 413),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"x" * 20_000, 413),
        ({"Content-Type": "application/json"}, b"{}", 415),
        ({"Content-Type": "text/plain"}, b"email=reader%40example.net", 415),
        ({}, b"email=reader%40example.net", 415),
        ({"Content-Type": "multipart/form-data"}, b"--x--", 400),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--", 400),
        (
            {"Content-Type": "multipart/form-data; boundary=x; charset=nonsense"},
            b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\nx\r\n--x--',
            422,
        ),
        ({"Content-Type": FORM}, b"", 422),
        ({"Content-Type": FORM}, b"&" * 1000, 422),
        ({"Content-Type": FORM}, b"email=%00%ff%fe&name=%ed%a0%80", 422),
    ],
)
def test_a_body_that_cannot_be_taken_says_so(readers: Readers, headers: Mapping[str, str], body: bytes, status: int) -> None:
    before = readers.rows()
    answer = readers.post("/", content=body, headers=headers)
    assert answer.status_code == status
    assert is_a_page(answer)
    assert readers.rows() == before


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"[]", 400),
        ("application/json", b"{", 400),
        ("application/json", b"\xff", 400),
        ("application/json", b"[" * 9000, 400),
        ("application/json", b'{"email": 1}', 400),
        ("application/json", b'{"email": {"a": "b"}}', 400),
        ("application/json", b'{"email": "\\ud800"}', 422),
        ("application/json", b'"' + b"x" * 20_000 + b'"', 413),
        (FORM, b"email=reader%40example.net", 415),
    ],
)
def test_json_that_cannot_be_taken_is_answered_in_json(readers: Readers, kind: str, body: bytes, status: int) -> None:
    answer = readers.post("/api/subscribe", content=body, headers={"Content-Type": kind, "Origin": SITE})
    assert answer.status_code == status
    assert "error" in answer.json()


def test_a_button_that_is_none_is_refused(readers: Readers) -> None:
    readers.join()
    number = readers.number()
    links = [readers.confirm_link(), readers.unsubscribe_link(), readers.links().preferences(number, "weekly")]
    before = readers.rows()
    for link in links:
        for fields in ({}, {"action": "nonsense"}, {"List-Unsubscribe": "one-click"}):
            answer = readers.post(link, fields or {"a": "b"})
            assert answer.status_code == 400
            assert is_a_page(answer)
    assert readers.rows() == before


def test_every_answer_keeps_the_link_to_itself(readers: Readers) -> None:
    readers.join()
    answers = [
        readers.get("/"),
        readers.get(readers.unsubscribe_link()),
        readers.get(readers.confirm_link()),
        readers.get("/u/nonsense"),
        readers.post(readers.unsubscribe_link(), {"action": "leave"}),
        readers.post(readers.unsubscribe_link(), {"List-Unsubscribe": "One-Click"}),
        readers.client.put("/mail/"),
    ]
    for answer in answers:
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert "set-cookie" not in answer.headers
        if answer.text.startswith("<!DOCTYPE"):
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert not re.findall(r"<script|<img|<link|\sstyle=|\son\w+=", answer.text)


@only_in_a_file
def test_a_ledger_that_is_held_by_another_is_another_time(readers: Readers) -> None:
    readers.join()
    link = readers.unsubscribe_link()
    other: Ledger = readers.publication.ledger()
    readers.client.close()
    readers.ledger.close()
    readers.publication.configure("lock_timeout = 5", "lock_timeout = 0.1")
    readers.open()
    log.begin("warning", readers.publication.folder / "log")
    with other.write():
        answer = readers.post(link, {"List-Unsubscribe": "One-Click"})
    other.close()
    log.end()
    assert "event=web_unavailable error=StoreError" in (readers.publication.folder / "log").read_text(encoding="utf-8")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert is_a_page(answer)
    assert readers.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200


@only_in_a_file
def test_a_full_disk_is_another_time_and_nothing_is_half_done(readers: Readers) -> None:
    readers.join()
    readers.sign_up("other@example.net")
    readers.run()
    number, links, stamp, form = readers.number(), readers.links(), readers.stamp(), readers.get("/api/subscribe").json()["form"]
    asked = {"email": "new@example.net", "newsletter": ["weekly"], "stamp": stamp, "form": form}
    posts: list[tuple[str, dict[str, Any]]] = [
        ("/", {"data": asked}),
        ("/api/subscribe", {"json": asked, "headers": {"Origin": SITE}}),
        (readers.confirm_link(), {"data": {"action": "confirm", "newsletter": "weekly"}}),
        (links.preferences(number, "weekly"), {"data": {"action": "save", "name": "Ann" * 20}}),
        (links.unsubscribe(number, "weekly"), {"data": ONE_CLICK}),
        (links.unsubscribe(number, "weekly"), {"data": {"action": "leave-all"}}),
    ]
    with no_room(readers):
        before = readers.rows()
        for path, body in posts:
            answer = readers.client.post(f"/mail{path.removeprefix(BASE)}", **body)
            assert (path, answer.status_code, answer.headers["retry-after"]) == (path, 503, "60")
            assert is_a_page(answer) or answer.json().keys() == {"error"}
            assert readers.rows() == before
        assert readers.get(links.unsubscribe(number, "weekly")).status_code == 200
    for path, body in posts:
        assert readers.client.post(f"/mail{path.removeprefix(BASE)}", **body).status_code < 400, path


def test_a_template_of_the_operator_that_is_broken_is_no_secret_of_ours(readers: Readers) -> None:
    folder = readers.publication.folder / "templates" / "web"
    folder.mkdir(parents=True)
    (folder / "join.html").write_text("{{ nonsense }}", encoding="utf-8")
    readers.publication.configure('author = "The Editor"', 'author = "The Editor"\ntemplates = "../templates"')
    readers.client.close()
    readers.ledger.close()
    readers.open(raises=False)
    answer = readers.get("/")
    assert answer.status_code == 500
    assert is_a_page(answer)
    assert "nonsense" not in answer.text


WORDS = [READER, "weekly", "confirm", "leave-all", "undo", "save", "renew", "One-Click", "de"]
FIELDS = ["email", "name", "newsletter", "topic", "language", "lang", "stamp", "website", "action", "List-Unsubscribe"]
TEXT = st.text(max_size=40) | st.sampled_from(WORDS)
NAME = st.sampled_from([*FIELDS, "topic-weekly", "language-weekly"]) | st.text(max_size=10)
VALUE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40) | st.sampled_from([SITE, FORM, "application/json"])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(HERE),
    token=st.text(max_size=50) | st.sampled_from(["good u", "good c", "good p"]),
    method=st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "PUT"]),
    fields=st.dictionaries(NAME, st.lists(TEXT, max_size=3), max_size=8),
    headers=st.dictionaries(
        st.sampled_from(["Accept-Language", "X-Forwarded-For", "Origin", "Content-Type", "Accept"]),
        VALUE,
    ),
    raw=st.none() | st.binary(max_size=200),
)
def test_no_request_makes_the_app_stumble(
    readers: Readers,
    path: str,
    token: str,
    method: str,
    fields: dict[str, list[str]],
    headers: dict[str, str],
    raw: bytes | None,
) -> None:
    if not readers.states():
        readers.join()
    good = {
        "good u": readers.unsubscribe_link(),
        "good c": readers.confirm_link(),
        "good p": readers.links().preferences(readers.number(), "weekly"),
    }
    used = good[token].rpartition("/")[2] if token in good else quote(token.encode("utf-8", "replace"), safe="")
    url = f"/mail{path.replace('{token}', used)}"
    body: Any = {"content": raw} if raw is not None else {"data": fields}
    if "json" in headers.get("Content-Type", ""):
        body = {"json": fields}
    answer = readers.client.request(method, url, headers={name: value.strip() for name, value in headers.items()}, **body)
    assert answer.status_code < 500
    readers.later(seconds=1)
