"""Pages of issues: in place before the first mail goes out, and as the ledger has them ever after."""

import re
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Connection, update

from hairfeed.files import shipped
from hairfeed.store import feed_files
from hairfeed.store.schema.issues import issues
from tests.collect.photos import illustrate
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication, free_port
from tests.feeds.places import RsyncDaemon, files_below, push_to

WEEK = timedelta(days=7)
READER = "ann@example.com"


def pages(publication: Publication) -> dict[str, str]:
    """Every page of an issue, by path below the folder of issues."""
    folder = publication.public / "issues"
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*.html"))}


def mail_an_issue(publication: Publication, number: int) -> None:
    """A new article, and the pass that mails it."""
    moment = FRIDAY + number * WEEK
    publication.page(f"week-{number}", date=f"{moment.day}-{moment.month}-{moment.year}")
    assert publication.run(moment).failures == []


@pytest.fixture
def weekly(publication: Publication) -> Publication:
    """Its archive is taken in, and it has a reader."""
    publication.page("old")
    publication.subscribe(READER)
    publication.run(FRIDAY)
    return publication


@contextmanager
def ledger_of(publication: Publication) -> Iterator[Connection]:
    ledger = publication.ledger()
    with ledger.write() as connection:
        yield connection
    ledger.close()


def set_state(publication: Publication, number: int, state: str) -> None:
    with ledger_of(publication) as connection:
        connection.execute(update(issues).where(issues.c.number == number).values(state=state))


def test_every_issue_has_a_page_and_the_newsletter_a_list(weekly: Publication) -> None:
    assert pages(weekly) == {}
    mail_an_issue(weekly, 1)
    mail_an_issue(weekly, 2)
    found = pages(weekly)
    assert sorted(found) == ["weekly/1/index.html", "weekly/2/index.html", "weekly/index.html"]
    assert "About week-1" in found["weekly/1/index.html"]
    assert "issues/weekly/2/" in found["weekly/1/index.html"]
    assert "issues/weekly/1/" in found["weekly/2/index.html"]
    assert found["weekly/index.html"].index("About week-2") < found["weekly/index.html"].index("About week-1")


def test_nothing_personal_is_on_a_page(weekly: Publication) -> None:
    mail_an_issue(weekly, 1)
    for page in pages(weekly).values():
        assert READER not in page
        assert "unsubscribe" not in page.lower()
        assert "mailto:" not in page


class Lookout:
    """A mail relay that looks at something whenever a mail arrives."""

    def __init__(self, look: Callable[[], Collection[str]]) -> None:
        self._look = look
        self.seen: list[Collection[str]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Look, and take the mail."""
        self.seen.append(self._look())
        return "250 OK"


def seen_at_the_mail(publication: Publication, look: Callable[[], Collection[str]]) -> Collection[str]:
    """What `look` sees when the mail of an issue arrives at its relay."""
    lookout, port = Lookout(look), free_port()
    publication.configure('provider = "outbox"', 'provider = "smtp"')
    smtp = f'[mail.smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
    publication.configure("[mail.outbox]", f"{smtp}\n[mail.outbox]")
    controller = Controller(lookout, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        publication.run(NEXT_FRIDAY)
    finally:
        controller.stop()
    (seen,) = lookout.seen
    return seen


def for_mail(folder: Path) -> list[str]:
    """What mails lead to and show, of what is in a folder."""
    return sorted(path for path in files_below(folder) if path.startswith(("issues/", "pictures/")))


def test_page_and_picture_are_there_before_the_mail(weekly: Publication) -> None:
    illustrate(weekly)
    seen = seen_at_the_mail(weekly, lambda: for_mail(weekly.public))
    assert seen == for_mail(weekly.public)
    assert len(seen) == 3


@pytest.mark.skipif(not shutil.which("rsync"), reason="rsync is not installed")
def test_page_and_picture_are_where_they_are_pushed_to_before_the_mail(weekly: Publication, tmp_path: Path) -> None:
    illustrate(weekly)
    with RsyncDaemon(tmp_path / "daemon") as daemon:
        push_to(weekly, 'type = "rsync"', f'target = "{daemon.url}/open"')
        seen = seen_at_the_mail(weekly, daemon.files)
        assert sorted(seen) == for_mail(weekly.public)
        assert daemon.files() == files_below(weekly.public)


@pytest.mark.skipif(not shutil.which("rsync"), reason="rsync is not installed")
def test_a_place_that_takes_nothing_holds_up_no_mail_and_is_named_once(weekly: Publication) -> None:
    push_to(weekly, 'type = "rsync"', f'target = "rsync://127.0.0.1:{free_port()}/open"')
    weekly.page("new", date="13-8-2024")
    report = weekly.run(NEXT_FRIDAY)
    assert [receipt.accepted for receipt in report.deliver.receipts] == [1]
    assert [problem.where for problem in report.failures] == ["push mirror"]


def test_a_pass_in_which_no_issue_changed_writes_no_page(weekly: Publication) -> None:
    mail_an_issue(weekly, 1)
    weekly.page("later", date="17-8-2024")
    report = weekly.run(NEXT_FRIDAY + timedelta(days=1))
    assert report.publish.written
    assert (report.archive.pages, report.archive.written) == (1, ())


def test_the_page_shows_the_picture_of_its_article(weekly: Publication) -> None:
    illustrate(weekly)
    weekly.run(NEXT_FRIDAY)
    (address,) = re.findall(r'<img src="([^"]+)" width="504" height="284"', pages(weekly)["weekly/1/index.html"])
    assert (weekly.public / "issues/weekly/1" / address).resolve().is_file()


@pytest.mark.parametrize("state", ["draft", "cancelled"])
def test_an_issue_that_is_not_for_the_public_has_no_page(weekly: Publication, state: str) -> None:
    for number in (1, 2, 3):
        mail_an_issue(weekly, number)
    set_state(weekly, 2, state)
    weekly.run(FRIDAY + 3 * WEEK)
    found = pages(weekly)
    assert sorted(found) == ["weekly/1/index.html", "weekly/3/index.html", "weekly/index.html"]
    assert "issues/weekly/3/" in found["weekly/1/index.html"]
    assert "About week-2" not in found["weekly/index.html"]
    with ledger_of(weekly) as connection:
        assert not [path for path in feed_files.published(connection) if "weekly/2/" in path]
    set_state(weekly, 2, "done")
    weekly.run(FRIDAY + 3 * WEEK)
    assert len(pages(weekly)) == 4


def test_without_an_archive_there_are_no_pages(weekly: Publication) -> None:
    mail_an_issue(weekly, 1)
    weekly.configure("[newsletters", "[archive]\npages = false\n\n[newsletters")
    assert weekly.run(NEXT_FRIDAY).failures == []
    assert pages(weekly) == {}


def test_pages_that_were_lost_are_written_again_to_the_byte(weekly: Publication) -> None:
    weekly.configure("[feeds]", "[feeds]\ncompress = ['gzip', 'br']")
    mail_an_issue(weekly, 1)
    before = weekly.files()
    for lost in ("1/index.html", "1/index.html.br", "index.html.gz"):
        (weekly.public / "issues/weekly" / lost).unlink()
    weekly.run(NEXT_FRIDAY)
    assert weekly.files() == before


def test_compressed_forms_leave_with_the_setting(weekly: Publication) -> None:
    weekly.configure("[feeds]", "[feeds]\ncompress = ['gzip']")
    mail_an_issue(weekly, 1)
    assert len(list((weekly.public / "issues").rglob("*.gz"))) == 2
    weekly.configure("compress = ['gzip']\n", "")
    weekly.run(NEXT_FRIDAY)
    assert list((weekly.public / "issues").rglob("*.gz")) == []
    assert len(pages(weekly)) == 2


def test_pages_follow_the_settings_and_the_templates(weekly: Publication) -> None:
    mail_an_issue(weekly, 1)
    weekly.configure('title = "Plain Hair"', 'title = "Very Plain Hair"')
    weekly.run(NEXT_FRIDAY)
    assert all("Very Plain Hair" in page for page in pages(weekly).values())
    own = weekly.folder / "own/web"
    own.mkdir(parents=True)
    weekly.configure("[store]", f'templates = "{own.parent}"\n\n[store]')
    (own / "style.css").write_text("body { color: #123456; }")
    weekly.run(NEXT_FRIDAY)
    assert all("#123456" in page for page in pages(weekly).values())
    (own / "style.css").write_text("body { color: #654321; }")
    weekly.run(NEXT_FRIDAY)
    assert all("#654321" in page for page in pages(weekly).values())


def test_a_broken_template_is_a_failure_and_pages_in_place_stay(weekly: Publication) -> None:
    mail_an_issue(weekly, 1)
    before = pages(weekly)
    own = weekly.folder / "own/web"
    own.mkdir(parents=True)
    weekly.configure("[store]", f'templates = "{own.parent}"\n\n[store]')
    (own / "issue.html").write_text("{{ nothing }}")
    weekly.page("new", date="20-8-2024")
    report = weekly.run(FRIDAY + 2 * WEEK)
    assert [problem.where for problem in report.failures] == ["pages of issues"]
    assert "issue.html:1" in report.failures[0].what
    assert [receipt.accepted for receipt in report.deliver.receipts] == [1]
    assert pages(weekly).items() >= before.items() - {("weekly/index.html", before["weekly/index.html"])}
    (own / "issue.html").write_text(shipped("templates/web/issue.html").read_text())
    assert weekly.run(FRIDAY + 2 * WEEK).failures == []
    assert len(pages(weekly)) == 3


def test_feeds_and_pages_leave_each_other_alone(weekly: Publication) -> None:
    mail_an_issue(weekly, 1)
    before = pages(weekly)
    weekly.configure("[feeds]", '[feeds]\ncontent = "summary"')
    report = weekly.run(NEXT_FRIDAY)
    assert report.publish.written
    assert report.archive.written == ()
    assert pages(weekly) == before
    with ledger_of(weekly) as connection:
        assert {path for path in feed_files.published(connection) if path.startswith("issues/")} == {
            f"issues/{path}" for path in before
        }
