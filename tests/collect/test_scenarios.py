"""The policies, each as a scenario over several passes of one changing site, read as a folder, as a web site and as a feed.

A scenario is a file of rows in scenarios/; the rows are listed in scenarios/README.md.
"""

import shlex
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hairfeed.pipeline import PassReport
from hairfeed.store import catalogue
from tests.collect.site import Site, SitePage, served
from tests.conftest import Publication

SCENARIOS = sorted(Path(__file__).with_name("scenarios").glob("*.txt"))
KINDS = ("folder", "website", "feed")


def rows(scenario: Path) -> Iterator[tuple[int, list[str]]]:
    """The scenario's rows with their line numbers."""
    for number, line in enumerate(scenario.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            yield number, shlex.split(line)


def kinds_of(scenario: Path) -> list[str]:
    """The kinds of source that the scenario holds for: its first row says so, if not all."""
    first = next(rows(scenario))[1]
    return first[1:] if first[0] == "only" else list(KINDS)


class Stage:
    """A publication and its site, in one kind of source."""

    def __init__(self, publication: Publication, site: Site, kind: str) -> None:
        self.publication = publication
        self.site = site
        self.kind = kind
        self.report: PassReport | None = None
        self.configure()
        publication.subscribe("ann@example.com", now=datetime(2024, 8, 1, tzinfo=UTC))

    def configure(self) -> None:
        """Point the one source of the config at the site."""
        folder = f'type = "folder"\npath = "../articles"\nurl = "{self.site.url}/{{path}}"'
        fetched = f'type = "{self.kind}"\nallow_private = true\npause = 0\nurl = "{self.site.url}"'
        feed = fetched.replace(self.site.url, f"{self.site.url}/feed.xml")
        source = {"folder": folder, "website": fetched, "feed": feed}[self.kind] + '\ndate_order = "auto"'
        self.publication.configure('type = "folder"\npath = "../articles"', source)

    def page(self, name: str, title: str, date: str, text: str) -> None:
        """Add or change a page; the date may be `undated`."""
        page = SitePage(title, None if date == "undated" else date, text)
        self.site.pages[f"/{name}"] = page
        stated = f"date: {page.date}\n" if page.date else ""
        matter = f"---\ntitle: {title}\n{stated}author: The Editor\ncategory: {page.category}\n---\n"
        (self.publication.articles / f"{name}.md").write_text(matter + "\n\n".join(text.split("\n")) + "\n", encoding="utf-8")

    def pages(self, count: str, date: str) -> None:
        """Add many pages of one day."""
        for number in range(int(count)):
            self.page(f"page-{number}", f"Page {number}", date, f"This is page {number} of many. It says little else.")

    def remove(self, name: str) -> None:
        """Take a page away."""
        del self.site.pages[f"/{name}"]
        (self.publication.articles / f"{name}.md").unlink()

    def rename(self, old: str, new: str) -> None:
        """Move a page to another address; the old one leads there."""
        self.site.pages[f"/{new}"] = self.site.pages.pop(f"/{old}")
        self.site.redirects[f"/{old}"] = f"/{new}"
        (self.publication.articles / f"{old}.md").rename(self.publication.articles / f"{new}.md")

    def run(self, instant: str) -> None:
        """Make a pass."""
        self.report = self.publication.run(datetime.fromisoformat(instant).replace(tzinfo=UTC))

    def let_in(self) -> None:
        """Let a flood into the mail, as the operator does."""
        ledger = self.publication.ledger()
        with ledger.write() as connection:
            catalogue.let_into_mail(connection, None, "articles")
        ledger.close()

    def standing(self, title: str) -> str:
        """How an article stands: `live baseline`, `gone eligible` …; `unknown` when the ledger has none by that title."""
        ledger = self.publication.ledger()
        with ledger.read() as connection:
            entries = catalogue.listed(connection, 1000, None, not_mailed=False)
        ledger.close()
        found = [f"{entry.state} {entry.standing}" for entry in entries if entry.title == title]
        return " / ".join(found) or "unknown"

    def mailed(self) -> list[str]:
        """The subjects of all mails so far."""
        return sorted(str(mail["Subject"]) for mail in self.publication.mails().values())


def play(stage: Stage, row: list[str]) -> None:
    """Do what a row says, or compare."""
    verb, *words = row
    report = stage.report
    actions: dict[str, Callable[..., None]] = {
        "page": stage.page,
        "pages": stage.pages,
        "remove": stage.remove,
        "rename": stage.rename,
        "pass": stage.run,
    }
    if verb in actions:
        actions[verb](*words)
    elif verb == "config":
        stage.publication.configure('date_order = "auto"', f'date_order = "auto"\n{words[0]}')
    elif verb == "let-in":
        stage.let_in()
    elif verb == "stands":
        assert stage.standing(words[0]) == " ".join(words[1:])
    elif verb == "mailed":
        assert stage.mailed() == words
    elif verb == "counts":
        assert report is not None
        assert {name: getattr(report.collect, name) for name in words[::2]} == dict(
            zip(words[::2], map(int, words[1::2]), strict=True)
        )
    elif verb == "warns":
        assert report is not None
        assert any(words[0] in str(problem) for problem in report.warnings), report.warnings
    elif verb == "fails":
        assert report is not None
        assert any(words[0] in str(problem) for problem in report.failures), report.failures
    else:
        assert verb == "only", f"unknown row: {row}"


@pytest.mark.parametrize(
    ("scenario", "kind"),
    [pytest.param(scenario, kind, id=f"{scenario.stem}-{kind}") for scenario in SCENARIOS for kind in kinds_of(scenario)],
)
def test_the_scenario_holds(publication: Publication, scenario: Path, kind: str) -> None:
    with served(Site()) as site:
        stage = Stage(publication, site, kind)
        for number, row in rows(scenario):
            try:
                play(stage, row)
            except AssertionError as error:
                raise AssertionError(f"{scenario.name}:{number}: {' '.join(row)}: {error}") from error
