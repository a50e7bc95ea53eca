"""A fault of HairFeed's own or of a library's stops the page or the source that it is met at, and nothing else."""

import logging
import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from xml.parsers import expat

import pytest
from lxml import etree
from sqlalchemy import Engine, event

from hairfeed.collect.faults import contained
from hairfeed.errors import DateError, PageError, PageFault, SourceError, SourceFault, StoreError
from hairfeed.models.reports import CollectReport, Nobody
from hairfeed.pipeline import run_pass
from tests.collect.passes import collect, live, page
from tests.collect.site import Site, served, source
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication

SOON, LATER = FRIDAY + timedelta(minutes=5), FRIDAY + timedelta(minutes=30)
FOLDER = '[sources.folder]\ntype = "folder"\npath = "../articles"\n'
WORD = "stumbling"
"""What the faulty library stumbles over."""


class Faulty:
    """lxml's parser with a bug in it, for text or for bytes: pages are read as bytes, what is judged is text."""

    def __init__(self, kind: type[str | bytes]) -> None:
        """It is faulty from the beginning."""
        self.kind = kind
        self.is_mended = False
        self._parse = etree.fromstring

    def __call__(self, text: str | bytes, *arguments: Any, **options: Any) -> Any:
        word = WORD if isinstance(text, str) else WORD.encode()
        if not self.is_mended and isinstance(text, self.kind) and word in text:  # type: ignore[operator]
            raise AssertionError(f"no parser expects\n{WORD}")
        return self._parse(text, *arguments, **options)


@pytest.fixture
def site() -> Iterator[Site]:
    """A page that is easy to read and one that is not."""
    with served(Site({"/brushing": page("brushing"), f"/{WORD}": page(WORD)})) as site:
        yield site


@pytest.fixture(params=[str, bytes], ids=["judging", "reading"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Faulty:
    """The faulty parser, in either of its places."""
    faulty = Faulty(request.param)
    monkeypatch.setattr(etree, "fromstring", faulty)
    return faulty


def assert_told(report: CollectReport, caplog: pytest.LogCaptureFixture, where: str) -> None:
    """The operator is told of one page with class and text, and finds the traceback in the log."""
    (warning,) = [problem for problem in report.warnings if "stumble" in problem.what.split("(")[0]]
    assert warning.where.endswith(where)
    assert f"(AssertionError: no parser expects {WORD}): please report it" in warning.what
    (record,) = [one for one in caplog.records if one.name == "hairfeed.collect.faults"]
    assert (record.levelno, record.exc_info is not None) == (logging.ERROR, True)
    assert "page_fault" in record.getMessage()
    assert report.failures == ()


def html(name: str) -> str:
    return page(name).html(f"https://hair.example.org/{name}")


def test_a_page_of_a_folder_stops_no_other(publication: Publication, parser: Faulty, caplog: pytest.LogCaptureFixture) -> None:
    publication.subscribe("ann@example.com")
    for name in ("brushing", WORD):
        (publication.articles / f"{name}.html").write_text(html(name), encoding="utf-8")
    assert_told(collect(publication), caplog, f"{WORD}.html")
    assert live(publication).keys() == {"brushing"}
    parser.is_mended = True
    assert collect(publication, NEXT_FRIDAY).baseline == 1
    assert live(publication).keys() == {"brushing", WORD}


def test_an_edited_page_stays_as_it_was_until_it_can_be_read(
    publication: Publication, parser: Faulty, caplog: pytest.LogCaptureFixture
) -> None:
    path = publication.articles / "brushing.html"
    path.write_text(html("brushing"), encoding="utf-8")
    collect(publication)
    path.write_text(html(WORD), encoding="utf-8")
    assert_told(collect(publication, SOON), caplog, "brushing.html")
    assert live(publication).keys() == {"brushing"}
    parser.is_mended = True
    assert collect(publication, LATER).changed == 1
    assert live(publication).keys() == {WORD}


def test_a_page_of_a_web_site_stops_no_other_and_is_asked_for_again(
    publication: Publication, site: Site, parser: Faulty, caplog: pytest.LogCaptureFixture
) -> None:
    # The sitemap is read as bytes, too, and names the page: it has another name here.
    site.pages["/odd"] = site.pages.pop(f"/{WORD}")
    publication.sources(source("website", site.url))
    assert_told(collect(publication), caplog, "/odd")
    assert live(publication).keys() == {"brushing"}
    parser.is_mended = True
    site.pages_asked()
    assert collect(publication, SOON).baseline == 1
    assert site.pages_asked() == ["/odd"]
    assert live(publication).keys() == {"brushing", WORD}


def test_an_edit_on_a_web_site_is_not_lost(
    publication: Publication, site: Site, parser: Faulty, caplog: pytest.LogCaptureFixture
) -> None:
    del site.pages[f"/{WORD}"]
    publication.sources(source("website", site.url))
    collect(publication)
    site.pages["/brushing"] = page(WORD)
    assert_told(collect(publication, SOON), caplog, "/brushing")
    assert live(publication).keys() == {"brushing"}
    parser.is_mended = True
    assert collect(publication, LATER).changed == 1
    assert live(publication).keys() == {WORD}


@pytest.mark.parametrize("title", ["About {}", "About &amp;lt;b&amp;gt; and {}"], ids=["judging", "mapping"])
def test_an_entry_of_a_feed_stops_no_other_and_the_feed_is_sent_again(
    publication: Publication, site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, title: str
) -> None:
    parser = Faulty(str)
    monkeypatch.setattr(etree, "fromstring", parser)
    odd = title.format(WORD)
    content = site.feed().replace(f"About {WORD}", odd)
    site.raw["/feed.xml"] = ("application/rss+xml", content.encode())
    publication.sources(source("feed", f"{site.url}/feed.xml", 'full_text = "feed"'))
    assert_told(collect(publication), caplog, f"/{WORD}" if title == "About {}" else "/feed.xml")
    assert live(publication).keys() == {"brushing"}
    parser.is_mended = True
    assert collect(publication, SOON).new == 1
    assert len(live(publication)) == 2
    assert collect(publication, LATER).new == 0
    assert site.unchanged == ["/feed.xml"]


def test_where_the_page_of_an_entry_makes_trouble_the_feed_has_a_text_and_the_page_is_read_again(
    publication: Publication, site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    parser = Faulty(bytes)
    monkeypatch.setattr(etree, "fromstring", parser)
    publication.sources(source("feed", f"{site.url}/feed.xml", 'full_text = "page"'))
    site.raw["/feed.xml"] = ("application/rss+xml", site.feed().encode())
    site.pages[f"/{WORD}"].text = f"On the page there is more to say about {WORD} than elsewhere. It takes two sentences as well."
    report = collect(publication)
    assert_told(report, caplog, f"/{WORD}")
    assert live(publication)[WORD].html.startswith("<p>This is what")
    parser.is_mended = True
    assert collect(publication, SOON).changed == 1
    assert "On the page" in live(publication)[WORD].html


# Whole sources.


def assert_failed(report: CollectReport, caplog: pytest.LogCaptureFixture, name: str, reason: str) -> None:
    (failure,) = report.failures
    assert failure.where == f"source {name}"
    assert failure.what.startswith(f"made HairFeed stumble ({reason}")
    (record,) = [one for one in caplog.records if one.name == "hairfeed.collect.faults"]
    assert (record.levelno, record.exc_info is not None) == (logging.ERROR, True)
    assert record.getMessage() == f"source_fault source={name}"


def test_a_folder_stops_no_other_source(
    publication: Publication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    publication.page("brushing")
    more = publication.folder / "more"
    more.mkdir()
    (publication.articles / "brushing.txt").rename(more / "brushing.txt")
    publication.sources(FOLDER, '[sources.more]\ntype = "folder"\npath = "../more"\n')
    scan = os.scandir

    def scandir(path: Any = ".") -> Any:
        if str(path) == os.path.realpath(publication.articles):
            raise RecursionError("too deep")
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert_failed(collect(publication), caplog, "folder", "RecursionError: too deep)")
    assert live(publication).keys() == {"brushing"}


def test_a_generators_config_stops_no_other_source(
    publication: Publication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    publication.page("brushing")
    project = publication.folder / "project"
    (project / "_posts").mkdir(parents=True)
    (project / "_config.yml").write_text("title: Hair\n", encoding="utf-8")
    publication.sources(FOLDER, '[sources.more]\ntype = "folder"\npath = "../project"\n')

    def load(*_arguments: object, **_options: object) -> None:
        raise MemoryError

    monkeypatch.setattr("yaml.load", load)
    assert_failed(collect(publication), caplog, "more", "MemoryError)")
    assert live(publication).keys() == {"brushing"}


def test_a_feed_stops_no_other_source_and_backs_off(
    publication: Publication, site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    publication.page("drying")
    publication.sources(FOLDER, source("feed", f"{site.url}/feed.xml", name="feed"))

    def no_parser(*_arguments: object, **_options: object) -> None:
        raise ValueError("embedded\nnull")

    with monkeypatch.context() as patched:
        patched.setattr(expat, "ParserCreate", no_parser)
        assert_failed(collect(publication), caplog, "feed", "ValueError: embedded null)")
    assert live(publication).keys() == {"drying"}
    (waiting,) = collect(publication, FRIDAY + timedelta(minutes=1)).failures
    assert "failed once" in waiting.what
    assert site.asked.count("/feed.xml") == 1
    assert collect(publication, SOON).failures == ()
    assert len(live(publication)) == 3


def test_what_cannot_be_entered_changes_nothing_and_backs_off(
    publication: Publication, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    publication.page("drying")
    publication.sources(source("website", site.url, name="site"), FOLDER)

    def trip(_connection: object, _cursor: object, statement: str, parameters: object, *_more: object) -> None:
        if statement.startswith("INSERT INTO articles") and WORD in str(parameters):
            raise OverflowError("int too large")

    event.listen(Engine, "before_cursor_execute", trip)
    try:
        assert_failed(collect(publication), caplog, "site", "OverflowError: int too large)")
    finally:
        event.remove(Engine, "before_cursor_execute", trip)
    assert live(publication).keys() == {"drying"}
    site.asked.clear()
    assert len(collect(publication, FRIDAY + timedelta(minutes=1)).failures) == 1
    assert site.asked == []
    assert collect(publication, SOON).failures == ()
    assert live(publication).keys() == {"drying", "brushing", WORD}


class Stopping(Nobody):
    """Watches a pass, and raises at one step of it."""

    def __init__(self, label: str, error: Exception) -> None:
        """`label` is the step's."""
        self.label = label
        self.error = error

    def step(self, label: str, done: int, total: int) -> None:
        if label == self.label:
            raise self.error


@pytest.mark.parametrize("label", ["Reading folder", "Cleaning folder"])
@pytest.mark.parametrize("error", [PageError("gone astray"), DateError("gone astray"), ZeroDivisionError("gone astray")])
def test_an_error_that_went_astray_stops_no_other_source(publication: Publication, label: str, error: Exception) -> None:
    publication.page("brushing")
    more = publication.folder / "more"
    more.mkdir()
    (more / "drying.txt").write_bytes(publication.page("drying").read_bytes())
    publication.sources(FOLDER, '[sources.more]\ntype = "folder"\npath = "../more"\n')
    report = run_pass(publication.settings, FRIDAY, Stopping(label, error)).collect
    assert [(failure.where, "gone astray" in failure.what) for failure in report.failures] == [("source folder", True)]
    assert live(publication).keys() == {"drying"}


def test_a_ledger_that_cannot_be_used_stops_the_pass(publication: Publication) -> None:
    publication.page("brushing")
    with pytest.raises(StoreError):
        run_pass(publication.settings, FRIDAY, Stopping("Cleaning articles", StoreError("the disk is full")))


# What is contained.


class PanicException(BaseException):
    """As libraries in Rust raise it."""


@pytest.mark.parametrize("error", [ValueError("x"), RecursionError("x"), AssertionError("x"), OSError("x"), PanicException("x")])
@pytest.mark.parametrize("fault", [PageFault, SourceFault])
def test_whatever_nobody_foresaw_is_contained(error: BaseException, fault: type[PageFault | SourceFault]) -> None:
    with pytest.raises(fault, match=rf"\({type(error).__name__}: x\)"), contained(fault, "source=a"):
        raise error


@pytest.mark.parametrize("error", [PageError("x"), SourceError("x"), StoreError("x"), KeyboardInterrupt(), SystemExit(1)])
def test_what_is_meant_for_others_passes(error: BaseException) -> None:
    with pytest.raises(type(error)) as raised, contained(PageFault, "source=a"):
        raise error
    assert raised.value is error


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "ValueError"), ("a\n b\t", "ValueError: a b"), ("\ud800", "ValueError: ?"), ("x" * 301, "x" * 300 + "…")],
)
def test_a_reason_is_one_short_line_that_every_report_can_hold(text: str, reason: str) -> None:
    with pytest.raises(PageFault) as raised, contained(PageFault, "source=a"):
        raise ValueError(text)
    assert f"{reason})" in str(raised.value)
