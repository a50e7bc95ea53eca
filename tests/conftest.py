"""A small publication to test with: a folder of pages, a config, and passes at a chosen hour."""

import os
import re
import secrets
import shutil
import socket
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import compress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import func, update

from hairfeed.models.issues import Receipt
from hairfeed.pipeline import PassReport, run_pass
from hairfeed.settings import Settings, load_settings
from hairfeed.store.database import Ledger, open_ledger
from hairfeed.store.schema.articles import sources
from hairfeed.subscribers import subscriptions
from tests.store import place

# Neither how busy the machine is nor chance decides a test. HYPOTHESIS_PROFILE=explore draws other examples in every run.
settings.register_profile("hairfeed", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("explore", settings.get_profile("hairfeed"), derandomize=False, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "hairfeed"))

FRIDAY = datetime(2024, 8, 9, 9, 0, tzinfo=UTC)
"""An hour after the newsletter's hour: what is there at the first pass is the archive."""

NEXT_FRIDAY = datetime(2024, 8, 16, 9, 0, tzinfo=UTC)

CONFIG = """
[site]
title = "Plain Hair"
url = "https://hair.example.org"
language = "en"
timezone = "UTC"
author = "The Editor"
postal_address = "Plain Hair, 1 Example Street, Springfield"
notice = "General information, not medical advice."

[store]
url = "sqlite:///../hairfeed.db"
lock_timeout = 5

[sources.articles]
type = "folder"
path = "../articles"

[feeds]
directory = "../public"
url = "https://hair.example.org/feeds"

[newsletters.weekly]
title = "Plain Hair Weekly"
schedule = "Fri 08:00"

[mail]
provider = "outbox"
from = "Plain Hair Weekly <weekly@hair.example.org>"
reply_to = "editor@hair.example.org"

[mail.outbox]
directory = "../outbox"
"""


_IN_A_FILE = "sqlite:///../hairfeed.db"


class Publication:
    """A publication in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        """Write the config; there are no pages yet. A folder with a config is a publication already."""
        place.touch()
        self.folder = folder
        self.articles = folder / "articles"
        self.public = folder / "public"
        self.outbox = folder / "outbox"
        self.config = folder / "config" / "hairfeed.toml"
        self._url = _IN_A_FILE
        if self.config.exists():
            return
        self.config.parent.mkdir(parents=True)
        self.articles.mkdir()
        self.config.write_text(CONFIG, encoding="utf-8")
        if place.ON_POSTGRESQL:
            self.configure(_IN_A_FILE, place.migrated(folder / "hairfeed.db"))

    def copied(self, folder: Path) -> "Publication":
        """Another one with all that this one has: passes that many tests begin with are made once."""
        shutil.copytree(self.folder, folder)
        new = Publication(folder)
        new._url = self._url
        if place.ON_POSTGRESQL:
            new.configure(_IN_A_FILE, place.copied(self._url))
        with closing(new.ledger()) as ledger, ledger.write() as connection:
            # A source at another place would begin anew.
            moved = func.replace(sources.c.location, str(self.folder), str(folder))
            connection.execute(update(sources).values(location=moved))
        return new

    def configure(self, old: str, new: str) -> None:
        """Change the config's text."""
        text = self.config.read_text(encoding="utf-8")
        if old == _IN_A_FILE:
            old, self._url = self._url, new
        assert old in text
        self.config.write_text(text.replace(old, new), encoding="utf-8")

    def sources(self, *sections: str) -> None:
        """Have these sources in the config and no others."""
        text = self.config.read_text(encoding="utf-8")
        others = re.sub(r"^\[sources\..*?(?=^\[(?!sources\.)|\Z)", "", text, flags=re.DOTALL | re.MULTILINE)
        self.config.write_text(others + "\n" + "\n".join(sections), encoding="utf-8")

    def page(self, name: str, *, title: str = "", date: str = "8-8-2024", category: str = "Hair Care", body: str = "") -> Path:
        """Write a .txt page in the publication's form."""
        path = self.articles / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        title = title or f"About {name}"
        body = body or f"This is what there is to say about {name}. It takes two sentences."
        furniture = f"Related {category} Articles\n\nRead All {category} Articles\n"
        text = f"{category}\n\n{title}\n\n{body}\n\n\n\nPlain Hair - {date}\n\n\n\n{furniture}"
        path.write_text(text, encoding="utf-8")
        return path

    @property
    def settings(self) -> Settings:
        """The config as it is now."""
        return load_settings(self.config, {})

    def run(self, now: datetime = FRIDAY) -> PassReport:
        """Make one pass."""
        return run_pass(self.settings, now)

    def ledger(self) -> Ledger:
        """The ledger; the caller closes it."""
        return open_ledger(self.settings.store.url, 0.2)

    def subscribe(self, *readers: str, now: datetime = FRIDAY) -> None:
        """Let readers join, confirmed."""
        self._with_ledger(lambda connection: [subscriptions.add(connection, one, "weekly", now, confirmed=True) for one in readers])

    def unsubscribe(self, reader: str) -> None:
        """Let a reader leave."""
        self._with_ledger(lambda connection: subscriptions.unsubscribe(connection, reader, "weekly", FRIDAY))

    def without_ledger(self) -> None:
        """Have no ledger yet, or no longer."""
        place.without_ledger(self.settings.store.url)

    def has_ledger(self) -> bool:
        """Whether somebody has made one."""
        return place.has_ledger(self.settings.store.url)

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """Do something to the ledger behind its back; the rows that come of it."""
        return place.execute(self.settings.store.url, statement)

    def _with_ledger(self, change: Callable[[Any], object]) -> None:
        with closing(self.ledger()) as ledger, ledger.write() as connection:
            change(connection)

    def mails(self) -> dict[str, EmailMessage]:
        """Every mail in the outbox, by file name."""
        return {
            path.name: message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(self.outbox.glob("*.eml"))
        }

    def files(self) -> dict[str, bytes]:
        """Every feed file and mail, by path."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for folder in (self.public, self.outbox)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


_LONGEST = {"test_kill.py", "test_mails.py", "test_workers.py", "test_kill_hygiene.py", "test_push_rsync.py", "test_websub.py"}
"""Files of tests, each of half a minute or more: at the end, one process would work on them and all others be idle."""
_WITHOUT_LEDGER = "hairfeed/tests without a ledger"
_ON_A_SERVER = {"postgresql", "postgresql_programs"}
"""Fixtures of tests that are on PostgreSQL anyway."""
_without_ledger: dict[str, bool] = {}
"""By test, whether neither it nor one before it in its module had a ledger."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the longest; on PostgreSQL leave out what would be the same once more: tests that had no ledger before."""
    items.sort(key=lambda one: one.path.name not in _LONGEST)
    if not place.ON_POSTGRESQL:
        return
    without = set(config.cache.get(_WITHOUT_LEDGER, [])) if hasattr(config, "cache") else set()
    same = [one.nodeid in without or not _ON_A_SERVER.isdisjoint(getattr(one, "fixturenames", ())) for one in items]
    config.hook.pytest_deselected(items=list(compress(items, same)))
    items[:] = [one for one, again in zip(items, same, strict=True) if not again]


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """After the last test of a module nobody uses its databases any more."""
    _without_ledger[item.nodeid] = not place.touched
    if nextitem is None or nextitem.path != item.path:
        place.touched = False
        place.drop_all()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a test's words go from process to process (pytest-xdist), odd as the characters may be that it is about."""
    report = yield
    report.sections = [(name, _encodable(text)) for name, text in report.sections]
    if report.longreprtext != (text := _encodable(report.longreprtext)):
        report.longrepr = text
    return report


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear from a process that has run some of the tests (pytest-xdist) which of them had no ledger."""
    _without_ledger.update(getattr(node, "workeroutput", {}).get(_WITHOUT_LEDGER, {}))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Remember for PostgreSQL which tests have no ledger; of those that did not run now it stays as it was."""
    place.close()
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[_WITHOUT_LEDGER] = _without_ledger
    elif hasattr(session.config, "cache") and not place.ON_POSTGRESQL:
        cache = session.config.cache
        known = {one for one in cache.get(_WITHOUT_LEDGER, []) if one not in _without_ledger}
        cache.set(_WITHOUT_LEDGER, sorted(known | {one for one, without in _without_ledger.items() if without}))


@pytest.fixture
def publication(tmp_path: Path) -> Publication:
    """A publication without pages and readers."""
    return Publication(tmp_path / "site")


@pytest.fixture(scope="session")
def postgresql_programs() -> Path:
    """The folder of PostgreSQL's programs, for a server that a test stops or kills."""
    from tests.store.postgresql_server import programs

    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL's server, initdb and postgres, is not installed")
    return folder


@pytest.fixture(scope="session")
def postgresql(postgresql_programs: Path) -> str:
    """The address of a PostgreSQL server that all tests share, each with databases of its own."""
    return place.server()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on: none that the system could give to another socket until it is used."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def receipt(report: PassReport) -> Receipt:
    """The one receipt of a pass."""
    (only,) = report.deliver.receipts
    return only
