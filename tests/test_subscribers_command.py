"""`hairfeed subscribers …` as the operator types it."""

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from hairfeed.cli import app
from hairfeed.models.events import EventKind, MailEvent
from hairfeed.store import events
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication

READER = "ann@example.com"


def subscribers(publication: Publication, *arguments: str, answer: str | None = None) -> str:
    """What the command prints; it must end well."""
    done = CliRunner().invoke(app, ["subscribers", *arguments, "--config", str(publication.config)], input=answer)
    assert done.exception is None, done.exception
    return done.output


def test_a_reader_is_shown_with_all_that_is_kept(publication: Publication) -> None:
    subscribers(publication, "add", READER, "--confirmed", "--now", "2024-08-09T09:00")
    subscribers(publication, "suppress", READER, "--reason", "asked by letter")
    shown = subscribers(publication, "show", READER.upper()).splitlines()
    assert shown == [
        f"{READER}, known since 2024-08-09",
        "never mailed: asked by letter",
        "weekly: confirmed since 2024-08-09 09:00",
        "weekly: asked 2024-08-09 09:00 by operator, on the command line, confirmed 2024-08-09 09:00",
        "  “The operator vouches that the reader asked for this newsletter.”",
    ]


def test_a_reader_is_shown_with_what_was_written_to_them_and_told_of_them(publication: Publication) -> None:
    publication.configure("[mail.outbox]", '[web]\nurl = "https://hair.example.org/mail"\n\n[mail.outbox]')
    publication.page("brushing", date="8-8-2024")
    publication.run(FRIDAY)
    publication.subscribe(READER)
    publication.page("swimming", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    subscribers(publication, "add", "ben@example.com", "--now", "2024-08-17T09:00")
    ledger = publication.ledger()
    with ledger.write() as connection:
        bounce = MailEvent("plain", "1", EventKind.SOFT_BOUNCE, NEXT_FRIDAY, READER, reason="452 full")
        events.keep(connection, [bounce], NEXT_FRIDAY)
    ledger.close()
    assert subscribers(publication, "show", READER).splitlines()[-2:] == [
        "2024-08-16 09:00: soft bounce, says plain: 452 full",
        "issues: weekly 1",
    ]
    assert "asked 2024-08-17 09:00 for weekly by operator, on the command line; waits for a pass" in subscribers(
        publication, "show", "ben@example.com"
    )
    publication.run(NEXT_FRIDAY + timedelta(days=2))
    assert "letter of 2024-08-18 09:00: confirmation" in subscribers(publication, "show", "ben@example.com")


def test_a_list_can_be_of_one_state_or_newsletter(publication: Publication) -> None:
    subscribers(publication, "add", READER, "--confirmed", "--now", "2024-08-09T09:00")
    subscribers(publication, "add", "ben@example.com", "--now", "2024-08-09T09:00")
    assert subscribers(publication, "list", "--state", "pending") == "weekly  pending       2024-08-09  ben@example.com\n"
    assert subscribers(publication, "list", "--newsletter", "weekly").count("\n") == 2


def test_a_list_turns_pages_in_the_order_of_addresses(publication: Publication) -> None:
    for name in ("cleo", "ann", "ben"):
        subscribers(publication, "add", f"{name}@example.com", "--now", "2024-08-09T09:00")
    first = subscribers(publication, "list", "--limit", "2").splitlines()
    assert [line.split()[-1] for line in first] == ["ann@example.com", "ben@example.com"]
    assert subscribers(publication, "list", "--after", "Ben@example.com").split()[-1] == "cleo@example.com"


def test_a_list_is_there_for_machines(publication: Publication) -> None:
    assert json.loads(subscribers(publication, "list", "--json")) == []
    for name in ("ann", "ben"):
        subscribers(publication, "add", f"{name}@example.com", "--now", "2024-08-09T09:00", "--topics", "Hair Care")
    first, second = json.loads(subscribers(publication, "list", "--json"))
    assert first == {
        "email": "ann@example.com",
        "newsletter": "weekly",
        "state": "pending",
        "changed_at": "2024-08-09T09:00:00+00:00",
        "topics": "hair-care",
        "language": "",
        "active_on": None,
        "asked_to_stay_at": None,
    }
    assert second["email"] == "ben@example.com"


def test_a_reader_is_shown_to_machines_with_all_that_is_kept(publication: Publication) -> None:
    subscribers(
        publication, "add", READER, "--confirmed", "--name", "Ann", "--time-zone", "Europe/Rome", "--now", "2024-08-09T09:00"
    )
    shown = json.loads(subscribers(publication, "show", READER, "--json"))
    assert (shown["email"], shown["name"], shown["time_zone"], shown["suppressed"]) == (READER, "Ann", "Europe/Rome", None)
    assert shown["consents"][0]["given_at"] == "2024-08-09T09:00:00+00:00"
    assert [one["state"] for one in shown["subscriptions"]] == ["confirmed"]


def test_a_newsletter_that_nothing_is_known_of_is_a_slip(publication: Publication) -> None:
    done = CliRunner().invoke(app, ["subscribers", "list", "--newsletter", "daily", "--config", str(publication.config)])
    assert str(done.exception) == "daily: no such newsletter; the config has: weekly"


def test_a_reader_who_is_not_vouched_for_is_asked_by_the_next_pass(publication: Publication) -> None:
    assert subscribers(publication, "add", READER) == f"{READER}: pending for weekly\n"
    assert publication.run().subscribers.letters == 0
    publication.configure("[mail.outbox]", '[web]\nurl = "https://hair.example.org/mail"\n\n[mail.outbox]')
    assert "asks them by mail" in subscribers(publication, "add", READER)
    assert publication.run().subscribers.letters == 1


def test_a_stranger_is_said_to_be_one(publication: Publication) -> None:
    done = CliRunner().invoke(app, ["subscribers", "show", READER, "--config", str(publication.config)])
    assert "nothing is known" in str(done.exception)


def test_suppression_comes_and_goes(publication: Publication) -> None:
    assert "never mailed again" in subscribers(publication, "suppress", READER)
    assert "before" in subscribers(publication, "suppress", READER)
    assert "may be mailed" in subscribers(publication, "allow", READER)
    assert "was not suppressed" in subscribers(publication, "allow", READER)


@pytest.mark.parametrize(("options", "answer"), [((), "y\n"), (("--yes",), None)])
def test_erasing_is_asked_about_and_done(publication: Publication, options: tuple[str, ...], answer: str | None) -> None:
    subscribers(publication, "add", READER, "--confirmed")
    assert f"{READER}: erased" in subscribers(publication, "erase", READER, *options, answer=answer)
    assert READER not in subscribers(publication, "list")


def test_an_erasure_that_is_not_meant_changes_nothing(publication: Publication) -> None:
    subscribers(publication, "add", READER, "--confirmed")
    done = CliRunner().invoke(app, ["subscribers", "erase", READER, "--config", str(publication.config)], input="n\n")
    assert done.exit_code == 1
    assert READER in subscribers(publication, "list")


def test_the_form_needs_pages_and_speaks_languages(publication: Publication) -> None:
    done = CliRunner().invoke(app, ["subscribers", "form", "--config", str(publication.config)])
    assert "[web]" in str(done.exception)
    publication.configure("[mail.outbox]", '[web]\nurl = "https://hair.example.org/mail"\n\n[mail.outbox]')
    form = subscribers(publication, "form", "--language", "de")
    assert '<form class="hairfeed" method="post" action="https://hair.example.org/mail/" lang="de"' in form
    assert ">Abonnieren</button>" in form
