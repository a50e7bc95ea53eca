"""The feeds directory over HTTP, without a server between."""

import gzip
import os
from email.utils import formatdate
from pathlib import Path

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.files import write_whole
from hairfeed.web.documents import MOST_COMPRESSED
from hairfeed.web.feeds import FeedFiles
from tests.conftest import Publication
from tests.web.asking import CODINGS, HUB, URL, ask, files_of, tag_of

CONTENT = b"<rss>" + b"words and words and words " * 200 + b"</rss>"
UNPACK = {"identity": bytes, "gzip": gzip.decompress, "br": brotli.decompress}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A feeds directory with a feed."""
    folder = tmp_path / "public"
    folder.mkdir()
    (folder / "feed.rss").write_bytes(CONTENT)
    return folder


@pytest.fixture
def files(folder: Path) -> FeedFiles:
    """What serves it."""
    return files_of(folder)


def put(folder: Path, path: str, content: bytes = CONTENT) -> Path:
    """Write a file, as HairFeed does."""
    write_whole(folder / path, content)
    return folder / path


def test_what_was_published_is_what_is_served(publication: Publication) -> None:
    publication.page("brushing")
    publication.run()
    app = FeedFiles(publication.settings.feeds)
    for path in publication.public.rglob("*"):
        if path.is_file():
            reply = ask(app, f"/feeds/{path.relative_to(publication.public)}")
            assert (reply.status, reply.body) == (200, path.read_bytes())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("feed.rss", "application/rss+xml; charset=utf-8"),
        ("feed.atom", "application/atom+xml; charset=utf-8"),
        ("feed.json", "application/feed+json"),
        ("feeds.opml", "text/x-opml; charset=utf-8"),
        ("index.html", "text/html; charset=utf-8"),
        ("style.css", "text/css; charset=utf-8"),
        ("picture.png", "image/png"),
        ("picture.jpg", "image/jpeg"),
        ("LICENSE", "application/octet-stream"),
    ],
)
def test_every_kind_of_file_has_its_type(folder: Path, files: FeedFiles, name: str, kind: str) -> None:
    put(folder, name)
    assert ask(files, f"/feeds/{name}").fields["content-type"] == kind


def test_a_feed_names_its_hub_and_itself(folder: Path, files: FeedFiles) -> None:
    put(folder, "category/schön & gut/feed.atom")
    reply = ask(files, "/feeds/category/sch%C3%B6n%20&%20gut/feed.atom")
    assert reply.fields["link"] == f'<{HUB}>; rel="hub", <{URL}/category/sch%C3%B6n%20%26%20gut/feed.atom>; rel="self"'
    put(folder, "feeds.opml")
    assert "link" not in ask(files, "/feeds/feeds.opml").fields


def test_a_picture_is_never_asked_for_again_and_never_compressed(folder: Path, files: FeedFiles) -> None:
    for name in ("pictures/0123456789abcdef0123.jpg", "pictures/mine.jpg", "issues/weekly/1/index.html"):
        put(folder, name)
    picture = ask(files, "/feeds/pictures/0123456789abcdef0123.jpg", ("Accept-Encoding", "gzip, br"))
    assert picture.fields["cache-control"] == "public, max-age=31536000, immutable"
    assert "content-encoding" not in picture.fields
    for other in ("pictures/mine.jpg", "issues/weekly/1/"):
        assert ask(files, f"/feeds/{other}").fields["cache-control"] == "public, max-age=900"


def test_a_feed_is_asked_for_again_soon_and_an_archive_document_never(folder: Path, files: FeedFiles) -> None:
    put(folder, "archive/0001-0123456789ab.atom")
    put(folder, "archive/notes.atom")
    assert ask(files, "/feeds/feed.rss").fields["cache-control"] == "public, max-age=900"
    assert ask(files, "/feeds/archive/notes.atom").fields["cache-control"] == "public, max-age=900"
    archived = ask(files, "/feeds/archive/0001-0123456789ab.atom").fields
    assert archived["cache-control"] == "public, max-age=31536000, immutable"
    assert archived["link"] == f'<{URL}/archive/0001-0123456789ab.atom>; rel="self"'


@pytest.mark.parametrize("coding", CODINGS)
def test_every_coding_holds_the_file_and_has_a_strong_tag_of_its_own(files: FeedFiles, coding: str) -> None:
    reply = ask(files, "/feeds/feed.rss", ("Accept-Encoding", coding))
    assert UNPACK[coding](reply.body) == CONTENT
    assert reply.fields["etag"] == tag_of(CONTENT, coding)
    assert reply.fields.get("content-encoding", "identity") == coding
    assert reply.fields["content-length"] == str(len(reply.body))
    assert reply.fields["vary"] == "Accept-Encoding"


def test_nothing_that_is_accepted_is_an_error(files: FeedFiles) -> None:
    assert ask(files, "/feeds/feed.rss", ("Accept-Encoding", "*;q=0")).status == 406
    assert (
        ask(files, "/feeds/feed.rss", ("Accept-Encoding", "deflate"), ("Accept-Encoding", "gzip")).fields["content-encoding"]
        == "gzip"
    )
    assert "content-encoding" not in ask(files, "/feeds/feed.rss", ("Accept-Encoding", "gzip," * 100)).fields


@pytest.mark.parametrize(("suffix", "coding"), [(".gz", "gzip"), (".br", "br")])
def test_a_compressed_file_is_served_as_it_lies_there(folder: Path, files: FeedFiles, suffix: str, coding: str) -> None:
    packed = gzip.compress(CONTENT, 1) if coding == "gzip" else brotli.compress(CONTENT, quality=1)
    put(folder, "feed.rss" + suffix, packed)
    assert ask(files, "/feeds/feed.rss", ("Accept-Encoding", coding)).body == packed
    assert ask(files, "/feeds/feed.rss" + suffix).status == 404


@pytest.mark.parametrize(("suffix", "coding"), [(".gz", "gzip"), (".br", "br")])
@pytest.mark.parametrize(
    "other", [b"", b"broken", gzip.compress(b"older", mtime=0), brotli.compress(b"older"), gzip.compress(CONTENT, mtime=0)[:-9]]
)
def test_a_compressed_file_of_another_content_is_not_served(
    folder: Path, files: FeedFiles, suffix: str, coding: str, other: bytes
) -> None:
    put(folder, "feed.rss" + suffix, other)
    assert UNPACK[coding](ask(files, "/feeds/feed.rss", ("Accept-Encoding", coding)).body) == CONTENT


def test_a_large_file_is_not_compressed_while_its_reader_waits(folder: Path, files: FeedFiles) -> None:
    content = b"x" * (MOST_COMPRESSED + 1)
    put(folder, "feed.atom", content)
    assert ask(files, "/feeds/feed.atom", ("Accept-Encoding", "gzip, br")).body == content
    put(folder, "feed.json", content)
    put(folder, "feed.json.gz", gzip.compress(content))
    assert ask(files, "/feeds/feed.json", ("Accept-Encoding", "gzip, br")).fields["content-encoding"] == "gzip"


def test_each_validator_alone_saves_the_bytes(files: FeedFiles) -> None:
    whole = ask(files, "/feeds/feed.rss")
    for name, value in (("If-None-Match", whole.fields["etag"]), ("If-Modified-Since", whole.fields["last-modified"])):
        reply = ask(files, "/feeds/feed.rss", (name, value))
        assert (reply.status, reply.body) == (304, b"")
        kept = ("etag", "last-modified", "cache-control", "vary", "link", "access-control-allow-origin")
        assert {name: reply.fields.get(name) for name in kept} == {name: whole.fields[name] for name in kept}
        assert not {"content-type", "content-length", "content-encoding"} & reply.fields.keys()


def test_a_tag_wins_over_a_date(files: FeedFiles) -> None:
    known = ask(files, "/feeds/feed.rss").fields
    newer = ask(files, "/feeds/feed.rss", ("If-None-Match", '"other"'), ("If-Modified-Since", known["last-modified"]))
    assert newer.status == 200
    same = ask(files, "/feeds/feed.rss", ("If-None-Match", known["etag"]), ("If-Modified-Since", formatdate(0, usegmt=True)))
    assert same.status == 304


def test_several_fields_are_one_list_of_tags_and_no_date(files: FeedFiles) -> None:
    known = ask(files, "/feeds/feed.rss").fields
    assert ask(files, "/feeds/feed.rss", ("If-None-Match", '"x"'), ("If-None-Match", known["etag"])).status == 304
    twice = [("If-Modified-Since", known["last-modified"])] * 2
    assert ask(files, "/feeds/feed.rss", *twice).status == 200


@given(st.sampled_from(CODINGS), st.sampled_from(CODINGS), st.sampled_from(["", "W/"]), st.sampled_from(["", '"x", ']))
def test_a_tag_is_known_in_its_own_coding_alone(held: str, asked: str, weak: str, before: str) -> None:
    reply = ask(
        PROPERTY.files, "/feeds/feed.rss", ("Accept-Encoding", asked), ("If-None-Match", before + weak + tag_of(CONTENT, held))
    )
    assert reply.status == (304 if held == asked else 200)
    assert reply.fields["etag"] == tag_of(CONTENT, asked)


@given(st.integers(-(10**9), 10**9), st.sampled_from(["GET", "HEAD"]))
def test_a_date_is_known_from_the_last_change_on(seconds: int, method: str) -> None:
    since = formatdate(PROPERTY.modified_at + seconds, usegmt=True)
    reply = ask(PROPERTY.files, "/feeds/feed.rss", ("If-Modified-Since", since), method=method)
    assert reply.status == (304 if seconds >= 0 else 200)


@given(
    st.text(st.characters(max_codepoint=255), max_size=30),
    st.text(st.characters(max_codepoint=255), max_size=30),
    st.text(st.characters(max_codepoint=255), max_size=30),
)
def test_whatever_is_asked_for_the_answer_is_whole(accepted: str, tags: str, since: str) -> None:
    fields = [("Accept-Encoding", accepted), ("If-None-Match", tags), ("If-Modified-Since", since)]
    reply = ask(PROPERTY.files, "/feeds/feed.rss", *fields)
    assert reply.status in (200, 304, 406)
    assert reply.status != 200 or UNPACK[reply.fields.get("content-encoding", "identity")](reply.body) == CONTENT


def test_head_has_the_fields_of_get_and_no_body(files: FeedFiles) -> None:
    get, head = (ask(files, "/feeds/feed.rss", ("Accept-Encoding", "gzip"), method=method) for method in ("GET", "HEAD"))
    assert (head.status, head.fields, head.body) == (200, get.fields, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "get"])
def test_files_can_only_be_read(files: FeedFiles, method: str) -> None:
    reply = ask(files, "/feeds/feed.rss", method=method)
    assert (reply.status, reply.fields["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_browsers_on_other_sites_may_ask(files: FeedFiles) -> None:
    reply = ask(files, "/feeds/feed.rss", method="OPTIONS")
    assert (reply.status, reply.body, reply.fields["allow"]) == (204, b"", "GET, HEAD, OPTIONS")
    assert "If-None-Match" in reply.fields["access-control-allow-headers"]
    for path in ("feed.rss", "nothing"):
        assert ask(files, f"/feeds/{path}").fields["access-control-allow-origin"] == "*"


def test_no_answer_sets_a_cookie_or_leaves_its_type_open(folder: Path, files: FeedFiles) -> None:
    put(folder, "old.rss.gone", b"")
    for path in ("feed.rss", "nothing", "old.rss", ""):
        fields = ask(files, f"/feeds/{path}").fields
        assert "set-cookie" not in fields
        assert fields["x-content-type-options"] == "nosniff"


def test_a_withdrawn_feed_is_gone_until_it_comes_back(folder: Path, files: FeedFiles) -> None:
    assert ask(files, "/feeds/feed.rss").status == 200
    put(folder, "feed.rss.gone", b"")
    assert ask(files, "/feeds/feed.rss").status == 200
    (folder / "feed.rss").unlink()
    assert ask(files, "/feeds/feed.rss").status == 410
    assert ask(files, "/feeds/feed.rss.gone").status == 404
    assert ask(files, "/feeds/feed.atom").status == 404
    put(folder, "feed.rss")
    assert ask(files, "/feeds/feed.rss").status == 200


def test_a_folder_shows_its_page(folder: Path, files: FeedFiles) -> None:
    put(folder, "category/index.html", b"<p>category")
    assert ask(files, "/feeds/category/").body == b"<p>category"
    for path in ("/feeds", "/feeds/category"):
        moved = ask(files, path)
        assert (moved.status, moved.fields["location"]) == (301, path + "/")
    assert ask(files, "/feeds/").status == 404
    put(folder, "index.html", b"<p>home")
    assert ask(files, "/feeds/").body == b"<p>home"


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/../secret.rss",
        "/feeds/category/../../secret.rss",
        "/feeds/%2e%2e/secret.rss",
        "/feeds/..%2fsecret.rss",
        "/feeds/category%2Ffeed.rss",
        "/feeds/category/./feed.rss",
        "/feeds//feed.rss",
        "/feeds//etc/passwd",
        "/feeds/feed.rss/",
        "/feeds/feed.rss/feed.rss",
        "/feeds/feed.rss%00",
        "/feeds/feed.rss%00.html",
        "/feeds/%0afeed.rss",
        "/feeds/..%5csecret.rss",
        "/feeds/%252e%252e/secret.rss",
        "/feeds/.hidden.rss",
        "/feeds/.git/config.rss",
        "/feeds/.feed.rss.part",
        "/feeds/feed.rss.part",
        "/feeds/out.rss",
        "/feeds/within.rss",
        "/feeds/outside/secret.rss",
        "/feeds/outside/withdrawn.rss",
        "/feeds/loop.rss",
        "/feeds/loop.rss/feed.rss",
        "/feeds/pipe.rss",
        "/feeds/%ff.rss",
        "/feeds/" + "x" * 253,
        "/feeds/" + "x" * 5000,
        "/feeds/" + "x/" * 5000,
        "/secret.rss",
    ],
)
def test_what_was_not_published_is_not_served(folder: Path, files: FeedFiles, path: str) -> None:
    put(folder.parent, "secret.rss", b"secret")
    put(folder.parent, "withdrawn.rss.gone", b"")
    for name in ("category/feed.rss", ".hidden.rss", ".git/config.rss", ".feed.rss.part", "feed.rss.part"):
        put(folder, name, b"secret")
    (folder / "out.rss").symlink_to(folder.parent / "secret.rss")
    (folder / "within.rss").symlink_to(folder / "feed.rss")
    (folder / "loop.rss").symlink_to(folder / "loop.rss")
    (folder / "outside").symlink_to(folder.parent)
    os.mkfifo(folder / "pipe.rss")
    ask(files, "/feeds/category/feed.rss")  # what is held opens no other way to it
    reply = ask(files, path)
    assert (reply.status, reply.body) == (404, b"There is nothing here.\n")


@given(
    st.lists(st.sampled_from(["..", ".", "", "%2e%2e", "%2f", "%5c", "a", "%00", "secret.rss", "public", "~", "c:"]), max_size=8)
)
def test_no_path_leads_out_of_the_folder(steps: list[str]) -> None:
    assert b"secret" not in ask(PROPERTY.files, "/feeds/" + "/".join(steps)).body


def test_a_folder_that_is_a_link_itself_is_served(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(folder)
    files = files_of(tmp_path / "current")
    assert ask(files, "/feeds/feed.rss").body == CONTENT
    put(tmp_path, "next/feed.rss", b"next")
    (tmp_path / "current").unlink()
    (tmp_path / "current").symlink_to(tmp_path / "next")
    assert ask(files, "/feeds/feed.rss").body == b"next"


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="there is no /proc, whose files are not what they look like")
def test_a_file_that_cannot_be_read_as_a_whole_is_to_be_asked_for_later() -> None:
    reply = ask(files_of(Path("/proc")), "/feeds/version")
    assert (reply.status, reply.fields["retry-after"], reply.fields["cache-control"]) == (503, "60", "no-store")


def test_a_new_version_is_served_at_once(folder: Path, files: FeedFiles) -> None:
    assert ask(files, "/feeds/feed.rss").body == CONTENT
    same_length = CONTENT[::-1]
    put(folder, "feed.rss", same_length)
    reply = ask(files, "/feeds/feed.rss")
    assert (reply.body, reply.fields["etag"]) == (same_length, tag_of(same_length))
    (folder / "feed.rss").unlink()
    assert ask(files, "/feeds/feed.rss").status == 404


def test_a_version_is_read_and_compressed_once(folder: Path, files: FeedFiles) -> None:
    first, second = (ask(files, "/feeds/feed.rss", ("Accept-Encoding", "br")) for _ in range(2))
    assert first.body is second.body


def test_memory_is_bounded_and_keeps_what_is_asked_for(folder: Path) -> None:
    files = files_of(folder, memory=40_000)
    for number in range(50):
        put(folder, f"{number}.rss", os.urandom(100) + b"%d" % number)
    seldom, often = [], []
    for number in range(50):
        seldom.append(ask(files, f"/feeds/{number}.rss"))
        often.append(ask(files, "/feeds/feed.rss"))
    assert all(reply.body is often[0].body for reply in often)
    assert ask(files, "/feeds/49.rss").body is seldom[49].body
    assert ask(files, "/feeds/0.rss").body is not seldom[0].body


def test_old_versions_take_no_memory(folder: Path) -> None:
    files = files_of(folder, memory=40_000)
    first = ask(files, "/feeds/feed.rss")
    for number in range(20):
        put(folder, "changing.rss", b"%d" % number + CONTENT)
        ask(files, "/feeds/changing.rss")
        assert ask(files, "/feeds/feed.rss").body is first.body


def test_a_file_larger_than_the_memory_is_served_all_the_same(folder: Path) -> None:
    files = files_of(folder, memory=100)
    assert [ask(files, "/feeds/feed.rss").body for _ in range(2)] == [CONTENT, CONTENT]


def test_feeds_may_have_a_host_of_their_own(folder: Path) -> None:
    files = files_of(folder, url="https://feeds.example.org")
    reply = ask(files, "/feed.rss")
    assert reply.body == CONTENT
    assert reply.fields["link"].endswith('<https://feeds.example.org/feed.rss>; rel="self"')
    assert ask(files, "//evil.example.org").status == 404


def test_the_log_says_what_was_asked_and_not_by_whom(folder: Path) -> None:
    log: list[str] = []
    files = files_of(folder, log=log)
    ask(files, "/feeds/feed.rss", ("X-Forwarded-For", "192.0.2.1"))
    ask(files, "/feeds/%0anothing", method="HEAD")
    assert log == [
        f"served method=GET path=/feeds/feed.rss status=200 bytes={len(CONTENT)}",
        "served method=HEAD path=/feeds/%0anothing status=404 bytes=23",
    ]


class _Property:
    """One feeds directory for all examples of the property tests."""

    files: FeedFiles
    modified_at: int


PROPERTY = _Property()


@pytest.fixture(scope="module", autouse=True)
def _property_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("property")
    put(folder, "secret.rss", b"secret")
    file = put(folder, "public/feed.rss")
    PROPERTY.modified_at = 1_700_000_000
    os.utime(file, (PROPERTY.modified_at + 0.9, PROPERTY.modified_at + 0.9))
    PROPERTY.files = files_of(folder / "public")
