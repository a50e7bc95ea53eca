"""`hairfeed newsletters …`, and what the operator sees and does of a storm."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import insert

from hairfeed.models.movements import Movement
from hairfeed.store import movements
from hairfeed.store.schema.deliveries import storms
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication
from tests.test_cli import hairfeed

SATURDAY = FRIDAY + timedelta(days=1)


@pytest.fixture
def moved(publication: Publication) -> Publication:
    """Two came, one left."""
    publication.page("archive")
    publication.subscribe("ann@example.net", "ben@example.net", now=FRIDAY)
    publication.unsubscribe("ben@example.net")
    publication.subscribe("cem@example.net", now=SATURDAY)
    return publication


def test_days_are_shown_and_add_up_before_and_after_a_pass(moved: Publication) -> None:
    shown = hairfeed("newsletters", "show", "-c", moved.config).stdout
    assert [line.split() for line in shown.splitlines()] == [
        ["day", "confirmed", "unsubscribed", "total"],
        ["2024-08-09", "2", "1", "1"],
        ["2024-08-10", "1", "0", "2"],
    ]
    assert hairfeed("prune", "--now", "2024-08-11", "-c", moved.config).returncode == 0
    assert hairfeed("newsletters", "show", "-c", moved.config).stdout == shown
    assert hairfeed("newsletters", "list", "-c", moved.config).stdout == "weekly  2  Plain Hair Weekly\n"
    assert json.loads(hairfeed("newsletters", "list", "--json", "-c", moved.config).stdout) == {"weekly": 2}
    found = json.loads(hairfeed("newsletters", "show", "weekly", "--days", "1", "--json", "-c", moved.config).stdout)
    (day,) = found["days"]
    assert (found["readers"], day["day"], day["confirmed"], day["bounced"], day["total"]) == (2, "2024-08-10", 1, 0, 2)


def test_days_that_do_not_add_up_say_so_and_are_made_anew(moved: Publication) -> None:
    ledger = moved.ledger()
    with ledger.write() as connection:
        movements.record(connection, [("weekly", Movement.BOUNCED)], SATURDAY)
    ledger.close()
    assert "hairfeed newsletters recount weekly" in hairfeed("newsletters", "show", "-c", moved.config).stdout
    assert hairfeed("newsletters", "recount", "weekly", "-c", moved.config).stdout == "weekly: counted anew; 2 readers\n"
    assert "recount" not in hairfeed("newsletters", "show", "-c", moved.config).stdout


def test_a_newsletter_of_which_nothing_is_known_says_so(publication: Publication) -> None:
    publication.run()
    assert hairfeed("newsletters", "show", "-c", publication.config).stdout == "nothing has happened yet\n"
    assert hairfeed("newsletters", "show", "daily", "-c", publication.config).returncode == 1


def test_the_operator_sees_a_storm_and_lets_the_newsletter_go_on(moved: Publication) -> None:
    moved.run(FRIDAY)
    moved.page("swimming", date="13-8-2024")
    moved.run(NEXT_FRIDAY)
    ledger = moved.ledger()
    with ledger.write() as connection:
        row = {"issue_id": 1, "newsletter": "weekly", "at": NEXT_FRIDAY, "bounced": 30, "accepted": 200}
        connection.execute(insert(storms).values(row))
    ledger.close()
    said = "30 of 200 mails bounced or were complained about (15.0%)"
    assert f"storm weekly 1  {said}: hairfeed issues resume weekly 1" in hairfeed("status", "-c", moved.config).stdout
    assert said in hairfeed("issues", "show", "weekly", "1", "-c", moved.config).stdout
    assert hairfeed("issues", "resume", "weekly", "1", "-c", moved.config).stdout == "weekly 1: goes on with the next pass\n"
    assert "storm weekly" not in hairfeed("status", "-c", moved.config).stdout
    assert hairfeed("issues", "resume", "weekly", "1", "-c", moved.config).returncode == 1
