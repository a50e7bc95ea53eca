"""One table of expectations for `hairfeed serve` and for the web servers that our examples set up."""

import gzip
import http.client
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import brotli
import pytest

from tests.web.servers import BROTLI, MOVED, caddy, hairfeed, nginx, which_nginx

CONTENT = b"<rss>" + b"words and words and words " * 200 + b"</rss>"
ARCHIVED = "archive/0001-0123456789ab.atom"
PICTURE = "pictures/0123456789abcdef0123.jpg"
ENTRY = "https://hairfear.com/feeds"
MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT"
FOR_A_WHILE = "public, max-age=900"
FOR_EVER = "public, max-age=31536000, immutable"
METHODS = "GET, HEAD, OPTIONS"

Fields = dict[str, str | None]
"""Names in lower case; None is a field that must not be there."""

GZIP: Fields = {"accept-encoding": "gzip, deflate"}
READABLE = {"access-control-allow-origin": "*", "x-content-type-options": "nosniff", "set-cookie": None}


def links(path: str) -> str:
    """What a feed leads to."""
    return f'<https://hub.example.org/hub>; rel="hub", <{ENTRY}/{path}>; rel="self"'


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A feeds directory with everything that may be in one."""
    folder = tmp_path_factory.mktemp("feeds")
    public = folder / "public"
    names = [
        "feed.rss",
        "feed.atom",
        "feed.json",
        "feeds.opml",
        "index.html",
        "style.css",
        "other",
        ARCHIVED,
        "category/feed.rss",
        "category/dyes/feed.json",
        "category/dyes/index.html",
        PICTURE,
        *(f"{old}{name}" for old in MOVED for name in ("feed.json", "index.html")),
    ]
    for name in [*names, ".hidden.rss", ".feed.rss.part", "feed.rss.part", "old.rss.gone", "empty/.keep"]:
        (public / name).parent.mkdir(parents=True, exist_ok=True)
        (public / name).write_bytes(CONTENT)
    for old, new in MOVED.items():
        for name in ("feed.json", "index.html"):
            (public / f"{old}{name}.moved").write_text(f"{new}{name}")
    (public / "feed.rss.gz").write_bytes(gzip.compress(CONTENT, 9, mtime=0))
    os.utime(public / "feed.rss", (784_111_777, 784_111_777))
    (folder / "secret.rss").write_bytes(b"secret")
    (public / "link.rss").symlink_to(folder / "secret.rss")
    (public / "outside").symlink_to(folder)
    return public


@pytest.fixture(
    scope="module",
    params=[
        "hairfeed",
        pytest.param("nginx", marks=pytest.mark.skipif(which_nginx() is None, reason="nginx is not installed")),
        pytest.param("caddy", marks=pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy is not installed")),
    ],
)
def server(request: pytest.FixtureRequest, public: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """A server's name and port."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "hairfeed":
        with hairfeed(folder, public) as (_, port):
            yield request.param, port
    else:
        with nginx(folder, public) if request.param == "nginx" else caddy(folder, public) as port:
            yield request.param, port


def ask(port: int, path: str, method: str = "GET", fields: Fields | None = None) -> tuple[int, dict[str, str], bytes]:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True, skip_host="host" in (fields or {}))
        for name, value in (fields or {}).items():
            connection.putheader(name, value or "")
        connection.endheaders()
        reply = connection.getresponse()
        return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("method", "path", "asked", "status", "expected"),
    [
        ("GET", "feed.rss", {}, 200, {"content-type": "application/rss+xml; charset=utf-8", "link": links("feed.rss"), **READABLE}),
        ("GET", "feed.rss", {}, 200, {"cache-control": FOR_A_WHILE, "vary": "Accept-Encoding", "last-modified": MODIFIED}),
        ("GET", "feed.atom", {}, 200, {"content-type": "application/atom+xml; charset=utf-8", "link": links("feed.atom")}),
        ("GET", "feed.json", {}, 200, {"content-type": "application/feed+json", "link": links("feed.json")}),
        ("GET", "feeds.opml", {}, 200, {"content-type": "text/x-opml; charset=utf-8", "link": None, "cache-control": FOR_A_WHILE}),
        ("GET", "", {}, 200, {"content-type": "text/html; charset=utf-8", "link": None, **READABLE}),
        ("GET", "style.css", {}, 200, {"content-type": "text/css; charset=utf-8"}),
        ("GET", "category/feed.rss?from=here", {}, 200, {"link": links("category/feed.rss")}),
        ("GET", ARCHIVED, {}, 200, {"cache-control": FOR_EVER, "link": f'<{ENTRY}/{ARCHIVED}>; rel="self"'}),
        (
            "GET",
            PICTURE,
            GZIP,
            200,
            {"content-type": "image/jpeg", "cache-control": FOR_EVER, "link": None, "content-encoding": None},
        ),
        ("GET", "feed.rss", GZIP, 200, {"content-encoding": "gzip", "content-type": "application/rss+xml; charset=utf-8"}),
        ("GET", "feed.rss", {"accept-encoding": "gzip;q=0"}, 200, {"content-encoding": None}),
        ("HEAD", "feed.rss", {}, 200, {"content-length": str(len(CONTENT)), "link": links("feed.rss")}),
        ("GET", "feed.rss", {"range": "bytes=0-9"}, 200, {"content-range": None}),
        ("GET", "feed.rss", {"if-modified-since": MODIFIED}, 304, {"cache-control": FOR_A_WHILE, "vary": "Accept-Encoding"}),
        ("GET", "feed.rss", {"if-modified-since": MODIFIED}, 304, {"link": links("feed.rss"), **READABLE}),
        ("GET", "feed.rss", {"if-modified-since": MODIFIED.replace("1994", "1995")}, 304, {}),
        ("GET", "feed.rss", {"if-modified-since": MODIFIED.replace("1994", "1993")}, 200, {}),
        ("GET", "feed.rss", {"if-modified-since": "yesterday"}, 200, {}),
        ("GET", "feed.rss", {"if-none-match": "*"}, 304, {}),
        ("GET", "feed.rss", {"if-none-match": '"other"', "if-modified-since": MODIFIED}, 200, {}),
        ("GET", "old.rss", {}, 410, READABLE),
        ("HEAD", "old.rss", {}, 410, {}),
        ("GET", "nothing.rss", {}, 404, READABLE),
        ("GET", "empty/", {}, 404, {}),
        ("OPTIONS", "feed.rss", {}, 204, {"allow": METHODS, "access-control-allow-methods": METHODS, **READABLE}),
        ("POST", "feed.rss", {"content-length": "0"}, 405, {"allow": METHODS}),
        ("DELETE", "feed.rss", {}, 405, {"allow": METHODS}),
        ("GET", "old.rss.gone", {}, 404, {}),
        ("GET", "category/colour/feed.json.moved", {}, 404, {}),
        ("GET", "feed.rss.gz", {}, 404, {}),
        ("GET", "feed.rss.part", {}, 404, {}),
        ("GET", ".feed.rss.part", {}, 404, {}),
        ("GET", ".hidden.rss", {}, 404, {}),
    ],
)
def test_servers_agree(server: tuple[str, int], method: str, path: str, asked: Fields, status: int, expected: Fields) -> None:
    found, fields, body = ask(server[1], f"/feeds/{path}", method, asked)
    assert found == status
    assert {name: fields.get(name) for name in expected} == expected
    assert body == b"" if method == "HEAD" or status in (204, 304) else True
    if (method, status) == ("GET", 200):
        assert (gzip.decompress(body) if "content-encoding" in fields else body) == CONTENT


DYES = f"{ENTRY}/category/dyes"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        # A feed whose articles went to another one.
        ("hairfear.com", "/feeds/category/colour/feed.json", f"{DYES}/feed.json"),
        ("hairfear.com", "/feeds/category/colour/feed.json?from=here&x=%20", f"{DYES}/feed.json?from=here&x=%20"),
        ("hairfear.com", "/feeds/category/colour/", f"{DYES}/"),
        ("hairfear.com", "/feeds/category/colour/index.html", f"{DYES}/"),
        ("hairfear.com", f"/feeds/category/colour/{ARCHIVED.replace('atom', 'json')}", f"{DYES}/feed.json"),
        ("hairfear.com", "/feeds/category/%E5%A4%B4%E5%8F%91/feed.json", f"{DYES}/feed.json"),
        ("hairfear.com", "/feeds/category/%e5%a4%b4%e5%8f%91/feed.json", f"{DYES}/feed.json"),
        # A document of an archive that became another one.
        ("hairfear.com", "/feeds/archive/0001-ffffffffffff.rss?x=1", f"{ENTRY}/feed.rss?x=1"),
        ("hairfear.com", "/feeds/category/archive/12345-ffffffffffff.rss", f"{ENTRY}/category/feed.rss"),
        # All feeds, from another host.
        ("old.example.com", "/feeds/feed.rss", f"{ENTRY}/feed.rss"),
        ("old.example.com:8080", "/feeds/feed.atom?x=1", f"{ENTRY}/feed.atom?x=1"),
        ("OLD.example.com", "/feeds/feeds.opml", f"{ENTRY}/feeds.opml"),
        ("old.example.com", "/feeds/", f"{ENTRY}/"),
        ("old.example.com", f"/feeds/{PICTURE}", f"{ENTRY}/{PICTURE}"),
        ("old.example.com", "/feeds/archive/0001-ffffffffffff.atom", f"{ENTRY}/feed.atom"),
        # All feeds, from another path; and of a feed that moved since, in one step.
        ("hairfear.com", "/rss/feed.json", f"{ENTRY}/feed.json"),
        ("hairfear.com", "/rss/category/dyes/", f"{DYES}/"),
        ("hairfear.com", "/rss/category/colour/feed.json?x=1", f"{DYES}/feed.json?x=1"),
        ("old.example.com", "/feeds/category/colour/", f"{DYES}/"),
        ("old.example.com", f"/feeds/category/colour/{ARCHIVED.replace('atom', 'json')}", f"{DYES}/feed.json"),
    ],
)
def test_who_asks_at_a_former_address_is_sent_on_in_one_step(
    server: tuple[str, int], host: str, path: str, expected: str, method: str
) -> None:
    status, fields, _ = ask(server[1], path, method, {"host": host})
    # Relative to the host asked where that is the one.
    assert (status, urljoin(f"https://{host}{path}", fields["location"])) == (301, expected)
    assert (fields["access-control-allow-origin"], fields["x-content-type-options"]) == ("*", "nosniff")


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("hairfear.com", "/feeds/category/dyes/feed.json"),
        ("hairfear.com", "/feeds/feed.rss"),
        ("127.0.0.1", "/feeds/feed.rss"),
        ("hairfear.com", f"/feeds/{ARCHIVED}"),
    ],
)
def test_nobody_is_sent_away_from_where_a_feed_is(server: tuple[str, int], host: str, path: str) -> None:
    assert ask(server[1], path, fields={"host": host})[0] == 200


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("old.example.com", "/feeds//evil.example/feed.rss"),
        ("old.example.com", "/feeds/category/%2F%2Fevil.example/feed.rss"),
        ("old.example.com", "//evil.example/..//feeds/feed.rss"),
        ("hairfear.com", "//evil.example/../feeds/archive/0001-ffffffffffff.rss"),
        ("hairfear.com", "/feeds//evil.example/archive/0001-ffffffffffff.rss"),
        ("hairfear.com", "/rss/%0d%0aLocation:%20https://evil.example/feed.rss"),
        ("hairfear.com", "/feeds/%0d%0aLocation:%20https:evil.example%0d%0a/archive/0001-ffffffffffff.rss"),
        ("evil.example", "/feeds/category/colour/feed.json"),
        ("evil.example", "/rss/feed.json"),
        ("hairfear.com", "/rss/category/colour/../../../evil"),
        ("old.example.com", "/elsewhere/feed.rss"),
    ],
)
def test_no_request_makes_a_redirect_to_somewhere_else(server: tuple[str, int], host: str, path: str) -> None:
    _, fields, _ = ask(server[1], path, fields={"host": host})
    target = urlsplit(urljoin("https://hairfear.com/", fields.get("location", "")))
    assert (target.scheme, target.hostname) == ("https", "hairfear.com")


def test_each_coding_has_a_strong_tag_that_is_known_again(server: tuple[str, int]) -> None:
    tags = set()
    codings: tuple[Fields, Fields] = ({}, GZIP)
    for asked in codings:
        tag = ask(server[1], "/feeds/feed.rss", fields=asked)[1]["etag"]
        assert tag.startswith('"')
        tags.add(tag)
        for known in (tag, f"W/{tag}", f'"x", {tag}'):
            status, fields, body = ask(server[1], "/feeds/feed.rss", fields={"if-none-match": known, **asked})
            assert (status, fields["etag"], body) == (304, tag, b"")
    assert len(tags) == 2


@pytest.mark.skipif(
    which_nginx() is None or not BROTLI.exists(), reason="nginx with libnginx-mod-http-brotli-static is not installed"
)
# With `disable_symlinks` Debian's module mistakes some files for folders, and serves another form: see docs/serving.md.
def test_nginx_serves_what_lies_there_in_brotli_with_a_tag_of_its_own(tmp_path: Path) -> None:
    public = tmp_path / "public"
    public.mkdir()
    forms = {"": CONTENT, ".gz": gzip.compress(CONTENT, 9, mtime=0), ".br": brotli.compress(CONTENT)}
    for ending, content in forms.items():
        (public / f"feed.rss{ending}").write_bytes(content)
    found = {}
    with nginx(tmp_path, public, brotli=True) as port:
        for accepted in ("", "gzip", "br", "gzip, deflate, br"):
            asked: Fields = {"accept-encoding": accepted}
            _, fields, body = ask(port, "/feeds/feed.rss", fields=asked)
            assert (fields["content-type"], fields["vary"]) == ("application/rss+xml; charset=utf-8", "Accept-Encoding")
            tag = fields["etag"]
            assert tag.startswith('"')
            assert ask(port, "/feeds/feed.rss", fields=asked | {"if-none-match": tag})[0] == 304
            found[accepted] = (fields.get("content-encoding"), body, tag)
        assert ask(port, "/feeds/feed.rss.br")[0] == 404
    assert [coding for coding, _, _ in found.values()] == [None, "gzip", "br", "br"]
    assert [body for _, body, _ in found.values()] == [forms[""], forms[".gz"], forms[".br"], forms[".br"]]
    assert len({tag for _, _, tag in found.values()}) == 3


def test_a_folder_is_found_by_its_name(server: tuple[str, int]) -> None:
    status, fields, _ = ask(server[1], "/feeds")
    assert (status in (301, 308), fields["location"]) == (True, "/feeds/")


@pytest.mark.parametrize(
    "path",
    ["../secret.rss", "%2e%2e/secret.rss", "..%2fsecret.rss", "link.rss", "outside/secret.rss", "feed.rss%00", "..%5csecret.rss"],
)
def test_nothing_outside_is_served(server: tuple[str, int], path: str) -> None:
    name, port = server
    status, _, body = ask(port, f"/feeds/{path}")
    if name != "caddy":
        assert status in (400, 404)
    # Caddy follows links, as docs/serving.md says, and answers for what lies outside /feeds/ with nothing.
    if name != "caddy" or path not in ("link.rss", "outside/secret.rss"):
        assert b"secret" not in body
