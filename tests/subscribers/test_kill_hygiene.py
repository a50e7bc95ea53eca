"""SIGKILL at every durable moment of working off what came in: doing it again writes to everybody once, and counts once."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from hairfeed.digest.confirmation import write_confirmation
from hairfeed.digest.greetings import write_greeting, write_question
from hairfeed.digest.operator_notices import write_notices
from hairfeed.models.events import EventKind, MailEvent
from hairfeed.store import events, movements
from hairfeed.store.database import Ledger
from hairfeed.store.schema.deliveries import letters, storms
from hairfeed.store.schema.subscribers import events as event_rows
from hairfeed.store.schema.subscribers import greetings, sign_ups, suppressions
from hairfeed.store.subscribers import all_subscriptions
from hairfeed.subscribers.stage import attend
from tests.conftest import NEXT_FRIDAY, Publication
from tests.subscribers.bounces import bounce
from tests.subscribers.imap_server import DOVECOT, MISSING, running
from tests.subscribers.mailbox import ANN, BEN, LATER, Box, first_issue
from tests.test_kill import in_a_child
from tests.web.readers import READER, Readers

NOW = NEXT_FRIDAY + timedelta(days=3)


def work_off(publication: Publication, now: datetime) -> None:
    """What a pass does of it, without sending anything."""
    ledger, settings = publication.ledger(), publication.settings
    attend(ledger, settings, now, write_confirmation, write_greeting, write_question)
    write_notices(ledger, settings, now)
    ledger.close()


def outcome(ledger: Ledger) -> dict[str, Any]:
    with ledger.read() as connection:
        days = movements.days(connection, "weekly", ZoneInfo("UTC"))
        found = {
            "letters": Counter((row.kind, row.email) for row in connection.execute(select(letters))),
            "waiting": [connection.execute(select(table)).all() for table in (sign_ups, greetings)],
            "suppressed": {row.email: row.reason for row in connection.execute(select(suppressions))},
            "states": {one.email: one.state for one in all_subscriptions(connection)},
            "events": Counter((row.kind, row.email) for row in connection.execute(select(event_rows))),
            "days": [(one.day, one.total, one.moved) for one in days],
        }
    ledger.close()
    return found


def killed_everywhere(again: Callable[[], Publication], now: datetime = NOW) -> dict[str, Any]:
    """Work off whole, then once for every moment in which that may die, each from what `again` gives; what comes of it."""
    publication = again()
    effects = in_a_child(lambda: work_off(publication, now))
    expected = outcome(publication.ledger())
    for moment in range(1, effects + 1):
        publication = again()
        for die_at in (moment, None):
            in_a_child(lambda: work_off(publication, now), die_at=die_at)  # noqa: B023 - it is done at once
        assert outcome(publication.ledger()) == expected, f"killed at effect {moment} of {effects}"
    return expected


def test_sign_ups_greetings_events_and_notices_are_worked_off_once(publication: Publication) -> None:
    publication.configure("[mail]", '[alerts]\nmail = "operator@hair.example.org"\n\n[mail]')
    publication.configure('schedule = "Fri 08:00"\n', 'schedule = "Fri 08:00"\nwelcome = true\n')
    publication.page("archive")
    readers = Readers(publication)
    readers.run()
    readers.sign_up()
    readers.run()
    readers.post(readers.confirm_link(), {"action": "confirm", "newsletter": "weekly"})
    publication.page("swimming", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    readers.post(readers.links().unsubscribe(readers.number(), "monthly"), {"action": "leave"})
    readers.join("bounced@example.net")
    readers.sign_up("new@example.net")
    with readers.ledger.write() as connection:
        storm = {"issue_id": 1, "newsletter": "weekly", "at": NEXT_FRIDAY, "bounced": 30, "accepted": 200}
        connection.execute(insert(storms).values(storm))
        events.keep(connection, [MailEvent("resend", "1", EventKind.HARD_BOUNCE, NEXT_FRIDAY, "bounced@example.net")], NEXT_FRIDAY)
    readers.close()
    numbers = count()
    found = killed_everywhere(lambda: publication.copied(publication.folder.with_name(f"copy{next(numbers)}")))
    assert found["waiting"] == [[], []]
    assert found["suppressed"] == {"bounced@example.net": "hard bounce, says resend"}
    mailed = {(kind, email): number for (kind, email), number in found["letters"].items() if kind != "confirmation"}
    assert mailed == {("welcome", READER): 1, ("notice", "operator@hair.example.org"): 1}
    assert found["letters"]["confirmation", "new@example.net"] == 1


@pytest.mark.skipif(DOVECOT is None, reason=MISSING)
def test_replies_and_bounces_are_worked_off_once(publication: Publication) -> None:
    with running() as server:
        first_issue(publication, server)
        numbers = count()

        def again() -> Publication:
            number = next(numbers)
            box = Box(publication.copied(publication.folder.with_name(f"copy{number}")), server, f"user{number}")
            box.write(*box.way_to_leave(ANN))
            server.deliver(box.user, bounce(mail=box.returned(BEN)), LATER)
            return box.publication

        found = killed_everywhere(again)
    assert found["states"][ANN] == "unsubscribed"
    assert found["suppressed"] == {BEN: "hard bounce, says mailbox"}
    assert found["events"] == {("hard bounce", BEN): 1}
    assert found["days"][-1][1] == 0
