"""Bad pages beside a good one: each is named with its reason, the good one goes through, and the feeds can be read."""

import json
from pathlib import Path

import feedparser
import pytest

from hairfeed.models.reports import RunState
from tests.conftest import Publication

FORM = "Hair Care\n\n{title}\n\nSome words about it.\n\nPlain Hair - {date}\n"


def page(title: str = "A Fine Title", date: str = "8-8-2024") -> bytes:
    return FORM.format(title=title, date=date).encode()


def titles_in_feeds(publication: Publication) -> list[str]:
    """The titles that every feed has; all three must tell the same."""
    item_titles = sorted(item["title"] for item in json.loads((publication.public / "feed.json").read_bytes())["items"])
    for name in ("feed.rss", "feed.atom"):
        parsed = feedparser.parse((publication.public / name).read_bytes())
        assert not parsed.bozo
        assert len(parsed.entries) == len(item_titles)
    return item_titles


def run_with(publication: Publication, content: bytes, name: str = "bad.txt") -> list[str]:
    """What a pass warns of when `content` stands beside a good page; no other page may be named."""
    publication.page("good", title="The Good One")
    (publication.articles / name).write_bytes(content)
    report = publication.run()
    assert report.state is RunState.DONE
    assert {Path(problem.where).name for problem in report.warnings} <= {name}
    return [problem.what for problem in report.warnings]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"Hair Care\n\nA Title\n\nSome words.\n", "has no date", id="no date"),
        pytest.param(page(date="31-02-2024"), "is no date: February 2024 has 29 days", id="impossible date"),
        pytest.param(page(date="2031-08-08"), "more than a year ahead", id="far future"),
        pytest.param(page(date="3-4-2024"), "can be 3 April or 4 March: set date_order", id="date in doubt"),
        pytest.param(b"Hair Care\n\nPlain Hair - 8-8-2024\n", "has no title", id="no title"),
        pytest.param(b"Hair Care\n\nA Title\n\nPlain Hair - 8-8-2024\n", "has no text below its title", id="no text"),
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b" \n\n\t\n", "is empty", id="white space"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" * 50, "is binary, not text", id="binary"),
        pytest.param(page("Undefined \x81").replace(b"\xc2\x81", b"\x81"), "neither UTF-8 nor Windows-1252", id="no encoding"),
        pytest.param(page("<script>alert(1)</script>"), "has no title once markup", id="nothing but a script for a title"),
        pytest.param(page("\x07\x1b"), "has no title once markup", id="nothing but control characters for a title"),
    ],
)
def test_a_bad_page_is_named_and_the_others_go_through(publication: Publication, content: bytes, reason: str) -> None:
    (warning,) = run_with(publication, content)
    assert reason in warning
    assert titles_in_feeds(publication) == ["The Good One"]


def test_a_page_of_50_megabytes_is_named_and_the_others_go_through(publication: Publication) -> None:
    with (publication.articles / "bad.txt").open("wb") as file:
        file.truncate(50_000_000)
    publication.page("good", title="The Good One")
    (warning,) = publication.run().warnings
    assert str(warning) == f"{publication.articles / 'bad.txt'}: has 50,000,000 bytes, and a page may have 5,000,000 at most"
    assert titles_in_feeds(publication) == ["The Good One"]


def test_a_link_to_nothing_is_named_and_the_others_go_through(publication: Publication) -> None:
    (publication.articles / "bad.txt").symlink_to(publication.articles / "nowhere.txt")
    publication.page("good", title="The Good One")
    (warning,) = publication.run().warnings
    assert str(warning) == f"{publication.articles / 'bad.txt'}: cannot be read: No such file or directory"
    assert titles_in_feeds(publication) == ["The Good One"]


@pytest.mark.parametrize(
    ("written", "reason", "published"),
    [
        ("The end ]]> is near", "has ']]>' in its title", "The end ]]> is near"),
        ("Hair <script>alert(1)</script>Care", "has markup in its title", "Hair Care"),
        ("A <b>bold</b> claim & more", "has markup in its title", "A bold claim & more"),
        ("Ring\x07ing \x1bears", "has control characters in its title", "Ringing ears"),
        ("A form\x0cfeed", "has control characters in its title", "A formfeed"),
    ],
)
def test_a_hostile_title_is_made_harmless_and_said(publication: Publication, written: str, reason: str, published: str) -> None:
    (warning,) = run_with(publication, page(written))
    assert reason in warning
    assert titles_in_feeds(publication) == sorted([published, "The Good One"])


def test_a_page_that_is_not_utf_8_is_read_and_said(publication: Publication) -> None:
    (warning,) = run_with(publication, page("Größe").decode().encode("cp1252"))
    assert "is not UTF-8" in warning
    assert "read as Windows-1252" in warning
    assert titles_in_feeds(publication) == ["Größe", "The Good One"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (
            "bad.md",
            b"---\ntitle: A Title\ndate: 2024-08-08\n\nText.\n",
            "has front matter without an end; write a line '---' below",
        ),
        ("bad.md", b"---\ntitle: One\ndate: 2024-08-08\ntitle: Two\n---\nText.\n", "'title' stands there twice (line 4)"),
        ("bad.md", b"---\ntitle: [unclosed\ndate: 2024-08-08\n---\nText.\n", "has front matter that cannot be read"),
        ("bad.md", b"+++\ntitle = unquoted\n+++\nText.\n", "has front matter that cannot be read"),
        ("bad.md", b"---\ntitle: A\ndate: 2024-08-08\nurl: 'http://[x'\n---\nText.\n", "no web address"),
        ("bad.md", b"---\ntitle: A\ndate: 9999-12-31T23:59:00-05:00\n---\nText.\n", "is after 2399: mend the year"),
        ("bad.html", b"<title>A</title><script>x</script>", "has no text"),
        ("bad.html", b"<!-- -->", "is empty"),
        ("bad.html", b"<title>A</title><p>8-8-2024</p>" + b"<div>" * 50_000, "too deep"),
    ],
)
def test_a_bad_page_of_another_format_is_named_too(publication: Publication, name: str, content: bytes, reason: str) -> None:
    (warning,) = run_with(publication, content, name)
    assert reason in warning
    assert titles_in_feeds(publication) == ["The Good One"]


def test_a_bad_page_is_named_at_every_pass_until_it_is_mended(publication: Publication) -> None:
    publication.page("good", title="The Good One")
    bad = publication.page("bad", date="31-02-2024")
    for _ in range(2):
        assert [Path(problem.where).name for problem in publication.run().warnings] == ["bad.txt"]
    bad.write_bytes(page("Mended"))
    assert publication.run().warnings == []
    assert titles_in_feeds(publication) == ["Mended", "The Good One"]


def test_hostile_markup_in_a_text_page_stays_text(publication: Publication) -> None:
    run_with(publication, b"Hair Care\n\nA Title\n\n<script>alert(1)</script> is code.\n\n8-8-2024\n")
    (html,) = [
        item["content_html"]
        for item in json.loads((publication.public / "feed.json").read_bytes())["items"]
        if item["title"] == "A Title"
    ]
    assert html == "<p>&lt;script&gt;alert(1)&lt;/script&gt; is code.</p>"
