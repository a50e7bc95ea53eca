"""What of a status waits for a person."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hairfeed.models.issues import IssueState, Receipt
from hairfeed.models.reports import RunState
from hairfeed.operations.matters import Matter, matters
from hairfeed.operations.status import Draft, NextIssue, OpenIssue, Provider, Status
from hairfeed.store.overview import FailingSource, Run
from hairfeed.store.runs import RunningPass
from hairfeed.store.storms import Storm
from tests.conftest import FRIDAY

A_PASS = Run(1, FRIDAY, FRIDAY, FRIDAY, RunState.DONE, ())
RECEIPT = Receipt("weekly", 3, 10, 10, 0, 0, 0, 0)
STORM = Storm(7, "weekly", 3, FRIDAY, 4, 10)
WELL = Status(
    ledger="hairfeed.db",
    ledger_bytes=1,
    passes=[A_PASS],
    newsletters=[NextIssue("weekly", FRIDAY + timedelta(days=7), 10)],
    drafts=[],
    open_issues=[OpenIssue(IssueState.SENDING, RECEIPT)],
    providers=[Provider("smtp", 10, 10, 0.5, None)],
    waiting={"letters": 3},
    failing_sources=[],
    articles={},
    subscriptions={},
    suppressions=0,
    workers=0,
    queues=[],
    storms=[],
    running=None,
)
"""All as it should be."""


def test_where_all_is_well_nothing_waits() -> None:
    assert matters(WELL, FRIDAY + timedelta(hours=24)) == []


FAILED = Run(2, FRIDAY, FRIDAY, FRIDAY, RunState.FAILED, ("source lost: is away",))
KILLED = Run(3, FRIDAY, FRIDAY, None, RunState.RUNNING, ())
PAUSED = OpenIssue(IssueState.PAUSED, RECEIPT)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (
            replace(WELL, passes=[]),
            [Matter("No pass has been made yet", "let cron start 'hairfeed run', or keep 'hairfeed up' running")],
        ),
        (replace(WELL, passes=[FAILED, A_PASS]), [Matter("source lost: is away", "it is tried again by each pass")]),
        # A pass that is under way has found nothing yet: what the one before found still is so.
        (replace(WELL, passes=[KILLED, FAILED]), [Matter("source lost: is away", "it is tried again by each pass")]),
        (replace(WELL, passes=[A_PASS, FAILED]), []),
        # Once is enough.
        (
            replace(WELL, passes=[FAILED], failing_sources=[FailingSource("lost", 1, None)]),
            [Matter("source lost: is away", "it is tried again by each pass")],
        ),
        (
            replace(WELL, failing_sources=[FailingSource("lost", 2, None)]),
            [Matter("source lost: failed 2 times in a row", "mend it, then: hairfeed run --retry")],
        ),
        (replace(WELL, drafts=[Draft("weekly", 4)]), [Matter("weekly 4: waits for your approval", "hairfeed issues plan weekly")]),
        (replace(WELL, open_issues=[PAUSED]), [Matter("weekly 3: is paused", "hairfeed issues resume weekly 3")]),
        (
            replace(WELL, open_issues=[PAUSED], storms=[STORM]),
            [Matter(f"weekly 3: its newsletter is paused: {STORM}", "hairfeed issues resume weekly 3")],
        ),
        (
            replace(WELL, open_issues=[OpenIssue(IssueState.SENDING, replace(RECEIPT, accepted=9, unknown=1, in_doubt=1))]),
            [Matter("weekly 3: 1 mail is in doubt", "hairfeed deliveries list weekly 3")],
        ),
        (
            replace(WELL, providers=[Provider("smtp", 10, 10, 1, FRIDAY + timedelta(hours=2))]),
            [Matter("smtp: asked to be left alone until 2024-08-09 11:00 UTC", "hairfeed providers check")],
        ),
        (
            replace(WELL, newsletters=[NextIssue("weekly", None, 10)]),
            [Matter("weekly: its schedule is never due again", "give it another one in the config")],
        ),
    ],
)
def test_what_a_person_must_do_is_told_with_what_settles_it(status: Status, expected: list[Matter]) -> None:
    assert matters(status, FRIDAY + timedelta(hours=1)) == expected


def test_a_pass_that_hangs_is_told_once() -> None:
    hanging = RunningPass(3, "4711 on db1", FRIDAY, FRIDAY, hangs=True)
    (found,) = matters(replace(WELL, passes=[KILLED, A_PASS], running=hanging), FRIDAY + timedelta(hours=50))
    assert "4711 on db1" in found.what
    assert "kill -9" in found.do


def test_where_no_pass_begins_any_more_it_is_told_for_how_long() -> None:
    (found,) = matters(WELL, FRIDAY + timedelta(days=2, hours=3))
    assert found.what == "No pass has begun for 2 days"
