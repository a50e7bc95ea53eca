"""A newsletter at its readers' own hours, from the page where they say where they are to the mail."""

import re
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from hairfeed.cli import app
from hairfeed.store import subscribers
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication, receipt
from tests.web.readers import READER, Readers

HOUR = timedelta(hours=1)
EIGHT = NEXT_FRIDAY - HOUR
"""The newsletter's hour, 08:00 UTC."""
LOCAL = 'schedule = "Fri 08:00"\nlocal_time = true'


@pytest.fixture
def local(publication: Publication) -> Publication:
    """A newsletter at its readers' hours, with a new article for its next issue."""
    publication.configure('schedule = "Fri 08:00"', LOCAL)
    publication.page("archive")
    publication.run(FRIDAY)
    publication.page("curls", date="13-8-2024")
    publication.run(datetime(2024, 8, 13, tzinfo=UTC))
    return publication


def add(publication: Publication, email: str, zone: str) -> str:
    command = ["subscribers", "add", email, "--confirmed", "--time-zone", zone, "--config", str(publication.config)]
    result = CliRunner().invoke(app, command)
    return result.output if result.exit_code == 0 else str(result.exception or result.output)


def test_an_issue_is_composed_at_the_first_readers_hour_and_reaches_each_at_theirs(local: Publication) -> None:
    for email, zone in (
        ("east@example.net", "Pacific/Kiritimati"),
        ("home@example.net", ""),
        ("west@example.net", "Pacific/Midway"),
    ):
        add(local, email, zone)
    first = EIGHT - 14 * HOUR
    assert local.run(first - timedelta(minutes=1)).compose.composed == ()
    report = local.run(first)
    assert (len(report.compose.composed), receipt(report).accepted, receipt(report).waiting) == (1, 1, 2)
    shown = CliRunner().invoke(app, ["issues", "show", "weekly", "1", "--config", str(local.config)]).output
    assert "2 for their time; next Friday 2024-08-16 08:00 (UTC), last Friday 2024-08-16 19:00 (UTC)" in shown
    # What comes meanwhile is for the next issue.
    local.page("dyes", date="16-8-2024")
    taken = [(at, receipt(report).accepted) for at in (-1, 0, 10, 11) for report in [local.run(EIGHT + at * HOUR)]]
    assert taken == [(-1, 1), (0, 2), (10, 2), (11, 3)]
    assert len(local.mails()) == 3
    assert all("dyes" not in str(mail) for mail in local.mails().values())
    report = local.run(first + timedelta(days=7))
    assert [one.number for one in report.compose.composed] == [2]


def test_a_zone_that_does_not_exist_is_refused(local: Publication) -> None:
    assert "no time zone is called 'Europe/Atlantis'; use a name like Europe/Berlin" in add(local, READER, "Europe/Atlantis")


def zone_of(readers: Readers) -> str:
    with closing(readers.publication.ledger()) as ledger, ledger.read() as connection:
        found = subscribers.find(connection, READER)
        assert found is not None
        return found.time_zone


def test_readers_say_where_they_are_when_they_subscribe_and_may_move(publication: Publication) -> None:
    publication.configure('schedule = "Fri 08:00"', LOCAL)
    with closing(Readers(publication)) as readers:
        _choose_where(readers)


def _choose_where(readers: Readers) -> None:
    form = readers.get("/").text
    assert '<label for="time_zone">Your time zone</label>' in form
    assert '<option value="America/New_York">New York</option>' in form
    assert "Ihre Zeitzone" in readers.get("/?lang=de").text
    readers.sign_up(READER, "weekly", time_zone="America/New_York")
    readers.run()
    assert zone_of(readers) == "America/New_York"
    readers.post(readers.confirm_link(), {"action": "confirm", "newsletter": ["weekly"]})
    page = readers.links().preferences(readers.number(), "weekly")
    assert '<option value="America/New_York" selected>' in readers.get(page).text
    saved = {"action": "save", "name": ""}
    for sent, kept in (("Asia/Kolkata", "Asia/Kolkata"), (None, "Asia/Kolkata"), ("UTC", "UTC"), ("../etc/passwd", ""), ("", "")):
        readers.post(page, saved if sent is None else saved | {"time_zone": sent})
        assert zone_of(readers) == kept
        shown = re.findall(r'<option value="([^"]*)"[^>]* selected>', readers.get(page).text)
        assert shown == ([kept] if kept else [])


def test_where_no_newsletter_goes_by_it_nobody_is_asked_where_they_are(publication: Publication) -> None:
    with closing(Readers(publication)) as readers:
        assert "time_zone" not in readers.get("/").text
        readers.sign_up(READER, "weekly", time_zone="America/New_York")
        readers.run()
        assert zone_of(readers) == ""
