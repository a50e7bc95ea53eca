"""What `hairfeed feeds check` finds: nothing in what HairFeed publishes, and each fault of a file that somebody broke."""

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from hairfeed.feeds.check import walk
from hairfeed.feeds.check.finding import Finding, Level
from hairfeed.feeds.check.look import look
from hairfeed.feeds.opml import build_opml
from hairfeed.settings.site import Feeds
from hairfeed.store.database import Ledger
from hairfeed.store.feed_files import FeedFile, published
from tests.conftest import FRIDAY, Publication
from tests.feeds import golden_publication
from tests.feeds.difficult import SHOW
from tests.feeds.formats import build_json
from tests.feeds.test_validity import ATOM, RSS
from tests.test_cli import hairfeed

JSON = build_json(SHOW).decode()
OPML = build_opml("Plain Hair", [SHOW]).decode()


@pytest.fixture
def years(publication: Publication) -> Publication:
    """A publication with categories and an archive."""
    publication.configure("[newsletters", 'items = 3\ncompress = ["gzip"]\n\n[newsletters')
    for day in range(13, 21):
        publication.page(f"page-{day}", date=f"{day}-7-2024", category="Hair Care" if day % 2 else "頭皮")
    publication.run(FRIDAY)
    return publication


def known_of(publication: Publication) -> dict[str, FeedFile]:
    """The files that the ledger knows."""
    ledger = publication.ledger()
    with ledger.read() as connection:
        known = published(connection)
    ledger.close()
    return known


def findings(publication: Publication, feeds: Feeds | None = None) -> list[Finding]:
    """What is wrong."""
    return list(walk.check(feeds or publication.settings.feeds, known_of(publication)))


def rewrite(publication: Publication, path: str, right: str, wrong: str) -> list[Finding]:
    """What is found once HairFeed itself had written something else."""
    file = publication.public / path
    text = file.read_text(encoding="utf-8")
    assert right in text
    content = text.replace(right, wrong).encode()
    file.write_bytes(content)
    known = known_of(publication)
    known[path] = known[path]._replace(hash=hashlib.sha256(content).hexdigest(), size=len(content))
    return list(walk.check(publication.settings.feeds, known))


def test_what_is_published_has_no_findings(years: Publication) -> None:
    assert any("archive/" in path for path in known_of(years))
    assert any("category/" in path for path in known_of(years))
    assert findings(years) == []


def test_the_golden_publication_has_no_findings(tmp_path: Path) -> None:
    golden_publication.publish(tmp_path)
    config = tmp_path / "config" / "hairfeed.toml"
    done = hairfeed("feeds", "check", "-c", config)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("errors 0  warnings 0\n")
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("suffix", "right", "wrong", "what"),
    [
        (".rss", "</channel>", "", "no well-formed XML"),
        (".rss", 'version="2.0"', 'version="0.91"', "no RSS 2.0"),
        (".rss", "<link>https://example.com/recording<", "<link>/recording<", "no absolute web address"),
        (".rss", "<link>https://example.com/recording<", "<link>https://example.com/re cording<", "not written as URLs are"),
        (".rss", " 2024 10:00:00 +0200", " 2024 10:00:00", "no date with a zone"),
        (".rss", "<lastBuildDate>Sun,", "<lastBuildDate>Mon,", "no date with a zone"),
        (".rss", 'isPermaLink="false"', "", "isPermaLink"),
        (".rss", "article/4</guid>", "article/3</guid>", "2 articles have this id"),
        (".rss", "tag:example.com,2024:article/4</guid>", "article 4</guid>", "no URI"),
        (".rss", 'length="5781234"', "", "no length in bytes"),
        (".rss", 'type="audio/mpeg"', 'type="mp3"', "no media type"),
        (".rss", "&lt;em&gt;hair&lt;/em&gt;", "&lt;script&gt;&lt;/script&gt;", "<script>"),
        (".rss", "&lt;em&gt;hair&lt;/em&gt;", "&lt;iframe src='https://a.example/'&gt;&lt;/iframe&gt;", "<iframe>"),
        (".rss", "&lt;em&gt;hair&lt;/em&gt;", "&lt;b onclick='x()'&gt;a&lt;/b&gt;", "a script: onclick"),
        (".rss", "&lt;em&gt;hair&lt;/em&gt;", "&lt;a href='/x'&gt;a&lt;/a&gt;", "no absolute web address"),
        (".rss", "&lt;em&gt;hair&lt;/em&gt;", "&lt;img src='x.png'&gt;", "no absolute web address"),
        (".rss", "&lt;em&gt;hair&lt;/em&gt;", "&lt;img srcset='x.png 1x'&gt;", "no absolute web address"),
        (".rss", "&lt;em&gt;hair&lt;/em&gt;", "&lt;em&gt;hair", "not balanced"),
        (".atom", "</feed>", "", "no well-formed XML"),
        (".atom", "http://www.w3.org/2005/Atom", "http://example.com/", "no Atom feed"),
        (".atom", "<id>tag:example.com,2024:article/4<", "<id>article 4<", "no URI"),
        (".atom", "article/4</id>", "article/3</id>", "2 articles have this id"),
        (".atom", "<published>2024-09-01T10:00:00+02:00<", "<published>2024-09-01T10:00:00<", "no date with a zone"),
        (".atom", "<published>2024-09-01T10:00:00+02:00<", "<published>2034-09-01T10:00:00Z<", "before it was published"),
        (".atom", 'href="https://example.com/recording.mp3"', 'href="re cording.mp3"', "no absolute web address"),
        (".atom", 'length="5781234"', 'length="0"', "no length in bytes"),
        (".atom", 'length="5781234"', "", "is not known"),
        (".atom", 'rel="enclosure"', 'rel="alternate"', "not exactly one link"),
        (".json", "]}", "]", "no JSON"),
        (".json", "version/1.1", "version/1", "no JSON Feed 1.1"),
        (".json", '"items": [', '"items": [1, ', "no list of objects"),
        (".json", '"url": "https://example.com/recording"', '"url": "/recording"', "no absolute web address"),
        (".json", "<em>hair</em>", "<object>hair</object>", "<object>"),
        (".json", '"mime_type": "audio/mpeg"', '"mime_type": "mp3"', "no media type"),
        (".json", '"size_in_bytes": 5781234, ', "", "is not known"),
        (".json", '"date_published": "2024-09-01T10:00:00+02:00"', '"date_published": "2024-09-01"', "no date with a zone"),
        (".json", '"id": "tag:example.com,2024:article/4"', '"id": 4', "id is no text"),
        (".opml", 'version="2.0"', 'version="1.0"', "no OPML 2.0"),
        (".opml", "</opml>", "", "no well-formed XML"),
        (".opml", "<title>Plain Hair</title>", "", "no head/title"),
        (".opml", 'type="rss"', "", "has no type"),
        (".opml", 'xmlUrl="https:', 'xmlUrl="', "no absolute web address"),
        (".opml", "<dateModified>", "<dateModified>x", "no date with a zone"),
        (".opml", "</body>", '<outline text="a"/></body>', "has no xmlUrl"),
    ],
)
def test_a_fault_in_a_file_is_found(suffix: str, right: str, wrong: str, what: str) -> None:
    text = {".rss": RSS, ".atom": ATOM, ".json": JSON, ".opml": OPML}[suffix]
    assert right in text
    check = walk.CHECKS[suffix]
    assert not [finding for finding in check(text.encode()).findings if what in finding.what]
    assert [finding for finding in check(text.replace(right, wrong).encode()).findings if what in finding.what and finding.do]


@pytest.mark.parametrize(
    ("suffix", "name"),
    [(".rss", name) for name in ("title", "link", "description", "guid", "pubDate")]
    + [(".atom", name) for name in ("id", "title", "updated", "author")],
)
def test_a_required_element_that_is_missing_is_found(suffix: str, name: str) -> None:
    text = {".rss": RSS, ".atom": ATOM}[suffix].replace(f"<{name}", "<other").replace(f"</{name}>", "</other>")
    assert f"has no {name}" in {finding.what for finding in walk.CHECKS[suffix](text.encode()).findings}


@pytest.mark.parametrize(
    ("path", "right", "wrong", "what"),
    [
        ("feed.rss", 'feeds/feed.rss" rel="self"', 'feeds/other.rss" rel="self"', "says that its address is"),
        ("feed.rss", 'feeds/feed.rss" rel="self"', 'feeds/feed.rss" rel="via"', "does not say its address"),
        ("feed.atom", "feeds/archive/", "feeds/archives/", "where nothing is"),
        ("feed.rss", "feeds/archive/", "feeds/archives/", "where nothing is"),
        ("feed.json", "feeds/archive/", "feeds/archives/", "where nothing is"),
        ("feeds.opml", "feeds/feed.rss", "feeds/feeds.rss", "where nothing is"),
        ("feed.json", "About page-20", "About another page", "its title is"),
        ("feed.rss", "<item>", "<item xmlns='other'>", "lacks the article"),
    ],
)
def test_a_file_that_does_not_fit_the_others_is_found(years: Publication, path: str, right: str, wrong: str, what: str) -> None:
    assert [finding for finding in rewrite(years, path, right, wrong) if what in finding.what]


def _remove(file: Path) -> None:
    file.unlink()


def _change(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1] + b" ")


def _add(file: Path) -> None:
    file.with_name("notes.txt").write_text("mine")


@pytest.mark.parametrize(
    ("do", "file", "level", "what"),
    [
        (_remove, "feed.rss.gz", Level.ERROR, "is missing"),
        (_change, "index.html", Level.ERROR, "is not what was published"),
        (_add, "notes.txt", Level.WARNING, "is not one of HairFeed's files"),
    ],
)
def test_the_directory_is_what_the_ledger_says(
    years: Publication, do: Callable[[Path], None], file: str, level: Level, what: str
) -> None:
    do(years.public / file)
    (only,) = findings(years)
    assert (only.file, only.level) == (file, level)
    assert what in only.what


def test_an_archive_document_that_is_missing_is_named_by_what_leads_to_it(years: Publication) -> None:
    newest = max((years.public / "archive").glob("*.atom"))
    newest.unlink()
    assert {finding.file for finding in findings(years)} == {"feed.atom", f"archive/{newest.name}"}


def test_a_feed_that_is_too_large_is_a_warning(years: Publication) -> None:
    found = rewrite(years, "feed.json", "It takes two sentences.", "It takes two sentences. " * 5_000)
    assert [(finding.file, finding.level) for finding in found] == [("feed.json", Level.WARNING)]
    assert "slow to load" in found[0].what


def test_a_feed_of_far_more_articles_than_configured_is_a_warning(years: Publication) -> None:
    found = findings(years, years.settings.feeds.model_copy(update={"items": 1}))
    assert {finding.what for finding in found} == {"has 3 articles; feeds.items is 1"}
    assert {finding.level for finding in found} == {Level.WARNING}


def test_the_command_says_where_and_ends_with_1(years: Publication) -> None:
    (years.public / "feed.json").unlink()
    (years.public / "notes.txt").write_text("mine")
    before = years.files()
    done = hairfeed("feeds", "check", "-c", years.config, "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["errors"], report["warnings"]) == (1, 1, 1)
    assert {one["file"]: one["level"] for one in report["findings"]} == {"feed.json": "error", "notes.txt": "warning"}
    done = hairfeed("feeds", "check", "-c", years.config)
    assert done.stdout.startswith("error  feed.json: is missing; make a pass")
    assert years.files() == before


def test_what_a_pass_has_half_done_is_no_fault(years: Publication) -> None:
    (years.public / "feed.json").unlink()
    ledger = years.ledger()
    with ledger.pass_lock() as free:
        assert free
        done = hairfeed("feeds", "check", "-c", years.config)
    ledger.close()
    assert (done.returncode, done.stdout) == (2, "")
    assert "a pass is at work" in done.stderr


def test_a_look_during_which_a_pass_wrote_something_down_is_made_again(years: Publication) -> None:
    class EndOfPass(Ledger):
        """Whoever asks for its lock waits until a pass has ended."""

        def pass_lock(self) -> AbstractContextManager[bool]:
            years.run(FRIDAY)
            return super().pass_lock()

    (years.public / "feed.json").unlink()
    years.page("page-21", date="21-7-2024")
    ledger = years.ledger()
    assert look(EndOfPass(ledger._database), years.settings.feeds) == (len(known_of(years)), [])
    ledger.close()


def test_a_ledger_of_another_version_is_left_as_it_is(publication: Publication) -> None:
    ledger = publication.ledger()
    with ledger.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    ledger.close()
    done = hairfeed("feeds", "check", "-c", publication.config)
    assert done.returncode == 2
    assert "has schema 0000" in done.stderr


def test_a_publication_without_files_is_a_warning(publication: Publication) -> None:
    assert [(finding.level, finding.what) for finding in findings(publication)] == [(Level.WARNING, "nothing is published")]


def test_warnings_alone_end_with_0(years: Publication) -> None:
    (years.public / "notes.txt").write_text("mine")
    assert hairfeed("feeds", "check", "-c", years.config).returncode == 0


def test_without_a_ledger_there_is_nothing_to_check_and_none_is_made(publication: Publication) -> None:
    publication.without_ledger()
    done = hairfeed("feeds", "check", "-c", publication.config)
    assert done.returncode == 2
    assert "there is no ledger yet" in done.stderr
    assert not publication.has_ledger()
