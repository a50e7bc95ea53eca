"""Mails to the operator: one about each thing that happened, however many passes see it."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from hairfeed.digest.operator_notices import write_notices
from hairfeed.models.issues import BatchState, IssueState
from hairfeed.store import subscribers, troubles
from hairfeed.store.schema.deliveries import batches, storms
from hairfeed.store.schema.issues import issues
from hairfeed.store.schema.operations import notices
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication

OPERATOR = "operator@hair.example.org"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """Somebody wants to know; an issue went out."""
    publication = Publication(tmp_path_factory.mktemp("watched") / "site")
    publication.configure("[mail]", f'[alerts]\nmail = "The Operator <{OPERATOR}>"\n\n[mail]')
    publication.page("archive")
    publication.subscribe("ann@example.net")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    return publication


@pytest.fixture
def watched(first: Publication, tmp_path: Path) -> Publication:
    """The same for every test."""
    return first.copied(tmp_path / "site")


def told(publication: Publication) -> list[EmailMessage]:
    return [mail for name, mail in publication.mails().items() if name.startswith("notice-")]


def passes(publication: Publication, at: datetime) -> None:
    for minutes in (10, 20):
        publication.run(at + timedelta(minutes=minutes))


def change(publication: Publication, *statements: object) -> None:
    ledger = publication.ledger()
    with ledger.write() as connection:
        for one in statements:
            connection.execute(one)  # type: ignore[call-overload]
    ledger.close()


def test_a_quiet_job_writes_to_nobody(watched: Publication) -> None:
    passes(watched, NEXT_FRIDAY)
    assert told(watched) == []


def test_a_draft_is_told_of_once_and_its_successor_once_more(watched: Publication) -> None:
    watched.configure('schedule = "Fri 08:00"', 'schedule = "Fri 08:00"\nmode = "review"')
    for week, name in enumerate(("sleeping", "eating"), start=1):
        at = NEXT_FRIDAY + timedelta(days=7 * week)
        watched.page(name, date=f"{13 + 7 * week}-8-2024")
        passes(watched, at)
    assert [(mail["To"], mail["Subject"]) for mail in told(watched)] == [(OPERATOR, "Issue weekly 2 waits for your approval")] * 2
    text = told(watched)[0].get_body(("plain",))
    assert text is not None
    assert "hairfeed issues plan weekly" in text.get_content()


def test_a_flood_is_told_of_once(watched: Publication) -> None:
    for number in range(12):
        watched.page(f"flood-{number}", date="20-8-2024")
    passes(watched, NEXT_FRIDAY + timedelta(days=5))
    assert [mail["Subject"] for mail in told(watched)] == ["12 new articles at once are kept out of the mail"]


def test_a_storm_is_told_of_once_and_anew_for_another_one(watched: Publication) -> None:
    storm = {"newsletter": "weekly", "at": NEXT_FRIDAY, "bounced": 30, "accepted": 200}
    change(watched, insert(storms).values(issue_id=1, **storm))
    passes(watched, NEXT_FRIDAY)
    (mail,) = told(watched)
    assert mail["Subject"] == "weekly is paused: its mail bounces"
    assert "Precedence" not in mail
    change(watched, update(storms).values(at=NEXT_FRIDAY + timedelta(hours=1)))
    passes(watched, NEXT_FRIDAY + timedelta(hours=1))
    assert len(told(watched)) == 2


def test_mails_in_doubt_are_told_of_once_and_anew_when_it_happens_again(watched: Publication) -> None:
    doubt = [
        update(batches).values(state=BatchState.IN_DOUBT, provider="smtp", claimed_at=NEXT_FRIDAY, called_at=NEXT_FRIDAY),
        update(issues).values(state=IssueState.SENDING),
    ]
    change(watched, *doubt)
    passes(watched, NEXT_FRIDAY)
    assert [mail["Subject"] for mail in told(watched)] == ["Issue weekly 1 waits: mails are in doubt"]
    change(watched, update(batches).values(state=BatchState.ACCEPTED))
    passes(watched, NEXT_FRIDAY + timedelta(hours=1))
    change(watched, *doubt)
    passes(watched, NEXT_FRIDAY + timedelta(hours=2))
    assert len(told(watched)) == 2


def test_a_refused_account_is_told_of_once_until_it_is_mended(watched: Publication) -> None:
    def refused(at: datetime, *names: str) -> None:
        ledger = watched.ledger()
        with ledger.write() as connection:
            troubles.keep(connection, {f"account {name}": "401 no such key" for name in names}, at)
        ledger.close()

    for minutes, names in enumerate([["mailgun"], ["mailgun"], [], ["mailgun"]]):
        refused(NEXT_FRIDAY + timedelta(minutes=minutes), *names)
        # What deliver finds itself is not of interest here.
        _queue(watched, NEXT_FRIDAY + timedelta(minutes=minutes))
    watched.run(NEXT_FRIDAY + timedelta(hours=1))
    assert [mail["Subject"] for mail in told(watched)] == ["mailgun refuses our account"] * 2


def _queue(publication: Publication, at: datetime) -> None:
    ledger = publication.ledger()
    write_notices(ledger, publication.settings, at)
    ledger.close()


def test_a_suppressed_operator_gets_nothing(watched: Publication) -> None:
    storm = {"newsletter": "weekly", "at": NEXT_FRIDAY, "bounced": 30, "accepted": 200}
    change(watched, insert(storms).values(issue_id=1, **storm))

    ledger = watched.ledger()
    with ledger.write() as connection:
        subscribers.suppress(connection, OPERATOR, "hard bounce", NEXT_FRIDAY)
    ledger.close()
    passes(watched, NEXT_FRIDAY)
    assert told(watched) == []


def test_without_an_address_nothing_is_written_down(publication: Publication) -> None:
    publication.page("archive")
    publication.run(FRIDAY)
    for number in range(12):
        publication.page(f"flood-{number}", date="9-8-2024")
    publication.run(FRIDAY + timedelta(minutes=5))
    ledger = publication.ledger()
    with ledger.read() as connection:
        assert connection.execute(select(notices)).all() == []
    ledger.close()


def test_a_broken_template_keeps_the_notice_for_the_next_pass(watched: Publication) -> None:
    folder = watched.folder / "templates" / "email"
    folder.mkdir(parents=True)
    (folder / "notice.html").write_text("{{ nonsense }}", encoding="utf-8")
    watched.configure('author = "The Editor"', 'author = "The Editor"\ntemplates = "../templates"')
    change(watched, insert(storms).values(issue_id=1, newsletter="weekly", at=NEXT_FRIDAY, bounced=30, accepted=200))
    report = watched.run(NEXT_FRIDAY + timedelta(minutes=1))
    assert "nonsense" in str(report.notices.failures)
    (folder / "notice.html").unlink()
    assert watched.run(NEXT_FRIDAY + timedelta(minutes=2)).notices.written == 1
